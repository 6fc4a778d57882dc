"""VERB: tell where an invitation's row stands, in the words of the rule."""

from __future__ import annotations

from app.domain.invitation import Standing
from app.store.invitations import Invitation


def standing_of(invitation: Invitation) -> Standing:
    """Take from the row what the rule asks for."""
    return Standing(
        email=invitation.email,
        sent_count=invitation.sent_count,
        expires_at=invitation.expires_at,
        accepted_at=invitation.accepted_at,
        revoked_at=invitation.revoked_at,
    )
