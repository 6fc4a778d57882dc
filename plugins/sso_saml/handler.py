"""The handler: what Coffer calls. It loads what reads XML when it is first asked to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.hookspecs import (
    Arrival,
    Attempt,
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

FORMATS = (
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
)


class SamlHandler:
    """SAML 2.0, with answers by the post binding."""

    key = "saml"
    title = "SAML 2.0"
    document_name = "metadata"
    handle_field = "RelayState"
    unsolicited = True
    fields = (
        SettingField(
            "email_attribute",
            "text",
            "Attribute with the e-mail address; empty looks for the usual names",
            "",
        ),
        SettingField(
            "name_attribute",
            "text",
            "Attribute with the person's name; empty looks for the usual names",
            "",
        ),
        SettingField(
            "name_id_format",
            "choice",
            "Kind of NameID that is asked for; it must last",
            FORMATS[0],
            FORMATS,
        ),
        SettingField(
            "clock_skew_seconds", "integer", "Seconds by which clocks may differ, at most 300", 60
        ),
        SettingField(
            "require_encrypted",
            "boolean",
            "Refuse what is not encrypted",
            default=False,
        ),
        SettingField(
            "accept_triple_des",
            "boolean",
            "Read triple DES, for who encrypts with nothing better",
            default=False,
        ),
        SettingField(
            "tell_sign_out",
            "boolean",
            "Signing out here signs out at the identity provider, too",
            default=False,
        ),
    )

    def publish(self, ours: OurSide) -> Published:
        """Write our metadata."""
        from plugins.sso_saml.metadata import our_metadata

        return our_metadata(ours)

    def document_address(self, typed: str) -> str:
        """Metadata is where it is said to be."""
        return typed

    def understand(self, document: str, values: Mapping[str, str | int | bool]) -> Understood:
        """Read their metadata."""
        from plugins.sso_saml.metadata import understood

        return understood(document)

    def begin(self, provider: IdentityProvider, attempt: Attempt) -> Redirect | PostForm:
        """Send a signed request."""
        from plugins.sso_saml.messages import sign_in_request
        from plugins.sso_saml.metadata import read_metadata

        return sign_in_request(provider, attempt, read_metadata(provider.document).sign_in)

    def complete(
        self, provider: IdentityProvider, attempt: Attempt | None, arrival: Arrival, now: datetime
    ) -> Proven | NotProven:
        """Judge an answer by the second gate, and by python3-saml."""
        from plugins.sso_saml.gate import judge

        return judge(provider, attempt, arrival, now)

    def begin_sign_out(
        self, provider: IdentityProvider, signed_on: SignedOn, attempt: Attempt
    ) -> Redirect | PostForm | None:
        """Send a signed sign-out, if that was chosen and there is where to."""
        if not provider.values.get("tell_sign_out"):
            return None
        from plugins.sso_saml.messages import sign_out_request
        from plugins.sso_saml.metadata import read_metadata

        addresses = read_metadata(provider.document).sign_out
        return sign_out_request(provider, signed_on, attempt, addresses) if addresses else None

    def read_sign_out(
        self, provider: IdentityProvider, arrival: Arrival, now: datetime
    ) -> SignOut | SignedOut | NotProven:
        """Judge a sign-out."""
        from plugins.sso_saml.sign_out import judge_sign_out

        return judge_sign_out(provider, arrival, now)
