"""DOORS, API: who is calling, and how often. Everything here serves both doors."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import current_app

from app.domain.audit_line import Actor
from app.domain.refusals import Unauthenticated
from app.services.audit.door import come_as
from app.services.credits.caller import Caller, caller_of
from app.web.api.rate import RateLimit

COUNTER = "coffer_rate_limit"


def caller_from(authorization: str | None, now: datetime, *, checked_later: bool = False) -> Caller:
    """Find out who calls, and count the call."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or not token.isascii():
        raise Unauthenticated("Send a token: Authorization: Bearer coffer_…")
    caller = caller_of(token, now, checked_later=checked_later)
    cast(RateLimit, current_app.extensions[COUNTER]).count(caller)
    if not checked_later:  # what takes this way stands in the ledger
        come_as(Actor.TOKEN, "", person_id=caller.person_id, token_id=caller.token_id)
    return caller
