"""Messages that we send: requests to sign in, requests and answers to sign out. All are signed."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime
from typing import Literal
from urllib.parse import quote_plus, urlencode

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from app.hookspecs import Attempt, IdentityProvider, OurSide, PostForm, Redirect, SignedOn
from plugins.sso_saml.names import (
    PERSISTENT,
    POST,
    REDIRECT,
    RSA_SHA256,
    SAML,
    SAMLP,
    SUCCESS,
    saml,
    samlp,
)
from plugins.sso_saml.xml import Element, as_bytes

Field = Literal["SAMLRequest", "SAMLResponse"]


def sign_in_request(
    provider: IdentityProvider, attempt: Attempt, addresses: dict[str, str]
) -> Redirect | PostForm:
    """Ask the identity provider to sign somebody in, and to answer at our address."""
    ours, (binding, url) = provider.ours, next(iter(addresses.items()))
    root = _message("AuthnRequest", ours, attempt.request_id, url, attempt.began_at)
    root.set("ProtocolBinding", POST)
    root.set("AssertionConsumerServiceURL", ours.answer_url)
    if attempt.again:
        root.set("ForceAuthn", "true")
    form = str(provider.values.get("name_id_format", PERSISTENT))
    policy = etree.SubElement(root, samlp("NameIDPolicy"), AllowCreate="true")
    if form:
        policy.set("Format", form)
    return _sent(root, "SAMLRequest", binding, url, attempt.handle, ours)


def sign_out_request(
    provider: IdentityProvider, signed_on: SignedOn, attempt: Attempt, addresses: dict[str, str]
) -> Redirect | PostForm:
    """Tell the identity provider that somebody signed out here."""
    ours, (binding, url) = provider.ours, next(iter(addresses.items()))
    root = _message("LogoutRequest", ours, attempt.request_id, url, attempt.began_at)
    name = etree.SubElement(root, saml("NameID"), dict(signed_on.kept))
    name.text = signed_on.subject
    if signed_on.session:
        etree.SubElement(root, samlp("SessionIndex")).text = signed_on.session
    return _sent(root, "SAMLRequest", binding, url, attempt.handle, ours)


def sign_out_answer(
    ours: OurSide,
    own_id: str,
    request_id: str,
    handle: str | None,
    addresses: dict[str, str],
    now: datetime,
) -> Redirect | PostForm:
    """Answer the identity provider that we ended the sessions that it named."""
    binding, url = next(iter(addresses.items()))
    root = _message("LogoutResponse", ours, own_id, url, now)
    root.set("InResponseTo", request_id)
    status = etree.SubElement(root, samlp("Status"))
    etree.SubElement(status, samlp("StatusCode"), Value=SUCCESS)
    return _sent(root, "SAMLResponse", binding, url, handle, ours)


def _message(name: str, ours: OurSide, own_id: str, url: str, now: datetime) -> Element:
    root = etree.Element(
        samlp(name),
        nsmap={"samlp": SAMLP, "saml": SAML},
        ID=own_id,
        Version="2.0",
        IssueInstant=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        Destination=url,
    )
    etree.SubElement(root, saml("Issuer")).text = ours.entity_id
    return root


def _sent(
    root: Element, field: Field, binding: str, url: str, handle: str | None, ours: OurSide
) -> Redirect | PostForm:
    if binding == REDIRECT:
        return Redirect(_signed_address(root, field, url, handle, ours))
    handles = {"RelayState": handle} if handle else {}
    return PostForm(url, {field: _signed_form(root, ours), **handles})


def _signed_address(
    root: Element, field: Field, url: str, handle: str | None, ours: OurSide
) -> str:
    """The redirect binding: packed into the query, whose text is signed letter by letter."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(as_bytes(root)) + packer.flush()).decode()
    handles = [("RelayState", handle)] if handle else []
    query = urlencode([(field, packed), *handles, ("SigAlg", RSA_SHA256)])
    key = load_pem_private_key(ours.private_key.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    signature = key.sign(query.encode(), padding.PKCS1v15(), SHA256())
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}{query}&Signature={quote_plus(base64.b64encode(signature).decode())}"


def _signed_form(root: Element, ours: OurSide) -> str:
    """The post binding: signed within."""
    from onelogin.saml2.utils import OneLogin_Saml2_Utils

    spelled = OneLogin_Saml2_Utils.add_sign(root, ours.private_key, ours.certificate)
    return base64.b64encode(spelled).decode()
