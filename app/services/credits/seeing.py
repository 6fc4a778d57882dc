"""VERB: find the account that a caller looks at, quickly and never out of date."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import Forbidden, NotFound
from app.domain.role import Right, may
from app.services.credits.caller import Caller
from app.services.directory import View, looked_up
from app.store.directory import AccountFacts
from app.store.tokens import TokenKind


def account_seen_by(
    caller: Caller, slug: str, now: datetime, *, by_apps: bool = False
) -> AccountFacts:
    """Find an account whose pool this caller may look at; `NotFound` for outsiders.

    A service sees all. An app sees its own account, where apps may look at all (`by_apps`).
    """
    if caller.kind is TokenKind.APP and not by_apps:
        raise Forbidden("An app key only spends, and sees the pool of its own account.")
    found = looked_up(lambda view: _seen(view, caller, slug), now)
    if found is None:
        raise NotFound
    return found


def _seen(view: View, caller: Caller, slug: str) -> AccountFacts | None:
    account = view.account(slug)
    if account is None or caller.kind is TokenKind.SERVICE:
        return account
    if caller.kind is TokenKind.APP:
        app = view.app(caller.app_id or 0)
        owned = app is not None and not app.deleted and app.account_id == account.id
        return account if owned else None
    role = view.role(account.id, caller.person_id or 0)
    return account if role is not None and may(role, Right.SEE_ACCOUNT) else None
