"""Invitations: valid for seven days, usable once, and only by the link that was sent last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.refusals import Conflict, Forbidden

VALIDITY = timedelta(days=7)
MOST_AT_ONCE = 1000
MEMBER = "Is a member already."
INVITED = "Was invited already; you can send the link again."


class InvitationState(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an invitation; `sent_count` tells its links apart."""

    email: str
    sent_count: int
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> InvitationState:
        """Tell where the invitation stands at that instant."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.OPEN if now < self.expires_at else InvitationState.EXPIRED

    def require_open(self, link_number: int, now: datetime) -> None:
        """Raise `Conflict` unless this link, the n-th that was sent, can be used now."""
        state = self.state(now)
        if state is InvitationState.OPEN and link_number != self.sent_count:
            raise Conflict("A newer invitation was sent to you since. Use the link in that mail.")
        if state is not InvitationState.OPEN:
            raise Conflict(_CLOSED[state])

    def require_recipient(self, email: str) -> None:
        """Raise `Forbidden` unless the person with that address was invited."""
        if email != self.email:
            raise Forbidden(
                f"This invitation is for {self.email} and you are signed in as {email}. "
                "Sign out, and open the link again."
            )


_CLOSED = {
    InvitationState.ACCEPTED: "This invitation was used already.",
    InvitationState.REVOKED: "This invitation was withdrawn. Ask for a new one.",
    InvitationState.EXPIRED: "This invitation is out of date. Ask for a new one.",
}
