"""Metadata: theirs, read into what is needed of it; ours, written for them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from app.hookspecs import BadDocument, Certificate, OurSide, Published, Understood
from plugins._checks import Failed
from plugins.sso_saml.names import DS, MD, PERSISTENT, POST, REDIRECT, SAMLP, ds, md
from plugins.sso_saml.signature import LEAST_RSA_BITS
from plugins.sso_saml.xml import Element, children, instant_of, parsed, text_of

LONGEST_NAME = 1024
LONGEST_URL = 2000
MOST_CERTIFICATES = 20


@dataclass(frozen=True, slots=True)
class TheirSide:
    """What is needed of an identity provider. Addresses are by binding."""

    entity_id: str
    sign_in: dict[str, str]
    sign_out: dict[str, str]
    sign_out_answer: dict[str, str]
    signing: tuple[x509.Certificate, ...]
    wants_signed: bool
    name_id_formats: tuple[str, ...]
    valid_until: str | None


def read_metadata(document: str) -> TheirSide:
    """Read the metadata of one identity provider, or raise `BadDocument`."""
    entity = _entity(_root(document))
    name = entity.get("entityID") or ""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadDocument("The metadata has no entityID, or one that is too long.")
    role = next(
        (one for one in children(entity, md("IDPSSODescriptor")) if _speaks_saml_2(one)), None
    )
    if role is None:
        raise BadDocument(
            "This is the metadata of no SAML 2.0 identity provider: it has no IDPSSODescriptor."
        )
    sign_in = _addresses(role, "SingleSignOnService")
    if not sign_in:
        raise BadDocument("The metadata names no address to sign in at by redirect or post.")
    signing = tuple(_certificates(role, "signing"))
    if not signing:
        raise BadDocument("The metadata has no certificate for signing that can be used.")
    return TheirSide(
        name,
        sign_in,
        _addresses(role, "SingleLogoutService"),
        _addresses(role, "SingleLogoutService", "ResponseLocation"),
        signing,
        role.get("WantAuthnRequestsSigned") in ("true", "1"),
        tuple(text_of(each) or "" for each in children(role, md("NameIDFormat"))),
        entity.get("validUntil") or role.get("validUntil"),
    )


def understood(document: str) -> Understood:
    """Say in words what the metadata says."""
    theirs = read_metadata(document)
    facts = [("Entity ID", theirs.entity_id)]
    facts += [(f"Sign-in by {_word(name)}", url) for name, url in theirs.sign_in.items()]
    facts += [(f"Sign-out by {_word(name)}", url) for name, url in theirs.sign_out.items()]
    certificates = tuple(_told(each) for each in theirs.signing)
    return Understood(theirs.entity_id, tuple(facts), certificates, tuple(_warnings(theirs)))


def our_metadata(ours: OurSide) -> Published:
    """Write our metadata, and the same as plain values."""
    root = etree.Element(
        md("EntityDescriptor"), nsmap={"md": MD, "ds": DS}, entityID=ours.entity_id
    )
    role = etree.SubElement(
        root,
        md("SPSSODescriptor"),
        protocolSupportEnumeration=SAMLP,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
    )
    certificate = _body(ours.certificate)
    for use in ("signing", "encryption"):
        key = etree.SubElement(role, md("KeyDescriptor"), use=use)
        data = etree.SubElement(etree.SubElement(key, ds("KeyInfo")), ds("X509Data"))
        etree.SubElement(data, ds("X509Certificate")).text = certificate
    for binding in (REDIRECT, POST):
        etree.SubElement(role, md("SingleLogoutService"), Binding=binding, Location=ours.logout_url)
    etree.SubElement(role, md("NameIDFormat")).text = PERSISTENT
    etree.SubElement(
        role,
        md("AssertionConsumerService"),
        Binding=POST,
        Location=ours.answer_url,
        index="0",
        isDefault="true",
    )
    spelled = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return Published(
        spelled,
        "application/samlmetadata+xml",
        (
            ("Entity ID (audience)", ours.entity_id),
            ("ACS URL (reply URL, single sign-on URL)", ours.answer_url),
            ("Start URL (sign-on URL)", ours.login_url),
            ("Sign-out URL", ours.logout_url),
            ("Metadata", ours.metadata_url),
            ("Name ID", "persistent: a lasting name of the person that is never given to another"),
            ("Attribute with the e-mail address", "email"),
        ),
    )


def _root(document: str) -> Element:
    text = document.lstrip("\ufeff \t\r\n")
    try:
        return parsed(text.encode("utf-8", "surrogatepass"), comments=True)
    except Failed as failure:
        raise BadDocument(failure.check.words.replace("The message", "The metadata")) from None


def _entity(root: Element) -> Element:
    if root.tag == md("EntityDescriptor"):
        return root
    found = list(root.iter(md("EntityDescriptor"))) if root.tag == md("EntitiesDescriptor") else []
    if len(found) > 1:
        raise BadDocument("The metadata is of several parties. Give that of your own alone.")
    if not found:
        raise BadDocument("This is no SAML metadata: it has no EntityDescriptor.")
    return found[0]


def _speaks_saml_2(role: Element) -> bool:
    return SAMLP in (role.get("protocolSupportEnumeration") or "").split()


def _addresses(role: Element, name: str, attribute: str = "Location") -> dict[str, str]:
    found: dict[str, str] = {}
    for each in children(role, md(name)):
        binding, url = each.get("Binding"), each.get(attribute) or each.get("Location") or ""
        if binding in (REDIRECT, POST) and binding not in found:
            found[binding] = _web_address(url)
    return dict(sorted(found.items(), key=lambda pair: pair[0] != REDIRECT))


def _web_address(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise BadDocument(f"The metadata names an address that can't be used: {url[:200]}.")
    return url


def _certificates(role: Element, use: str) -> Iterator[x509.Certificate]:
    seen: set[bytes] = set()
    for key in children(role, md("KeyDescriptor")):
        if key.get("use", use) != use:
            continue
        for holder in key.iter(ds("X509Certificate")):
            found = _certificate(text_of(holder) or "")
            mark = found.fingerprint(SHA256())
            if mark not in seen and len(seen) < MOST_CERTIFICATES:
                seen.add(mark)
                yield found


def _certificate(text: str) -> x509.Certificate:
    try:
        packed = "".join(text.split())
        found = x509.load_der_x509_certificate(base64.b64decode(packed, validate=True))
        key = found.public_key()
    except (ValueError, TypeError, binascii.Error, x509.InvalidVersion):
        raise BadDocument("A certificate in the metadata can't be read.") from None
    weak = isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS
    if weak or not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise BadDocument("A certificate in the metadata has a key that is too weak or unknown.")
    return found


def _told(certificate: x509.Certificate) -> Certificate:
    return Certificate(
        certificate.subject.rfc4514_string() or "without a name",
        certificate.fingerprint(SHA256()).hex(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        "signing",
    )


def _warnings(theirs: TheirSide) -> Iterator[str]:
    urls = {**theirs.sign_in, **theirs.sign_out}.values()
    if any(url.startswith("http://") for url in urls):
        yield "The identity provider is reached without encryption (http). Only try things so."
    if theirs.valid_until and instant_of(theirs.valid_until):
        yield f"The metadata says that it is valid until {theirs.valid_until}."


def _word(binding: str) -> str:
    return "redirect" if binding == REDIRECT else "post"


def _body(pem: str) -> str:
    found = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return base64.b64encode(found).decode()
