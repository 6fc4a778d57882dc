"""python3-saml's own opinion, in its strict mode, by the clock and addresses that it is given."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from app.hookspecs import IdentityProvider
from plugins._checks import Failed
from plugins.sso_saml.metadata import TheirSide
from plugins.sso_saml.names import POST, REDIRECT, ds, saml
from plugins.sso_saml.xml import Element, as_bytes, only_child, parsed

# The library asks the machine for the time. Coffer's time is an argument, so it is asked instead.
_now: ContextVar[int | None] = ContextVar("now", default=None)
_machine_now = OneLogin_Saml2_Utils.now


def _given_now() -> int:
    given = _now.get()
    return int(_machine_now()) if given is None else given


OneLogin_Saml2_Utils.now = staticmethod(_given_now)


def second_opinion(
    provider: IdentityProvider,
    theirs: TheirSide,
    packed: str,
    request_id: str | None,
    now: datetime,
) -> None:
    """Let the library judge the same answer; raises `Failed` with what it says."""
    token = _now.set(int(now.timestamp()))
    try:
        settings = OneLogin_Saml2_Settings(_settings(provider, theirs))
        response = OneLogin_Saml2_Response(settings, packed)
        if not response.is_valid(_request(provider.ours.answer_url, packed), request_id):
            raise Failed("library", f"python3-saml refuses it: {response.get_error()}.")
    except Failed:
        raise
    except Exception as error:
        raise Failed("library", f"python3-saml can't read it: {type(error).__name__}.") from error
    finally:
        _now.reset(token)


def unencrypted(root: Element, opened: Element) -> str:
    """Spell the answer as it would be without encryption, for an assertion that is signed itself.

    The library moves what it decrypts within the document, and with it prefixes of namespaces; then
    it finds no signature good of who uses one prefix for two of them. So it is put there as text.
    """
    again = parsed(as_bytes(root))
    (holder,) = again.iter(saml("EncryptedAssertion"))
    around, mark = holder.getparent(), etree.Comment("here")
    assert around is again
    again.replace(holder, mark)
    signature = only_child(again, ds("Signature"))
    if signature is not None:
        again.remove(signature)
    inner: bytes = etree.tostring(opened, encoding="utf-8", with_tail=False)
    return base64.b64encode(as_bytes(again).replace(b"<!--here-->", inner)).decode()


def _settings(provider: IdentityProvider, theirs: TheirSide) -> dict[str, Any]:
    ours = provider.ours
    binding, url = next(iter(theirs.sign_in.items()))
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": ours.entity_id,
            "assertionConsumerService": {"url": ours.answer_url, "binding": POST},
            "x509cert": ours.certificate,
            "privateKey": ours.private_key,
        },
        "idp": {
            "entityId": theirs.entity_id,
            "singleSignOnService": {"url": url, "binding": binding or REDIRECT},
            "x509certMulti": {"signing": [_body(each) for each in theirs.signing]},
        },
        "security": {
            "allowSingleLabelDomains": True,
            "allowRepeatAttributeName": True,
            "wantAttributeStatement": False,
            "requestedAuthnContext": False,
            "rejectDeprecatedAlgorithm": True,
        },
    }


def _request(answer_url: str, packed: str) -> Mapping[str, Any]:
    """The request as it was addressed to us: from the settings, never from its Host header."""
    parts = urlsplit(answer_url)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {"SAMLResponse": packed},
    }


def _body(certificate: Any) -> str:  # noqa: ANN401 - of cryptography
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
