"""What we send is signed, and what ends sessions is signed by the other side."""

import base64
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from app.hookspecs import (
    Arrival,
    Attempt,
    IdentityProvider,
    NotProven,
    PostForm,
    Redirect,
    SignedOn,
    SignedOut,
    SignOut,
)
from plugins.sso_saml.handler import SamlHandler
from tests.plugins.saml.company import OTHER_IDP, THE_IDP
from tests.plugins.saml.idp import SAML, SAMLP, packed, request_in
from tests.plugins.saml.test_conformance import our_side

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OURS, HANDLER = our_side(), SamlHandler()
ATTEMPT = Attempt("the handle&=", "_request-1", NOW)
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def provider(**values):
    """The identity provider as it is set up."""
    bindings = values.pop("bindings", ("Redirect", "POST"))
    return IdentityProvider(OURS, THE_IDP.metadata(bindings=bindings), values)


def require_our_signature(url):
    """Verify the signature over the query, letter by letter."""
    signed, _, signature = urlsplit(url).query.partition("&Signature=")
    key = x509.load_pem_x509_certificate(OURS.certificate.encode()).public_key()
    value = base64.b64decode(parse_qs(f"s={signature}")["s"][0])
    key.verify(value, signed.encode(), padding.PKCS1v15(), SHA256())


def test_a_request_is_signed_and_says_what_is_asked():
    sent = HANDLER.begin(provider(), ATTEMPT)
    assert isinstance(sent, Redirect)
    require_our_signature(sent.url)
    query = parse_qs(urlsplit(sent.url).query)
    assert (query["RelayState"], query["SigAlg"]) == (["the handle&="], [RSA_SHA256])
    asked = request_in(sent.url)
    assert (asked.get("ID"), asked.get("Destination")) == ("_request-1", THE_IDP.url)
    assert asked.get("AssertionConsumerServiceURL") == OURS.answer_url
    assert asked.findtext(f"{{{SAML}}}Issuer") == OURS.entity_id
    assert asked.find(f"{{{SAMLP}}}NameIDPolicy").get("Format").endswith(":persistent")
    assert asked.get("ForceAuthn") is None


def test_a_request_may_ask_for_a_fresh_proof_and_another_name():
    again = Attempt("h", "_r", NOW, again=True)
    form = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    asked = request_in(HANDLER.begin(provider(name_id_format=form), again).url)
    assert asked.get("ForceAuthn") == "true"
    assert asked.find(f"{{{SAMLP}}}NameIDPolicy").get("Format") == form


def test_a_request_by_form_is_signed_within():
    sent = HANDLER.begin(provider(bindings=("POST",)), ATTEMPT)
    assert isinstance(sent, PostForm)
    assert sent.fields["RelayState"] == ATTEMPT.handle
    spelled = base64.b64decode(sent.fields["SAMLRequest"])
    xpath = "/samlp:AuthnRequest/ds:Signature"
    assert OneLogin_Saml2_Utils.validate_sign(spelled, OURS.certificate, xpath=xpath)


def test_an_address_with_a_query_keeps_it():
    idp_url, THE_IDP.url = THE_IDP.url, "https://idp.example/sso?tenant=a&amp;x=1"
    try:
        sent = HANDLER.begin(provider(), ATTEMPT)
    finally:
        THE_IDP.url = idp_url
    assert sent.url.startswith("https://idp.example/sso?tenant=a&x=1&SAMLRequest=")
    assert request_in(sent.url).get("Destination") == "https://idp.example/sso?tenant=a&x=1"


def test_our_metadata_can_be_read_by_others():
    from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser  # noqa: F401
    from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

    told = HANDLER.publish(OURS)
    found = OneLogin_Saml2_XML.validate_xml(told.document, "saml-schema-metadata-2.0.xsd")
    assert not isinstance(found, str), found
    assert OURS.answer_url.encode() in told.document
    assert told.media_type == "application/samlmetadata+xml"


SIGNED_ON = SignedOn("person-1", "_s1", {"Format": "urn:x", "NameQualifier": "n"})


def test_signing_out_here_tells_the_other_side_if_that_was_chosen():
    assert HANDLER.begin_sign_out(provider(), SIGNED_ON, ATTEMPT) is None
    sent = HANDLER.begin_sign_out(provider(tell_sign_out=True), SIGNED_ON, ATTEMPT)
    require_our_signature(sent.url)
    asked = request_in(sent.url)
    assert asked.get("Destination") == f"{THE_IDP.url}/out"
    name = asked.find(f"{{{SAML}}}NameID")
    assert (name.text, dict(name.attrib)) == ("person-1", dict(SIGNED_ON.kept))
    assert asked.findtext(f"{{{SAMLP}}}SessionIndex") == "_s1"


# What arrives.


def by_query(message, idp=THE_IDP, algorithm=RSA_SHA256, name="SAMLRequest", state="rs"):
    """A message as the redirect binding carries it, signed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    spelled = packer.compress(etree.tostring(message)) + packer.flush()
    query = f"{name}={quote_plus(base64.b64encode(spelled).decode())}"
    query += f"&RelayState={state}" if state else ""
    query += f"&SigAlg={quote_plus(algorithm)}"
    key = load_pem_private_key(idp.private.encode(), None)
    signature = key.sign(query.encode(), padding.PKCS1v15(), SHA256())
    return f"{query}&Signature={quote_plus(base64.b64encode(signature).decode())}"


def arrived(query):
    """What the browser brings with that query."""
    fields = parse_qs(query, keep_blank_values=True)
    return Arrival("GET", tuple((k, v) for k, vs in fields.items() for v in vs), query)


def judge(arrival, now=NOW):
    """Let the handler judge it."""
    return HANDLER.read_sign_out(provider(), arrival, now)


def message(**more):
    """A request to sign out."""
    spelled = THE_IDP.logout(more.pop("to", OURS.logout_url), "person-1", NOW, more.pop("s", "_s1"))
    for name, value in more.items():
        spelled.set(name, value)
    return spelled


def test_a_signed_query_ends_sessions_and_is_answered():
    found = judge(arrived(by_query(message())))
    assert isinstance(found, SignOut), found
    assert (found.subject, found.sessions) == ("person-1", ("_s1",))
    require_our_signature(found.onward.url)
    query = parse_qs(urlsplit(found.onward.url).query)
    answer = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLResponse"][0]), -15))
    assert (query["RelayState"], answer.get("Destination")) == (["rs"], f"{THE_IDP.url}/out")


def test_a_signed_form_ends_all_sessions_if_none_is_named():
    spelled = message(s=None)
    THE_IDP.sign(spelled)
    found = judge(Arrival("POST", (("SAMLRequest", packed(etree.tostring(spelled))),)))
    assert isinstance(found, SignOut), found
    assert found.sessions == ()


def test_an_answer_to_ours_is_read():
    answer = etree.fromstring(
        f"""<samlp:LogoutResponse xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_1" Version="2.0"
 IssueInstant="2026-03-02T09:30:00Z" Destination="{OURS.logout_url}"><saml:Issuer>{
            THE_IDP.entity_id
        }</saml:Issuer></samlp:LogoutResponse>"""
    )
    assert isinstance(judge(arrived(by_query(answer, name="SAMLResponse"))), SignedOut)


def bad_queries():
    """Queries, each with the check that must refuse it."""
    good = by_query(message())
    unsigned = good.partition("&SigAlg")[0]
    yield "unsigned", unsigned, "signed"
    yield "no signature", good.partition("&Signature")[0], "signed"
    yield "by another", by_query(message(), OTHER_IDP), "signature"
    yield "other state", good.replace("RelayState=rs", "RelayState=other"), "signature"
    yield "state taken out", good.replace("&RelayState=rs", ""), "signature"
    yield "twice", f"{good}&RelayState=x", "message"
    sha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    yield "weak", by_query(message(), algorithm=sha1), "signature_algorithm"
    yield "no base64", good.partition("&Signature=")[0] + "&Signature=%25%25", "signature_shape"
    yield "elsewhere", by_query(message(to=OURS.logout_url + "/x")), "destination"
    yield "nowhere", by_query(message(Destination="")), "destination"
    yield "old", by_query(message(IssueInstant="2026-03-02T09:00:00Z")), "issued"
    yield "to come", by_query(message(IssueInstant="2026-03-02T10:00:00Z")), "issued"
    yield "over", by_query(message(NotOnOrAfter="2026-03-02T09:20:00Z")), "ends"
    yield "a bomb", "SAMLRequest=" + quote_plus(bomb()), "size"
    yield "not packed", "SAMLRequest=" + quote_plus(packed(b"<a/>")), "xml"


def bomb():
    """Ten megabytes of nothing, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(b" " * 10_000_000) + packer.flush()).decode()


BAD = list(bad_queries())


@pytest.mark.parametrize(("query", "check"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_a_bad_query_ends_nothing(query, check):
    found = judge(arrived(query))
    assert isinstance(found, NotProven)
    assert found.checks[-1].name == check


def test_a_form_without_signature_ends_nothing():
    found = judge(Arrival("POST", (("SAMLRequest", packed(etree.tostring(message()))),)))
    assert found.checks[-1].name == "signed"


def test_another_s_form_ends_nothing():
    spelled = message()
    OTHER_IDP.sign(spelled)
    found = judge(Arrival("POST", (("SAMLRequest", packed(etree.tostring(spelled))),)))
    assert found.checks[-1].name == "signature"


def test_a_sign_in_answer_is_no_sign_out():
    from tests.plugins.saml.idp import Saying

    raw = THE_IDP.answer(Saying(OURS.logout_url, OURS.entity_id, None), NOW, whole=True)
    found = judge(Arrival("POST", (("SAMLResponse", packed(raw)),)))
    assert found.checks[-1].name == "message"


def test_a_sign_out_is_good_for_minutes():
    query = by_query(message())
    late = NOW + timedelta(minutes=11)
    assert judge(arrived(query), late).checks[-1].name == "issued"
    once = judge(arrived(query)).once[0]
    assert once.until > late
