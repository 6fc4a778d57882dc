"""VERB: start an action. The hold that pays for it and its row are one transaction.

So there is never the one without the other, whenever a process dies. The pool is that of the
account in which it began, with the price of this moment, whatever happens later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.action_run import (
    HOLD_MARGIN,
    LONGEST_QUEUE,
    MOST_WAITING,
    ActionKind,
    RunState,
    prompt_from,
    size_named,
    suggest,
)
from app.domain.command import PlaceHold
from app.domain.hold import Hold
from app.domain.refusals import (
    Conflict,
    IdempotencyConflict,
    InsufficientCredits,
    InvalidRequest,
    LimitReached,
)
from app.domain.role import Access, Right
from app.domain.transaction import Attribution
from app.services.actions.price import decided
from app.services.actions.runners import offered
from app.services.apps.present import present_app
from app.services.apps.versions import read_version
from app.services.credits.answers import Answer
from app.services.credits.views import name_in
from app.services.credits.within import limits_of, spend_within
from app.services.directory import View, directory, looked_up
from app.store.action_runs import ActionRun, count_on_their_way, run_by_id, run_by_key
from app.store.database import add, transaction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants done. Without `action` the size that is suggested; `base` is a version.

    `at_most` is the price that they were told: nothing starts that costs more.
    """

    kind: ActionKind
    prompt: str = ""
    action: str | None = None
    runner: str | None = None
    base: int | None = None
    at_most: int | None = None


def start(
    access: Access, app_id: int, wanted: Wanted, key: str, now: datetime
) -> Answer[ActionRun]:
    """Set the credits aside and queue the action; a repeat of the key gives the first one.

    Raises `Conflict` when nobody can do it now, and whatever the pool refuses with.
    """
    known = run_by_key(access.account_id, access.person_id, key)
    if known is not None:
        return _replayed(known, app_id, wanted)
    access.require(Right.SPEND)
    new = _new(access, app_id, wanted, key, now)

    def work(view: View) -> Answer[ActionRun]:
        price = decided(view, new.action, access, app_id)
        if wanted.at_most is not None and price > wanted.at_most:
            raise Conflict(f"The price changed: this costs {price} credits now. Look again.")
        return _place(access, app_id, wanted, new, price, view, now)

    directory().fresh(now)
    try:
        done = looked_up(work, now)
    except InsufficientCredits as refusal:
        pool = access.account_id
        refusal.facts["who_can_top_up"] = looked_up(lambda view: view.payers(pool), now)
        raise
    row = run_by_id(done.value.id)
    assert row is not None, "it was committed"
    return Answer(row, done.replayed)


@dataclass(frozen=True, slots=True)
class _New:
    """What is known of the new action before the pool is asked."""

    key: str
    action: str
    runner: str
    prompt: str
    base: int | None


def _new(access: Access, app_id: int, wanted: Wanted, key: str, now: datetime) -> _New:
    kind = wanted.kind
    prompt = prompt_from(wanted.prompt, kind)
    version = read_version(access, app_id, wanted.base)
    if kind is not ActionKind.GENERATE and not version.file_count:
        raise Conflict(f"There is nothing to {kind} yet: this app has no files.")
    action = wanted.action or suggest(kind, prompt, version.file_count).size.action
    size_named(kind, action)
    runner = offered(kind, access.account_id, now).chosen(wanted.runner)
    base = None if kind is ActionKind.GENERATE else version.number
    return _New(key, action, runner.key, prompt, base)


def _place(
    access: Access,
    app_id: int,
    wanted: Wanted,
    new: _New,
    price: int,
    view: View,
    now: datetime,
) -> Answer[ActionRun]:
    who = Attribution(access.person_id, app_id, new.action, 1, {})
    command = PlaceHold(price, who, LONGEST_QUEUE + HOLD_MARGIN)
    with limits_of(access.account_id, view) as kept, transaction():
        _, present = present_app(access, app_id)
        present.require(Right.SPEND)
        known = run_by_key(access.account_id, access.person_id, new.key)
        if known is not None:
            return _replayed(known, app_id, wanted)
        if count_on_their_way(access.account_id) >= MOST_WAITING:
            raise Conflict(f"{MOST_WAITING} actions of this account are under way. Wait for one.")
        hold = spend_within(access.account_id, command, view, now, kept)
        if isinstance(hold, Hold):
            row = _row(access, app_id, wanted, new, hold, now)
            add(row)
    if isinstance(hold, LimitReached):
        name_in(hold, view, access.account_id)
        raise hold
    return Answer(row)


def _row(
    access: Access, app_id: int, wanted: Wanted, new: _New, hold: Hold, now: datetime
) -> ActionRun:
    return ActionRun(
        app_id=app_id,
        account_id=access.account_id,
        person_id=access.person_id,
        key=new.key,
        kind=wanted.kind,
        action=new.action,
        runner=new.runner,
        prompt=new.prompt,
        base=new.base,
        state=RunState.QUEUED,
        hold=hold.number,
        credits=hold.credits,
        captured=0,
        error="",
        attempts=0,
        created_at=now,
    )


def _replayed(known: ActionRun, app_id: int, wanted: Wanted) -> Answer[ActionRun]:
    prompt = prompt_from(wanted.prompt, wanted.kind)
    same = (known.app_id, known.kind, known.prompt) == (app_id, wanted.kind, prompt)
    if not same or wanted.action not in (None, known.action):
        raise IdempotencyConflict(
            "This idempotency key came before with another request. Use a new key for a new one."
        )
    return Answer(known, replayed=True)


def life_of_hold(minutes: int) -> timedelta:
    """How long a hold must live once its action runs, for so many minutes at most."""
    return timedelta(minutes=minutes) + HOLD_MARGIN


def key_from(text: str) -> str:
    """Read the key of a form; `InvalidRequest` when it is none."""
    if not 8 <= len(text) <= 100 or not text.isprintable():  # noqa: PLR2004
        raise InvalidRequest("This form is not ours. Load the page anew.")
    return text
