"""The handler: what Coffer calls."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.hookspecs import (
    Arrival,
    Attempt,
    BadDocument,
    Fetch,
    IdentityProvider,
    NotProven,
    OurSide,
    PostForm,
    Proven,
    Published,
    Redirect,
    SettingField,
    SignedOn,
    SignedOut,
    SignOut,
    Understood,
)
from plugins.sso_oidc.discovery import Discovery, read_discovery, well_known
from plugins.sso_oidc.judge import Judge
from plugins.sso_oidc.sign_out import judge_sign_out, sign_out_request

SCOPES = ("openid", "email", "profile")
VERIFIER_BYTES = 48


class OidcHandler:
    """OpenID Connect: the authorization code flow with PKCE."""

    key = "oidc"
    title = "OpenID Connect"
    document_name = "discovery document"
    handle_field = "state"
    unsolicited = False
    fields = (
        SettingField("client_id", "text", "Client ID (application ID)", ""),
        SettingField("client_secret", "secret", "Client secret", ""),
        SettingField(
            "scopes",
            "text",
            "Further scopes to ask for, separated by spaces, such as “groups”; usually none",
            "",
        ),
        SettingField(
            "vouched",
            "boolean",
            "Only our administrators write e-mail addresses into this directory, so believe them "
            "without email_verified",
            default=False,
        ),
        SettingField(
            "clock_skew_seconds", "integer", "Seconds by which clocks may differ, at most 300", 60
        ),
        SettingField(
            "tell_sign_out",
            "boolean",
            "Signing out here signs out at the identity provider, too",
            default=False,
        ),
    )

    def __init__(self, fetch: Fetch) -> None:
        self._judge = Judge(fetch)

    def publish(self, ours: OurSide) -> Published:
        """Say what an application is registered with (RFC 7591)."""
        document = {
            "client_name": "Coffer",
            "application_type": "web",
            "redirect_uris": [ours.answer_url],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "initiate_login_uri": ours.login_url,
            "post_logout_redirect_uris": [ours.logout_url],
        }
        facts = (
            ("Redirect URI (callback URL)", ours.answer_url),
            ("Sign-in URL (initiate login URI)", ours.login_url),
            ("Post-logout redirect URI", ours.logout_url),
        )
        return Published(json.dumps(document, indent=2).encode(), "application/json", facts)

    def document_address(self, typed: str) -> str:
        """The document stands at a well-known path below the issuer's name."""
        return well_known(typed)

    def understand(self, document: str, values: Mapping[str, str | int | bool]) -> Understood:
        """Read the discovery document; it is of no use without client ID and secret."""
        found = read_discovery(document)
        for name, words in (("client_id", "client ID"), ("client_secret", "client secret")):
            if not values.get(name):
                raise BadDocument(f"Give the {words} that the identity provider shows.", name)
        facts = (
            ("Issuer", found.issuer),
            ("People sign in at", found.sign_in),
            ("Codes are exchanged at", found.token),
            ("Its keys", found.keys),
            ("It signs with", ", ".join(found.algorithms)),
        )
        return Understood(
            found.issuer, facts, warnings=_warnings(found, values), belongs_at=found.address
        )

    def begin(self, provider: IdentityProvider, attempt: Attempt) -> Redirect | PostForm:
        """Ask for a code, for which only we have the verifier (PKCE, S256)."""
        verifier = secrets.token_urlsafe(VERIFIER_BYTES)
        more = str(provider.values.get("scopes") or "").split()
        again = {"prompt": "login", "max_age": "0"} if attempt.again else {}
        url = prepare_grant_uri(
            read_discovery(provider.document).sign_in,
            client_id=str(provider.values["client_id"]),
            response_type="code",
            redirect_uri=provider.ours.answer_url,
            scope=" ".join(dict.fromkeys((*SCOPES, *more))),
            state=attempt.handle,
            nonce=attempt.request_id,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            login_hint=attempt.login_hint,
            **again,
        )
        kept = {"verifier": verifier} | ({"again": "yes"} if attempt.again else {})
        return Redirect(url, kept)

    def complete(
        self, provider: IdentityProvider, attempt: Attempt | None, arrival: Arrival, now: datetime
    ) -> Proven | NotProven:
        """Exchange the code, and judge what came for it."""
        return self._judge.judge(provider, attempt, arrival, now)

    def begin_sign_out(
        self, provider: IdentityProvider, signed_on: SignedOn, attempt: Attempt
    ) -> Redirect | PostForm | None:
        """Send the browser to sign out there, if that was chosen and there is where to."""
        if not provider.values.get("tell_sign_out"):
            return None
        return sign_out_request(provider, signed_on, attempt)

    def read_sign_out(
        self,
        provider: IdentityProvider,
        arrival: Arrival,
        now: datetime,
    ) -> SignOut | SignedOut | NotProven:
        """Know our own sign-outs again; those that begin elsewhere are not taken."""
        return judge_sign_out(provider, arrival)


def _warnings(found: Discovery, values: Mapping[str, str | int | bool]) -> tuple[str, ...]:
    warnings = []
    if found.issuer.startswith("http://"):
        warnings.append(
            "The identity provider is reached without encryption (http). Only try things so."
        )
    if found.is_entra and not values.get("vouched"):
        warnings.append(
            "Entra ID doesn't say by itself that addresses are verified. Add the optional claim "
            "xms_edov to the ID token, or vouch for the directory below."
        )
    return tuple(warnings)
