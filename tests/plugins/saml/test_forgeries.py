"""Forged answers, each refused by the very check that is there for it."""

import base64
import copy
from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
from lxml import etree

from app.hookspecs import Arrival, Attempt, IdentityProvider, NotProven, Proven
from plugins.sso_saml.handler import SamlHandler
from tests.plugins.saml.company import OTHER_IDP, THE_IDP
from tests.plugins.saml.idp import (
    DS,
    NS,
    SAML,
    SAMLP,
    Idp,
    Saying,
    at,
    encrypted,
    find,
    packed,
)
from tests.plugins.saml.test_conformance import our_side

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OURS = our_side()
ASKED = "_request-0123456789"
ATTEMPT = Attempt("handle", ASKED, NOW)
HANDLER = SamlHandler()


def judge(raw, attempt=ATTEMPT, now=NOW, document=None, **more):
    """Let the handler judge an answer."""
    provider = IdentityProvider(
        OURS, document or THE_IDP.metadata(), more.pop("values", {}), **more
    )
    text = raw if isinstance(raw, str) else packed(raw)
    arrival = Arrival("POST", (("SAMLResponse", text), ("RelayState", "handle")))
    return HANDLER.complete(provider, attempt, arrival, now)


def says(**more):
    """What an honest answer says."""
    return Saying(OURS.answer_url, OURS.entity_id, more.pop("request_id", ASKED), **more)


def forged(idp=THE_IDP, **how):
    """An answer of the identity provider, changed."""
    words = {key: how.pop(key) for key in list(how) if key in Saying.__dataclass_fields__}
    return idp.answer(says(**words), NOW, **how)


def refused_by(raw, **more):
    """The name of the check that refuses it; those before it passed."""
    found = judge(raw, **more)
    assert isinstance(found, NotProven), found
    assert all(check.passed for check in found.checks[:-1])
    assert not found.checks[-1].passed
    return found.checks[-1].name


def set_to(path, name, value):
    """Change an attribute; None takes it away."""

    def change(root):
        element = find(root, path)
        if value is None:
            del element.attrib[name]
        else:
            element.set(name, value)

    return change


def without(path):
    """Take an element away."""

    def change(root):
        element = find(root, path)
        element.getparent().remove(element)

    return change


def doubled(path):
    """Let an element stand there twice."""

    def change(root):
        element = find(root, path)
        element.addnext(copy.deepcopy(element))

    return change


def text_is(path, text):
    """Change a text."""

    def change(root):
        find(root, path).text = text

    return change


A = ".//saml:Assertion"
DATA = f"{A}//saml:SubjectConfirmationData"
LATE, EARLY = at(NOW - timedelta(minutes=6)), at(NOW + timedelta(minutes=6))


def test_an_honest_answer_is_believed():
    found = judge(forged())
    assert isinstance(found, Proven), found
    assert (found.subject, found.email, found.name) == ("person-1", "ana@acme.test", "Ana Arden")
    assert found.session.startswith("_s")


@pytest.mark.parametrize("idp", [Idp(kind="ec"), THE_IDP], ids=["ec", "rsa"])
@pytest.mark.parametrize(
    ("whole", "assertion"), [(True, False), (True, True), (False, True)], ids=str
)
def test_each_way_to_sign_is_believed(idp, whole, assertion):
    raw = idp.answer(says(), NOW, whole=whole, assertion=assertion)
    assert isinstance(judge(raw, document=idp.metadata()), Proven)


@pytest.mark.parametrize(
    "cipher",
    [
        xmlsec.Transform.AES128,
        xmlsec.Transform.AES256,
        xmlsec.Transform.AES128_GCM,
        xmlsec.Transform.AES256_GCM,
    ],
    ids=lambda each: each.name,
)
def test_encrypted_assertions_are_opened(cipher):
    raw = encrypted(forged(), OURS.certificate, cipher)
    assert isinstance(judge(raw, values={"require_encrypted": True}), Proven)


# What is changed before the identity provider signs: it says so itself, and is not believed.
SAID = {
    "version": (set_to(".", "Version", "1.1"), "version"),
    "status": (set_to(".//samlp:StatusCode", "Value", f"{SAMLP}:x"), "status"),
    "no status": (without(".//samlp:Status"), "status"),
    "two status codes": (doubled(".//samlp:StatusCode"), "status"),
    "no assertion": (without(A), "signed_nothing"),
    "response of another": (text_is("./saml:Issuer", "https://x.test"), "response_issuer"),
    "no destination": (set_to(".", "Destination", None), "destination"),
    "empty destination": (set_to(".", "Destination", ""), "destination"),
    "longer destination": (set_to(".", "Destination", OURS.answer_url + "/x"), "destination"),
    "destination with query": (set_to(".", "Destination", OURS.answer_url + "?x"), "destination"),
    "other host": (set_to(".", "Destination", "https://evil.test/sso/abc/acs"), "destination"),
    "response not asked for": (set_to(".", "InResponseTo", None), "response_request"),
    "response to another": (set_to(".", "InResponseTo", "_other"), "response_request"),
    "assertion version": (set_to(A, "Version", "1.1"), "assertion"),
    "assertion of another": (text_is(f"{A}/saml:Issuer", "https://x.test"), "issuer"),
    "assertion of two": (doubled(f"{A}/saml:Issuer"), "issuer"),
    "issued at no time": (set_to(A, "IssueInstant", None), "issued"),
    "issued at a strange time": (set_to(A, "IssueInstant", "yesterday"), "issued"),
    "issued without a zone": (set_to(A, "IssueInstant", "2026-03-02T09:30:00"), "issued"),
    "issued in the future": (set_to(A, "IssueInstant", EARLY), "issued"),
    "no subject": (without(f"{A}/saml:Subject"), "name_id"),
    "two subjects": (doubled(f"{A}/saml:Subject"), "name_id"),
    "no name": (without(f"{A}//saml:NameID"), "name_id"),
    "two names": (doubled(f"{A}//saml:NameID"), "name_id"),
    "empty name": (text_is(f"{A}//saml:NameID", " "), "name_id"),
    "long name": (text_is(f"{A}//saml:NameID", "x" * 256), "name_id"),
    "name with a blank": (text_is(f"{A}//saml:NameID", "person-1 "), "name_id"),
    "name that changes": (
        set_to(f"{A}//saml:NameID", "Format", SAML.replace("assertion", "nameid-format:transient")),
        "name_id_format",
    ),
    "name for another": (
        set_to(f"{A}//saml:NameID", "SPNameQualifier", "https://x.test"),
        "name_id_qualifier",
    ),
    "no confirmation": (without(f"{A}//saml:SubjectConfirmation"), "confirmation"),
    "two confirmations": (doubled(f"{A}//saml:SubjectConfirmation"), "confirmation"),
    "other confirmation": (
        set_to(f"{A}//saml:SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:sender"),
        "confirmation",
    ),
    "no confirmation data": (without(DATA), "confirmation"),
    "no recipient": (set_to(DATA, "Recipient", None), "recipient"),
    "longer recipient": (set_to(DATA, "Recipient", OURS.answer_url + "x"), "recipient"),
    "recipient that contains ours": (
        set_to(DATA, "Recipient", "https://evil.test/?" + OURS.answer_url),
        "recipient",
    ),
    "assertion not asked for": (set_to(DATA, "InResponseTo", None), "in_response_to"),
    "assertion for another request": (set_to(DATA, "InResponseTo", "_x"), "in_response_to"),
    "confirmation without end": (set_to(DATA, "NotOnOrAfter", None), "confirmation_ends"),
    "confirmation that ended": (set_to(DATA, "NotOnOrAfter", LATE), "confirmation_ends"),
    "confirmation to come": (set_to(DATA, "NotBefore", EARLY), "confirmation_begins"),
    "no conditions": (without(f"{A}/saml:Conditions"), "conditions"),
    "two conditions": (doubled(f"{A}/saml:Conditions"), "conditions"),
    "conditions without end": (set_to(f"{A}/saml:Conditions", "NotOnOrAfter", None), "ends"),
    "conditions that ended": (set_to(f"{A}/saml:Conditions", "NotOnOrAfter", LATE), "ends"),
    "end that is no time": (set_to(f"{A}/saml:Conditions", "NotOnOrAfter", "x"), "ends"),
    "conditions to come": (set_to(f"{A}/saml:Conditions", "NotBefore", EARLY), "begins"),
    "no audience": (without(f"{A}//saml:AudienceRestriction"), "audience"),
    "empty restriction": (without(f"{A}//saml:Audience"), "audience"),
    "two restrictions": (doubled(f"{A}//saml:AudienceRestriction"), "audience"),
    "two audiences": (doubled(f"{A}//saml:Audience"), "audience"),
    "other audience": (text_is(f"{A}//saml:Audience", "https://x.test"), "audience"),
    "longer audience": (text_is(f"{A}//saml:Audience", OURS.entity_id + "/x"), "audience"),
    "no authentication": (without(f"{A}/saml:AuthnStatement"), "authentication"),
    "two authentications": (doubled(f"{A}/saml:AuthnStatement"), "authentication"),
    "authentication to come": (
        set_to(f"{A}/saml:AuthnStatement", "AuthnInstant", EARLY),
        "authentication",
    ),
    "session that ended": (
        set_to(f"{A}/saml:AuthnStatement", "SessionNotOnOrAfter", LATE),
        "session_ends",
    ),
    "no e-mail": (without(f"{A}//saml:Attribute[@Name='email']"), "one_email"),
    "two e-mails": (
        doubled(f"{A}//saml:Attribute[@Name='email']/saml:AttributeValue"),
        "one_email",
    ),
    "e-mail attribute twice": (doubled(f"{A}//saml:Attribute[@Name='email']"), "one_email"),
}
SAID.pop("no assertion")


@pytest.mark.parametrize("name", SAID)
def test_what_it_says_is_checked(name):
    change, check = SAID[name]
    assert refused_by(forged(before=change)) == check


def test_two_attributes_that_are_e_mails_must_agree():
    assert refused_by(forged(attributes={"mail": ["other@acme.test"]})) == "one_email"
    assert isinstance(judge(forged(attributes={"mail": ["Ana@acme.test"]})), Proven)


@pytest.mark.parametrize(
    "email", ["ana", "@acme.test", "ana@", "ana b@acme.test", "a" * 300 + "@x"]
)
def test_an_e_mail_address_looks_like_one(email):
    assert refused_by(forged(email=email)) == "email"


def test_a_life_is_short():
    assert refused_by(forged(life=timedelta(days=2))) == "lifetime"


@pytest.mark.parametrize(
    ("skew", "seconds", "holds"), [(60, 50, True), (60, 70, False), (0, 1, False)]
)
def test_clocks_differ_by_so_much_and_no_more(skew, seconds, holds):
    late = NOW + timedelta(minutes=5, seconds=seconds)
    found = judge(forged(), now=late, values={"clock_skew_seconds": skew})
    assert isinstance(found, Proven) is holds
    early = NOW - timedelta(seconds=seconds)
    found = judge(forged(), now=early, values={"clock_skew_seconds": skew})
    assert isinstance(found, Proven) is holds


def test_skew_has_a_bound_whatever_is_set():
    late = NOW + timedelta(minutes=11)
    assert (
        refused_by(forged(), now=late, values={"clock_skew_seconds": 99_999}) == "confirmation_ends"
    )


def test_unsolicited_answers():
    raw = forged(request_id=None)
    assert refused_by(raw, attempt=None) == "begun_here"
    assert isinstance(judge(raw, attempt=None, unsolicited=True), Proven)
    assert refused_by(raw) == "response_request"
    assert refused_by(forged(), attempt=None, unsolicited=True) == "response_request"
    stripped = forged(after=set_to(".", "InResponseTo", None))
    assert refused_by(stripped, attempt=None, unsolicited=True) == "in_response_to"


# Signatures: who signed, what, and how.


def test_an_answer_that_nobody_signed():
    assert refused_by(forged(assertion=False)) == "signed"


def test_an_answer_that_another_signed():
    assert refused_by(OTHER_IDP.answer(says(), NOW)) == "signature"


def test_the_key_within_the_answer_is_not_believed():
    """Key confusion: it is signed well, by the key that it brings along."""
    other = Idp(THE_IDP.entity_id)
    assert refused_by(other.answer(says(), NOW)) == "signature"
    assert refused_by(other.answer(says(), NOW, whole=True, assertion=False)) == "signature"


def test_one_of_two_signatures_is_by_another():
    def sign_whole(root):
        OTHER_IDP.sign(root)

    assert refused_by(forged(after=sign_whole)) == "signature"


@pytest.mark.parametrize("whole", [False, True])
def test_a_changed_answer(whole):
    path = f"{A}//saml:Attribute[@Name='email']/saml:AttributeValue"
    change = text_is(path, "eve@acme.test")
    assert refused_by(forged(after=change, whole=whole, assertion=not whole)) == "digest"


def test_a_changed_signature_value():
    def change(root):
        value = find(root, ".//ds:SignatureValue")
        value.text = base64.b64encode(bytes(256)).decode()

    assert refused_by(forged(after=change)) == "signature"


def test_a_signature_value_that_is_none():
    change = text_is(".//ds:SignatureValue", "not base64!")
    assert refused_by(forged(after=change)) == "signature_shape"


@pytest.mark.parametrize(
    "method", [xmlsec.Transform.RSA_SHA1, xmlsec.Transform.RSA_SHA224], ids=lambda each: each.name
)
def test_weak_signature_algorithms(method):
    assert refused_by(forged(method=method)) == "signature_algorithm"


@pytest.mark.parametrize(
    "digest", [xmlsec.Transform.SHA1, xmlsec.Transform.SHA224], ids=lambda each: each.name
)
def test_weak_digests(digest):
    assert refused_by(forged(digest=digest)) == "digest_algorithm"


def test_a_public_key_is_no_shared_secret():
    """Key confusion: HMAC with the certificate, which everybody knows, as its secret."""

    def change(root):
        method = find(root, ".//ds:SignatureMethod")
        method.set("Algorithm", f"{DS}hmac-sha1")

    assert refused_by(forged(after=change)) == "signature_algorithm"


def test_a_key_of_another_kind():
    """The metadata has an RSA key; the answer is signed with an elliptic curve."""
    ec = Idp(THE_IDP.entity_id, kind="ec")
    assert refused_by(ec.answer(says(), NOW)) == "signature"


@pytest.mark.parametrize(
    "transforms",
    [
        (xmlsec.Transform.ENVELOPED,),
        (xmlsec.Transform.EXCL_C14N,),
        (xmlsec.Transform.ENVELOPED, xmlsec.Transform.C14N),
        (xmlsec.Transform.ENVELOPED, xmlsec.Transform.EXCL_C14N_COMMENTS),
        (xmlsec.Transform.EXCL_C14N, xmlsec.Transform.ENVELOPED),
    ],
    ids=lambda each: "+".join(one.name for one in each),
)
def test_other_transforms(transforms):
    if transforms[0] is xmlsec.Transform.ENVELOPED:
        raw = forged(transforms=transforms)
    else:
        raw = forged(after=only_transforms(transforms))
    assert refused_by(raw) == "transforms"


def only_transforms(transforms):
    """Leave only these, whatever that does to the signature."""

    def change(root):
        holder = find(root, ".//ds:Transforms")
        holder[:] = []
        for each in transforms:
            etree.SubElement(holder, f"{{{DS}}}Transform", Algorithm=each.href)

    return change


@pytest.mark.parametrize("uri", ["http://www.w3.org/TR/1999/REC-xslt-19991116", "urn:x", None])
def test_transforms_that_compute(uri):
    def change(root):
        find(root, ".//ds:Transforms").append(
            etree.Element(f"{{{DS}}}Transform", {"Algorithm": uri} if uri else {})
        )

    assert refused_by(forged(after=change)) == "transforms"


def test_another_canonicalization():
    assert refused_by(forged(canonical=xmlsec.Transform.C14N)) == "canonicalization"


def test_two_references():
    assert refused_by(forged(after=doubled(".//ds:Reference"))) == "reference"


@pytest.mark.parametrize("uri", ["", "#other", "https://x.test/a.xml", "#xpointer(/)"])
def test_a_reference_to_something_else(uri):
    change = set_to(".//ds:Reference", "URI", uri)
    assert refused_by(forged(after=change)) == "reference"


def test_a_reference_to_nothing():
    assert refused_by(forged(after=set_to(".//ds:Reference", "URI", None))) == "reference"


def test_a_reference_to_an_element_without_an_id():
    assert refused_by(forged(after=set_to(A, "ID", None))) == "reference"


def test_objects_in_a_signature():
    def change(root):
        etree.SubElement(find(root, ".//ds:Signature"), f"{{{DS}}}Object")

    assert refused_by(forged(after=change)) == "signature_shape"


def test_two_signatures():
    assert refused_by(forged(after=doubled(".//ds:Signature"))) == "signature_place"


# Signature wrapping: the signed assertion is there, and another one beside it is to be read.


def evil_twin(root, own_id="_evil"):
    """The assertion of another person, unsigned."""
    evil = copy.deepcopy(find(root, "./saml:Assertion"))
    evil.set("ID", own_id)
    for signature in evil.findall(f"{{{DS}}}Signature"):
        evil.remove(signature)
    find(evil, ".//saml:NameID").text = "admin"
    find(evil, ".//saml:Attribute[@Name='email']/saml:AttributeValue").text = "eve@acme.test"
    return evil


def wrap_before(root):
    """XSW: the evil one comes first."""
    find(root, "./saml:Assertion").addprevious(evil_twin(root))


def wrap_after(root):
    """XSW: the evil one comes last."""
    root.append(evil_twin(root))


def wrap_in_evil(root):
    """XSW: the signed one hides in the evil one."""
    good, evil = find(root, "./saml:Assertion"), evil_twin(root)
    good.addprevious(evil)
    evil.append(good)


def wrap_in_signature(root):
    """XSW: the evil one holds the signature, whose object holds what it signs."""
    good, evil = find(root, "./saml:Assertion"), evil_twin(root)
    signature = find(good, "./ds:Signature")
    good.addprevious(evil)
    holder = etree.SubElement(signature, f"{{{DS}}}Object")
    evil.insert(1, signature)
    holder.append(good)


def wrap_in_extensions(root):
    """XSW: the signed one hides in the extensions of the response."""
    good, evil = find(root, "./saml:Assertion"), evil_twin(root)
    holder = etree.Element(f"{{{SAMLP}}}Extensions")
    find(root, "./saml:Issuer").addnext(holder)
    good.addprevious(evil)
    holder.append(good)


def wrap_in_response(root):
    """XSW: a whole good response hides in the evil one."""
    good = copy.deepcopy(root)
    assertion = find(root, "./saml:Assertion")
    evil = evil_twin(root)
    root.replace(assertion, evil)
    root.set("ID", "_evil-response")
    holder = etree.Element(f"{{{SAMLP}}}Extensions")
    find(root, "./saml:Issuer").addnext(holder)
    holder.append(good)


def wrap_in_encrypted(root):
    """XSW: the signed one hides where an encrypted one would be."""
    good, evil = find(root, "./saml:Assertion"), evil_twin(root)
    holder = etree.Element(f"{{{SAML}}}EncryptedAssertion")
    good.addprevious(evil)
    evil.addnext(holder)
    holder.append(good)


WRAPPED = [
    wrap_before,
    wrap_after,
    wrap_in_evil,
    wrap_in_signature,
    wrap_in_extensions,
    wrap_in_response,
    wrap_in_encrypted,
]


@pytest.mark.parametrize("wrap", WRAPPED)
def test_signature_wrapping(wrap):
    assert refused_by(forged(after=wrap)) == "one_assertion"


@pytest.mark.parametrize("wrap", WRAPPED)
def test_signature_wrapping_of_the_whole(wrap):
    """What is wrapped in a response that is signed itself is changed, or stands elsewhere."""
    check = refused_by(forged(after=wrap, whole=True))
    assert check == ("reference" if wrap is wrap_in_response else "digest")


@pytest.mark.parametrize("whole", [False, True])
def test_two_elements_with_one_id(whole):
    def change(root):
        good = find(root, "./saml:Assertion")
        good.addprevious(evil_twin(root, good.get("ID")))

    assert refused_by(forged(after=change, whole=whole)) == "ids"


@pytest.mark.parametrize("name", ["Id", "id", "{http://www.w3.org/XML/1998/namespace}id"])
def test_ids_by_another_spelling(name):
    def change(root):
        find(root, ".//samlp:Status").set(name, find(root, "./saml:Assertion").get("ID"))

    assert refused_by(forged(after=change)) == "ids"


def test_the_signature_stands_elsewhere():
    def change(root):
        find(root, ".//samlp:Status").append(find(root, ".//ds:Signature"))

    assert refused_by(forged(after=change)) == "signature_place"


# Texts that are read otherwise than they are signed.


def raw_change(old, new, **how):
    """Change the spelled answer."""
    spelled = forged(**how)
    assert old in spelled
    return spelled.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">ana@acme.test<", b">ana@acme.test<!-- x -->.evil.test<"),
        (b">person-1<", b">person<!---->-1<"),
        (b"<saml:Issuer>", b"<!-- x --><saml:Issuer>"),
        (b">person-1<", b">person-1<?x y?><"),
    ],
)
def test_comments_and_instructions(old, new):
    assert refused_by(raw_change(old, new)) == "comments"


def test_a_comment_that_was_signed_over():
    """The identity provider signed `ana@acme.test.evil.test`; a comment splits it afterwards."""
    spelled = forged(email="ana@acme.test.evil.test")
    split = spelled.replace(b"ana@acme.test.evil", b"ana@acme.test<!---->.evil")
    assert refused_by(split) == "comments"


def test_a_comment_in_an_encrypted_assertion():
    spelled = raw_change(b">person-1<", b">person<!---->-1<")
    raw = encrypted(spelled, OURS.certificate)
    assert refused_by(raw) == "comments"


def test_an_element_within_a_value():
    def change(root):
        value = find(root, f"{A}//saml:Attribute[@Name='email']/saml:AttributeValue")
        etree.SubElement(value, "x").tail = ".evil.test"

    assert refused_by(forged(before=change)) == "attributes"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE r [<!ENTITY e "ha"><!ENTITY f "&e;&e;&e;&e;">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">',
        "<!DOCTYPE r>",
    ],
)
def test_document_types(dtd, encoding):
    text = forged().decode()
    spelled = f'<?xml version="1.0" encoding="{encoding}"?>{dtd}{text}'.encode(encoding)
    assert refused_by(spelled) == "dtd"


def test_entities_that_explode():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    raw = f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]><r>&l9;</r>'.encode("utf-16")
    assert refused_by(raw) in ("dtd", "xml")


# Encryption.


def test_what_is_encrypted_for_another():
    other = our_side()
    assert refused_by(encrypted(forged(), other.certificate)) == "decryption"


def test_what_is_encrypted_and_not_signed():
    assert refused_by(encrypted(forged(assertion=False), OURS.certificate)) == "signed"


def test_what_should_be_encrypted():
    assert refused_by(forged(), values={"require_encrypted": True}) == "encrypted"


@pytest.mark.parametrize(
    ("cipher", "transport"),
    [
        (xmlsec.Transform.DES3, xmlsec.Transform.RSA_OAEP),
        (xmlsec.Transform.AES256, xmlsec.Transform.RSA_PKCS1),
    ],
    ids=["triple DES", "RSA 1.5"],
)
def test_broken_encryption(cipher, transport):
    raw = encrypted(forged(), OURS.certificate, cipher, transport)
    assert refused_by(raw) == "encryption"


@pytest.mark.parametrize("whole", [False, True])
def test_an_encrypted_assertion_has_prefixes_of_its_own(whole):
    """Some write a namespace by one prefix around and by another within."""
    spelled = THE_IDP.tree(says(), NOW)
    around, inner = etree.tostring(spelled).split(b"<saml:Assertion", 1)
    inner, rest = inner.split(b"</saml:Assertion>")
    inner = inner.replace(b"<saml:", b"<").replace(b"</saml:", b"</")
    root = etree.fromstring(
        around + f'<Assertion xmlns="{SAML}"'.encode() + inner + b"</Assertion>" + rest
    )
    THE_IDP.sign(find(root, "./saml:Assertion"))
    root = etree.fromstring(encrypted(etree.tostring(root), OURS.certificate))
    if whole:
        THE_IDP.sign(root)
    found = judge(etree.tostring(root))
    assert isinstance(found, Proven), found


def test_triple_des_is_read_for_who_has_to():
    raw = encrypted(forged(), OURS.certificate, xmlsec.Transform.DES3)
    assert isinstance(judge(raw, values={"accept_triple_des": True}), Proven)
    unsigned = encrypted(forged(assertion=False), OURS.certificate, xmlsec.Transform.DES3)
    assert refused_by(unsigned, values={"accept_triple_des": True}) == "signed"


def test_a_changed_ciphertext():
    root = etree.fromstring(encrypted(forged(), OURS.certificate))
    value = root.findall(".//{http://www.w3.org/2001/04/xmlenc#}CipherValue")[-1]
    packed_value = bytearray(base64.b64decode(value.text))
    packed_value[-1] ^= 1
    value.text = base64.b64encode(packed_value).decode()
    assert refused_by(etree.tostring(root)) == "decryption"


def test_two_encrypted_assertions():
    root = etree.fromstring(encrypted(forged(), OURS.certificate))
    root.append(copy.deepcopy(root.find(f"{{{SAML}}}EncryptedAssertion")))
    assert refused_by(etree.tostring(root)) == "one_assertion"


def test_an_encrypted_one_beside_a_plain_one():
    root = etree.fromstring(encrypted(forged(), OURS.certificate))
    root.append(find(etree.fromstring(forged()), "./saml:Assertion"))
    assert refused_by(etree.tostring(root)) == "one_assertion"


# What makes python3-saml raise, and other input that is no answer at all.

STRANGE = {
    "nothing": ("", "base64"),
    "no base64": ("%%%", "base64"),
    "padding alone": ("====", "base64"),
    "letters of another script": ("ä", "base64"),
    "binary": (packed(bytes(range(256))), "xml"),
    "text": (packed(b"hello"), "xml"),
    "half": (packed(forged()[:500]), "xml"),
    "nul": (packed(b"<a>\x00</a>"), "xml"),
    "undeclared prefix": (packed(b"<samlp:Response/>"), "xml"),
    "wrong encoding": (packed(b'<?xml version="1.0" encoding="x-none"?><a/>'), "xml"),
    "another root": (packed(b"<a/>"), "response"),
    "a request": (packed(f'<samlp:AuthnRequest xmlns:samlp="{SAMLP}"/>'.encode()), "response"),
    "an empty response": (
        packed(f'<samlp:Response xmlns:samlp="{SAMLP}"/>'.encode()),
        "one_assertion",
    ),
    "many elements": (packed(b"<a>" + b"<b/>" * 6000 + b"</a>"), "size"),
    "deep": (packed(b"<a>" * 200 + b"</a>" * 200), "size"),
    "very deep": (packed(b"<a>" * 20_000 + b"</a>" * 20_000), "xml"),
    "large": ("A" * 2_000_000, "size"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_input_is_refused_and_raises_nothing(name):
    text, check = STRANGE[name]
    assert refused_by(text) == check


def taken_out(raw, path):
    """Take an element out, whatever that does to the rest."""
    root = etree.fromstring(raw)
    for element in root.xpath(path, namespaces=NS | {"xenc": "http://www.w3.org/2001/04/xmlenc#"}):
        element.getparent().remove(element)
    return etree.tostring(root)


@pytest.mark.parametrize(
    "path",
    [
        ".//samlp:Status",
        ".//samlp:StatusCode",
        ".//ds:SignedInfo",
        ".//ds:SignatureMethod",
        ".//ds:CanonicalizationMethod",
        ".//ds:Reference",
        ".//ds:Transforms",
        ".//ds:DigestMethod",
        ".//ds:DigestValue",
        ".//ds:SignatureValue",
        ".//ds:KeyInfo",
        ".//saml:Assertion",
        ".//saml:Assertion/saml:Issuer",
        ".//saml:AttributeStatement",
    ],
)
def test_no_part_that_is_missing_raises(path):
    found = judge(taken_out(forged(), path))
    if path == ".//ds:KeyInfo":
        assert isinstance(found, Proven)
        return
    assert isinstance(found, NotProven)
    assert found.checks[-1].name != "readable"


@pytest.mark.parametrize(
    "path",
    [
        ".//ds:KeyInfo",
        ".//xenc:EncryptedKey",
        ".//xenc:EncryptedData",
        ".//xenc:CipherData",
        ".//xenc:CipherValue",
        ".//xenc:EncryptionMethod",
    ],
)
def test_no_part_of_an_encryption_that_is_missing_raises(path):
    found = judge(taken_out(encrypted(forged(), OURS.certificate), path))
    assert isinstance(found, NotProven)
    assert found.checks[-1].name in ("encryption", "decryption")


@pytest.mark.parametrize(
    "attribute", ["ID", "Version", "IssueInstant", "Value", "Algorithm", "URI"]
)
def test_no_attribute_that_is_missing_raises(attribute):
    def change(root):
        for element in root.iter():
            element.attrib.pop(attribute, None)

    found = judge(forged(after=change))
    assert isinstance(found, NotProven)
    assert found.checks[-1].name != "readable"


def test_python3_saml_has_its_say(monkeypatch):
    """Its opinion is asked last: what it refuses is refused, whatever ours found."""
    from onelogin.saml2.response import OneLogin_Saml2_Response

    monkeypatch.setattr(OneLogin_Saml2_Response, "is_valid", lambda *_: False)
    assert refused_by(forged()) == "library"
