"""A small, honest identity provider for the conformance kit. It signs by xmlsec, as we don't."""

from __future__ import annotations

import base64
import secrets
import zlib
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from app.hookspecs import Arrival, PostForm, Redirect
from plugins.sso_saml.names import BEARER, DS, MD, PERSISTENT, REDIRECT, SAML, SAMLP, SUCCESS, saml
from plugins.sso_saml.xml import Element

# Its own type information leaves most of it out.
xmlsec: Any = import_module("xmlsec")

ENTITY_ID = "https://idp.example/metadata"
LIFE = timedelta(minutes=5)


class StandIn:
    """One identity provider with a key of its own."""

    def __init__(self) -> None:
        self.private, self.certificate = make_key("idp.example")

    @property
    def metadata(self) -> str:
        """What it publishes."""
        body = "".join(self.certificate.strip().splitlines()[1:-1])
        return (
            f'<EntityDescriptor xmlns="{MD}" entityID="{ENTITY_ID}">'
            f'<IDPSSODescriptor protocolSupportEnumeration="{SAMLP}"><KeyDescriptor use="signing">'
            f'<KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{body}</X509Certificate></X509Data>'
            f'</KeyInfo></KeyDescriptor><SingleSignOnService Binding="{REDIRECT}" '
            f'Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>'
        )

    def answer(
        self, onward: Redirect | PostForm, subject: str, email: str, name: str, now: datetime
    ) -> Arrival:
        """Sign a person in, and give what their browser then brings."""
        query = parse_qs(urlsplit(onward.url).query)
        request = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))
        root = etree.fromstring(_text(request, subject, email, name, now))
        assertion = root.find(saml("Assertion"))
        assert assertion is not None
        self._sign(assertion)
        packed = base64.b64encode(etree.tostring(root)).decode()
        fields = (("SAMLResponse", packed), ("RelayState", query["RelayState"][0]))
        return Arrival("POST", fields)

    def _sign(self, assertion: Element) -> None:
        signature = xmlsec.template.create(
            assertion, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256
        )
        assertion.insert(1, signature)
        reference = xmlsec.template.add_reference(
            signature, xmlsec.Transform.SHA256, uri=f"#{assertion.get('ID')}"
        )
        for transform in (xmlsec.Transform.ENVELOPED, xmlsec.Transform.EXCL_C14N):
            xmlsec.template.add_transform(reference, transform)
        xmlsec.tree.add_ids(assertion, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.private, xmlsec.KeyFormat.PEM)
        context.sign(signature)


def make_key(name: str) -> tuple[str, str]:
    """Make a private key and a certificate that it signs itself, as PEM."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2055, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return private.decode(), public.decode()


def _text(request: Element, subject: str, email: str, name: str, now: datetime) -> str:
    to = request.get("AssertionConsumerServiceURL") or ""
    asked, audience = request.get("ID"), request.findtext(saml("Issuer"))
    begins, ends = f"{now:%Y-%m-%dT%H:%M:%SZ}", f"{now + LIFE:%Y-%m-%dT%H:%M:%SZ}"
    values = "".join(
        f'<Attribute Name="{key}"><AttributeValue>{escape(value)}</AttributeValue></Attribute>'
        for key, value in (("email", email), ("displayName", name))
    )
    return (
        f'<p:Response xmlns:p="{SAMLP}" ID="_{secrets.token_hex(16)}" Version="2.0" '
        f'IssueInstant="{begins}" Destination="{to}" InResponseTo="{asked}">'
        f'<p:Status><p:StatusCode Value="{SUCCESS}"/></p:Status>'
        f'<Assertion xmlns="{SAML}" ID="_{secrets.token_hex(16)}" Version="2.0" '
        f'IssueInstant="{begins}"><Issuer>{ENTITY_ID}</Issuer><Subject>'
        f'<NameID Format="{PERSISTENT}">{escape(subject)}</NameID>'
        f'<SubjectConfirmation Method="{BEARER}"><SubjectConfirmationData InResponseTo="{asked}" '
        f'NotOnOrAfter="{ends}" Recipient="{to}"/></SubjectConfirmation></Subject>'
        f'<Conditions NotBefore="{begins}" NotOnOrAfter="{ends}"><AudienceRestriction>'
        f"<Audience>{audience}</Audience></AudienceRestriction></Conditions>"
        f'<AuthnStatement AuthnInstant="{begins}"><AuthnContext><AuthnContextClassRef>'
        "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</AuthnContextClassRef></AuthnContext>"
        f"</AuthnStatement><AttributeStatement>{values}</AttributeStatement></Assertion>"
        "</p:Response>"
    )
