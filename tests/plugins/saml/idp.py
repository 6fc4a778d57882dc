"""A SAML identity provider made of lxml and xmlsec: honest if asked so, else as crooked as asked.

It shares nothing with the plugin, so that both can't be wrong in the same way.
"""

from __future__ import annotations

import base64
import re
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
NS = {"saml": SAML, "samlp": SAMLP, "ds": DS}
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"

Change = Callable[[etree._Element], None]


def at(instant: datetime) -> str:
    """Spell an instant."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find(root, path):
    """Find the one element at a path, in the prefixes of NS."""
    (found,) = root.xpath(path, namespaces=NS)
    return found


def make_key(kind: str = "rsa"):
    """Make a private key and a certificate for it, as PEM."""
    key = (
        rsa.generate_private_key(65537, 2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


@dataclass
class Saying:
    """What an answer says; every part can be changed."""

    destination: str
    audience: str
    request_id: str | None
    subject: str = "person-1"
    email: str | list[str] = "ana@acme.test"
    name: str = "Ana Arden"
    attributes: dict[str, list[str]] = field(default_factory=dict)
    life: timedelta = timedelta(minutes=5)


class Idp:
    """One identity provider with a key of its own."""

    def __init__(self, entity_id: str = "https://idp.example/metadata", kind: str = "rsa"):
        self.entity_id = entity_id
        self.url = "https://idp.example/sso"
        self.kind = kind
        self.private, self.certificate = make_key(kind)

    def metadata(self, *, certificates: list[str] | None = None, bindings=("Redirect", "POST")):
        """Our metadata."""
        keys = "".join(
            f"""<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{
                body(each)
            }</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"""
            for each in certificates or [self.certificate]
        )
        services = "".join(
            f"""<md:{name} Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{binding}"
            Location="{self.url}{path}"/>"""
            for name, path in (("SingleLogoutService", "/out"), ("SingleSignOnService", ""))
            for binding in bindings
        )
        return f"""<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:ds="{DS}" entityID="{self.entity_id}"><md:IDPSSODescriptor
 protocolSupportEnumeration="{SAMLP}">{keys}{services}</md:IDPSSODescriptor>
</md:EntityDescriptor>"""

    def tree(self, says: Saying, now: datetime) -> etree._Element:
        """Spell an answer, unsigned."""
        ends, asked = at(now + says.life), says.request_id
        reply = f'InResponseTo="{asked}"' if asked else ""
        emails = [says.email] if isinstance(says.email, str) else says.email
        attributes = {"email": emails, "displayName": [says.name], **says.attributes}
        statements = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in attributes.items()
        )
        text = f"""<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_r{token()}"
 Version="2.0" IssueInstant="{at(now)}" Destination="{says.destination}" {reply}>
<saml:Issuer>{self.entity_id}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="_a{token()}" Version="2.0" IssueInstant="{at(now)}">
<saml:Issuer>{self.entity_id}</saml:Issuer>
<saml:Subject><saml:NameID Format="{PERSISTENT}">{says.subject}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{says.destination}" {reply}/>
</saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{at(now)}" NotOnOrAfter="{ends}"><saml:AudienceRestriction>
<saml:Audience>{says.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{at(now)}" SessionIndex="_s{token()}"><saml:AuthnContext>
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>
</saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>{statements}</saml:AttributeStatement></saml:Assertion></samlp:Response>"""
        return etree.fromstring(text)

    def sign(
        self,
        element: etree._Element,
        method=None,
        digest=xmlsec.Transform.SHA256,
        transforms=(xmlsec.Transform.ENVELOPED, xmlsec.Transform.EXCL_C14N),
        canonical=xmlsec.Transform.EXCL_C14N,
        uri: str | None = None,
        key: str | None = None,
    ) -> etree._Element:
        """Sign an element in place, after its issuer."""
        rsa_or_ec = (
            xmlsec.Transform.RSA_SHA256 if self.kind == "rsa" else xmlsec.Transform.ECDSA_SHA256
        )
        signature = xmlsec.template.create(element, canonical, method or rsa_or_ec, ns="ds")
        find(element, "./saml:Issuer[1]").addnext(signature)
        reference = xmlsec.template.add_reference(
            signature, digest, uri=f"#{element.get('ID')}" if uri is None else uri
        )
        for transform in transforms:
            xmlsec.template.add_transform(reference, transform)
        xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
        xmlsec.tree.add_ids(element, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(key or self.private, xmlsec.KeyFormat.PEM)
        if key is None:
            context.key.load_cert_from_memory(self.certificate, xmlsec.KeyFormat.PEM)
        context.sign(signature)
        return signature

    def answer(
        self,
        says: Saying,
        now: datetime,
        *,
        before: Change | None = None,
        after: Change | None = None,
        whole: bool = False,
        assertion: bool = True,
        **signing,
    ) -> bytes:
        """Give a signed answer, changed before it is signed and after."""
        root = self.tree(says, now)
        if before:
            before(root)
        if assertion:
            self.sign(find(root, "./saml:Assertion"), **signing)
        if whole:
            self.sign(root, **signing)
        if after:
            after(root)
        return etree.tostring(root)

    def logout(self, destination: str, subject: str, now: datetime, session: str | None = None):
        """Spell a request to sign out, unsigned."""
        index = f"<samlp:SessionIndex>{session}</samlp:SessionIndex>" if session else ""
        return etree.fromstring(
            f"""<samlp:LogoutRequest xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_l{token()}"
 Version="2.0" IssueInstant="{at(now)}" Destination="{destination}">
<saml:Issuer>{self.entity_id}</saml:Issuer><saml:NameID>{subject}</saml:NameID>{index}
</samlp:LogoutRequest>"""
        )


def encrypted(
    raw: bytes,
    certificate: str,
    cipher=xmlsec.Transform.AES256_GCM,
    transport=xmlsec.Transform.RSA_OAEP,
) -> bytes:
    """Encrypt the assertion of an answer for whoever has that certificate."""
    # As text, since lxml gives a node that is moved the prefixes of its new place.
    begins = re.search(rb"<(\w+:)?Assertion\b", raw)
    ends = re.search(rb"</(\w+:)?Assertion>", raw)
    holder = f'<e:EncryptedAssertion xmlns:e="{SAML}">'.encode()
    inner = raw[begins.start() : ends.end()]
    root = etree.fromstring(
        raw[: begins.start()] + holder + inner + b"</e:EncryptedAssertion>" + raw[ends.end() :]
    )
    assertion = find(root, ".//saml:Assertion")
    data = xmlsec.template.encrypted_data_create(
        root, cipher, type=xmlsec.EncryptionType.ELEMENT, ns="xenc"
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(data)
    info = xmlsec.template.encrypted_data_ensure_key_info(data, ns="dsig")
    key = xmlsec.template.add_encrypted_key(info, transport)
    xmlsec.template.encrypted_data_ensure_cipher_value(key)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(certificate, xmlsec.KeyFormat.CERT_PEM))
    context = xmlsec.EncryptionContext(manager)
    size = 128 if cipher in (xmlsec.Transform.AES128, xmlsec.Transform.AES128_GCM) else 256
    size = 192 if cipher is xmlsec.Transform.DES3 else size
    kind = xmlsec.KeyData.DES if cipher is xmlsec.Transform.DES3 else xmlsec.KeyData.AES
    context.key = xmlsec.Key.generate(kind, size, xmlsec.KeyDataType.SESSION)
    context.encrypt_xml(data, assertion)
    return etree.tostring(root)


def packed(raw: bytes) -> str:
    """Pack as the post binding does."""
    return base64.b64encode(raw).decode()


def request_in(url: str) -> etree._Element:
    """Read the request in a redirect."""
    (value,) = parse_qs(urlsplit(url).query)["SAMLRequest"]
    return etree.fromstring(zlib.decompress(base64.b64decode(value), -15))


def body(pem: str) -> str:
    """A certificate as metadata spells it."""
    return "".join(pem.strip().splitlines()[1:-1])


def token() -> str:
    """Something that was never there."""
    return secrets.token_hex(12)
