"""How people are signed in by somebody else: what an SSO handler is asked and may answer."""

from __future__ import annotations

from typing import Protocol


class SsoHandler(Protocol):
    """Speaks one protocol with identity providers."""

    @property
    def key(self) -> str:
        """Its name in Coffer's books, for ever: small letters, digits and _."""

    @property
    def title(self) -> str:
        """What administrators choose, such as “SAML 2.0”."""
