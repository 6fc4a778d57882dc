"""VERBS: sign and read the links that mails carry. A link works for one purpose and a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from app.domain import invitation
from app.domain.refusals import Conflict, NotFound

VALIDITY = {
    "verify": timedelta(days=3),
    "reset": timedelta(hours=1),
    "invitation": invitation.VALIDITY,
}
PATHS = {"verify": "verify", "reset": "reset-password", "invitation": "invitations"}


class Links:
    """Signs what a link claims with the installation's secret; reads it back."""

    def __init__(self, secret_key: str, public_url: str) -> None:
        self._secret_key = secret_key
        self._public_url = public_url.rstrip("/")

    def sign(self, purpose: str, claims: dict[str, Any]) -> str:
        """Sign the claims, which carry in `at` the second they are from."""
        return str(self._serializer(purpose).dumps(claims))

    def read(self, purpose: str, token: str, now: datetime) -> dict[str, Any]:
        """Give the claims back; `NotFound` when forged, `Conflict` when out of date."""
        try:
            claims: dict[str, Any] = self._serializer(purpose).loads(token)
            made_at = datetime.fromtimestamp(claims["at"], UTC)
        except (BadData, KeyError, TypeError, ValueError):
            raise NotFound(
                "This link is not complete or not ours. Copy all of it from the mail."
            ) from None
        if now >= made_at + VALIDITY[purpose]:
            raise Conflict("This link is out of date. Ask for a new one.")
        return claims

    def url(self, purpose: str, claims: dict[str, Any]) -> str:
        """Spell the whole address of a signed link."""
        return f"{self._public_url}/{PATHS[purpose]}/{self.sign(purpose, claims)}"

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret_key, salt=f"coffer link {purpose}")
