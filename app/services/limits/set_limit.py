"""VERBS: set, change and remove a limit. It holds from the next deduction on, on every process.

The owner sets limits that block; admins may set alerts (PRODUCT, Workspaces, members, roles).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.limit import LARGEST_LIMIT, LimitEffect, LimitPer, LimitWho
from app.domain.reference import numbers_of, reference
from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.domain.role import Access, Right
from app.services.audit.note import note
from app.services.people.read_address import sought_address
from app.services.workspaces.access import present_access
from app.store.accounts import Account, AccountKind, membership_by_email
from app.store.apps import app_by_id
from app.store.database import add, transaction
from app.store.limits import LimitRow, delete_limit, limit_of, limits_of
from app.store.people import person_by_id

MOST_LIMITS = 50  # each of an account's limits is asked at each of its deductions


@dataclass(frozen=True, slots=True)
class WantedLimit:
    """A limit as it is asked for: `member` by e-mail, `app` by its id, both None for the others."""

    who: LimitWho
    effect: LimitEffect
    credits: int
    per: LimitPer
    member: str | None = None
    app: str | None = None


def set_limit(access: Access, wanted: WantedLimit, now: datetime) -> LimitRow:
    """Set a limit on the account's pool.

    Raises `Forbidden` for an admin who would block, `InvalidRequest` naming the field, `NotFound`
    for a member or an app that isn't there, and `Conflict` where there is such a limit already.
    """
    _require_size(wanted.credits)
    with transaction():
        account, present = present_access(access, right_for(wanted.effect))
        member_id, app_id = _subject(account, wanted)
        row = LimitRow(
            account_id=account.id,
            who=wanted.who,
            member_id=member_id,
            app_id=app_id,
            effect=wanted.effect,
            credits=wanted.credits,
            per=wanted.per,
            made_by=present.person_id,
            created_at=now,
        )
        _require_new(row, limits_of(account.id))
        add(row)
        note("limit.set", present, now, about=_about(row), after=_facts(row))
    return row


def change_limit(
    access: Access,
    limit_id: int,
    now: datetime,
    *,
    credits: int | None = None,
    effect: LimitEffect | None = None,
    per: LimitPer | None = None,
) -> LimitRow:
    """Change how many credits, what happens or per what; whom it is about stays."""
    with transaction():
        row, present = _standing(access, limit_id)
        present.require(right_for(effect or row.effect))
        before = _facts(row)
        row.credits = credits if credits is not None else row.credits
        row.effect, row.per = effect or row.effect, per or row.per
        _require_size(row.credits)
        _require_new(row, [each for each in limits_of(row.account_id) if each.id != row.id])
        note("limit.changed", present, now, about=_about(row), before=before, after=_facts(row))
    return row


def remove_limit(access: Access, limit_id: int, now: datetime) -> None:
    """Remove a limit: nobody is stopped or told by it any more."""
    with transaction():
        row, present = _standing(access, limit_id)
        note("limit.removed", present, now, about=_about(row), before=_facts(row))
        delete_limit(row)


def right_for(effect: LimitEffect) -> Right:
    """The right that setting such a limit takes: blocks are billing limits, alerts aren't."""
    is_block = effect is LimitEffect.BLOCK
    return Right.MANAGE_BILLING_LIMITS if is_block else Right.MANAGE_ALERTS


def _standing(access: Access, limit_id: int) -> tuple[LimitRow, Access]:
    """Find a limit that this person may change, under the account's lock."""
    account, present = present_access(access, Right.MANAGE_ALERTS)
    row = limit_of(account.id, limit_id)
    if row is None:
        raise NotFound("There is no such limit; perhaps somebody removed it.")
    present.require(right_for(row.effect))
    return row, present


def _require_size(credits: int) -> None:
    if not 1 <= credits <= LARGEST_LIMIT:
        raise InvalidRequest.of("credits", f"Write a whole number from 1 to {LARGEST_LIMIT:,}.")


def _subject(account: Account, wanted: WantedLimit) -> tuple[int | None, int | None]:
    of_people = wanted.who in (LimitWho.EACH_MEMBER, LimitWho.MEMBER)
    if of_people and account.kind is AccountKind.PERSONAL:
        raise InvalidRequest.of("who", "A personal account has one person: limit all of it.")
    if wanted.who is LimitWho.MEMBER:
        return _member(account, wanted.member or ""), None
    return None, _app(account, wanted.app or "") if wanted.who is LimitWho.APP else None


def _member(account: Account, email: str) -> int:
    place = membership_by_email(account.id, sought_address(email)) if email else None
    if place is None:
        raise InvalidRequest.of("member", "Name a member of this workspace by their e-mail.")
    return place.person_id


def _app(account: Account, text: str) -> int:
    try:
        (number,) = numbers_of("app", text, 1)
    except NotFound:
        number = 0
    app = app_by_id(number)
    if app is None or app.account_id != account.id or app.deleted_at is not None:
        raise InvalidRequest.of("app", "Name an app of this account.")
    return number


def _require_new(row: LimitRow, others: list[LimitRow]) -> None:
    if len(others) >= MOST_LIMITS:
        raise Conflict(f"An account has at most {MOST_LIMITS} limits. Remove one first.")
    for each in others:
        alike = _about_what(each) == _about_what(row)
        if alike and (row.effect is LimitEffect.BLOCK or each.credits == row.credits):
            raise Conflict("There is such a limit already. Change that one instead.")


def _about_what(row: LimitRow) -> tuple[object, ...]:
    return row.who, row.subject, row.effect, row.per


def _about(row: LimitRow) -> str:
    """Whom it is about, for the audit log."""
    if row.member_id is not None:
        person = person_by_id(row.member_id)
        return person.email if person else ""
    if row.app_id is not None:
        return reference("app", row.app_id)
    return "each member" if row.who is LimitWho.EACH_MEMBER else "the whole account"


def _facts(row: LimitRow) -> dict[str, str | int]:
    return {"effect": row.effect.value, "credits": row.credits, "per": row.per.value}
