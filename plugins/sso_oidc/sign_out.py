"""Signing out at the identity provider, too: OpenID Connect RP-Initiated Logout 1.0.

The browser comes back with a mark that only we can have made; nothing else is believed there.
"""

from __future__ import annotations

import hashlib
import hmac

from authlib.common.urls import add_params_to_uri

from app.hookspecs import (
    Arrival,
    Attempt,
    Check,
    IdentityProvider,
    NotProven,
    Redirect,
    SignedOn,
    SignedOut,
)
from plugins.sso_oidc.discovery import read_discovery


def sign_out_request(
    provider: IdentityProvider, signed_on: SignedOn, attempt: Attempt
) -> Redirect | None:
    """Tell the identity provider; None when it has no address for that."""
    address = read_discovery(provider.document).sign_out
    if address is None:
        return None
    fields = [
        ("client_id", str(provider.values["client_id"])),
        ("post_logout_redirect_uri", provider.ours.logout_url),
        ("state", f"{attempt.handle}.{_mark(provider, attempt.handle)}"),
    ]
    if hint := signed_on.kept.get("hint"):
        fields.append(("id_token_hint", hint))
    return Redirect(add_params_to_uri(address, fields))


def judge_sign_out(provider: IdentityProvider, arrival: Arrival) -> SignedOut | NotProven:
    """Tell whether a browser comes back from a sign-out that began here."""
    handle, _, mark = (arrival.only("state") or "").rpartition(".")
    is_ours = mark.isascii() and hmac.compare_digest(mark, _mark(provider, handle))
    if handle and is_ours and arrival.method == "GET":
        return SignedOut((Check("state", passed=True, words="It answers a sign-out of ours."),))
    words = "This answers no sign-out that began at Coffer, and others are not taken."
    return NotProven((Check("state", passed=False, words=words),))


def _mark(provider: IdentityProvider, handle: str) -> str:
    """What only we can make of a handle."""
    key = hashlib.sha256(b"sign-out " + provider.ours.private_key.encode()).digest()
    return hmac.new(key, handle.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
