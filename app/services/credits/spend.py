"""VERBS of spending: deduct, deduct many, place a hold.

Each looks names and price up in the directory, and commits commands to the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal, TypeVar

import orjson

from app import hookspecs
from app.domain.command import Command, Deduct, PlaceHold, Refused
from app.domain.hold import DEFAULT_HOLD, LONGEST_HOLD
from app.domain.reference import reference
from app.domain.refusals import (
    Conflict,
    InsufficientCredits,
    InvalidRequest,
    LimitReached,
    Refusal,
    RefusedByPlugin,
)
from app.domain.transaction import Attribution
from app.services.credits.answers import Answer, Deduction, HoldView
from app.services.credits.caller import IN_HOUSE, Actor, Caller, actor_for, standing_token
from app.services.credits.group_commit import MOST_ENTRIES
from app.services.credits.ledger import submit
from app.services.credits.post import Entry, Result
from app.services.credits.views import deduction_view, hold_view, name_in
from app.services.directory import MOST_TRIES, Outdated, View, directory, looked_up
from app.services.plugins.decide import decided_price
from app.services.plugins.installed import asked_for
from app.services.plugins.prices import price_of

T = TypeVar("T")
LARGEST_QUANTITY = 1_000_000


@dataclass(frozen=True, slots=True)
class Spending:
    """What is asked: an action, so many times, for whom. Accounts by slug, members by e-mail."""

    account: str | None
    member: str | None
    app: str | None
    action: str
    quantity: int = 1
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One spending with its key, and what it asks of the pool once price and names are known."""

    spending: Spending
    key: str | None
    fingerprint: str
    command: Callable[[int, Attribution], Command]
    kind: Literal["deduction", "hold"]
    price: Callable[[View], int] | None = None


def deduct(caller: Caller, spending: Spending, key: str, now: datetime) -> Answer[Deduction]:
    """Take the credits that the action costs, at once."""
    (result,) = deduct_many(caller, [(spending, key)], now)
    return or_raise(result)


def deduct_many(
    caller: Caller, spendings: Sequence[tuple[Spending, str]], now: datetime
) -> list[Answer[Deduction] | Refusal]:
    """Take credits many times; answers are in order, and a refusal doesn't disturb the rest."""
    asks = [
        _Ask(spending, key, fingerprint("deduction", _facts(spending)), Deduct, "deduction")
        for spending, key in spendings
    ]
    return _spend(caller, asks, deduction_view, now)


def place_hold(
    caller: Caller, spending: Spending, key: str, expires_in: int | None, now: datetime
) -> Answer[HoldView]:
    """Set the credits aside that the action costs, for so many seconds (None: 900)."""
    lasts = life_of(expires_in)

    def command(credits: int, attribution: Attribution) -> Command:
        return PlaceHold(credits, attribution, lasts)

    asked = fingerprint("hold", _facts(spending), lasts.total_seconds())
    (result,) = _spend(caller, [_Ask(spending, key, asked, command, "hold")], hold_view, now)
    return or_raise(result)


def place_priced_hold(
    caller: Caller,
    spending: Spending,
    price: Callable[[View], int],
    lasts: timedelta,
    now: datetime,
) -> HoldView:
    """Set credits aside whose number `price` tells, for one that can't be asked for twice.

    `price` is asked under the very directory that the hold is committed under.
    """

    def command(credits: int, attribution: Attribution) -> Command:
        return PlaceHold(credits, attribution, lasts)

    ask = _Ask(spending, None, "", command, "hold", price)
    (result,) = _spend(caller, [ask], hold_view, now)
    return or_raise(result).value


def life_of(expires_in: int | None) -> timedelta:
    """The life of a hold in seconds (None: 900), or raise `InvalidRequest`."""
    if expires_in is None:
        return DEFAULT_HOLD
    lasts = timedelta(seconds=min(max(expires_in, 0), LONGEST_HOLD.total_seconds() + 1))
    if not timedelta(0) < lasts <= LONGEST_HOLD:
        longest = int(LONGEST_HOLD.total_seconds())
        raise InvalidRequest.of("expires_in", f"Ask for 1 to {longest} seconds.")
    return lasts


def or_raise(result: Answer[T] | Refusal) -> Answer[T]:
    """Return the answer, or raise the refusal."""
    if isinstance(result, Refusal):
        raise result
    return result


def fingerprint(*asked: Any) -> str:  # noqa: ANN401 - anything that JSON can spell
    """Hash what was asked, so that a key that comes with another body is noticed."""
    spelled = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    return blake2b(spelled, digest_size=16).hexdigest()


def _facts(spending: Spending) -> list[Any]:
    return [getattr(spending, name) for name in Spending.__slots__]


def _spend(
    caller: Caller,
    asks: Sequence[_Ask],
    view_of: Callable[[View, int, Any], T],
    now: datetime,
) -> list[Answer[T] | Refusal]:
    """Look up, commit pool by pool, and ask again where the directory changed meanwhile.

    The money path checks what it commits. A refusal before it must rest on the present directory.
    """
    results: dict[int, Answer[T] | Refusal] = {}
    waiting = list(enumerate(asks))
    for tries_left in reversed(range(MOST_TRIES)):
        view = directory().view(now)
        pools, refused = _prepare(view, caller, waiting, now)
        if refused and tries_left and directory().fresh(now) is not view:
            continue
        results.update(refused)
        for pool, batch in pools.items():
            answers = _in_chunks(pool, [entry for _, entry in batch], now)
            for (index, _), answer in zip(batch, answers, strict=True):
                results[index] = _shown(view, pool, answer, view_of, now)
        waiting = [(index, asks[index]) for index in results if _is_outdated(results[index])]
        if not waiting:
            break
        directory().fresh(now)
    for index, _ in waiting:
        results[index] = Conflict("Members or prices changed at this very moment; try again.")
    return [results[index] for index in range(len(asks))]


def _prepare(
    view: View, caller: Caller, waiting: Sequence[tuple[int, _Ask]], now: datetime
) -> tuple[dict[int, list[tuple[int, Entry]]], dict[int, Refusal]]:
    """Sort what waits by pool; what can't even be looked up is refused."""
    pools: dict[int, list[tuple[int, Entry]]] = {}
    refused: dict[int, Refusal] = {}
    actors: dict[tuple[str | None, ...], Actor] = {}

    def actor(*named: str | None) -> Actor:
        if named not in actors:
            if caller.token_hash != IN_HOUSE:
                standing_token(view, caller.token_hash, now)
            actors[named] = actor_for(view, caller, *named)
        return actors[named]

    decided = bool(asked_for("before_deduction", view))
    for index, ask in waiting:
        try:
            pool, entry = _entry(view, ask, actor, decided=decided)
        except Refusal as refusal:
            refused[index] = refusal
        else:
            pools.setdefault(pool, []).append((index, entry))
    return pools, refused


def _entry(
    view: View, ask: _Ask, actor_of: Callable[..., Actor], *, decided: bool
) -> tuple[int, Entry]:
    wanted = ask.spending
    actor = actor_of(wanted.account, wanted.member, wanted.app)
    if not 1 <= wanted.quantity <= LARGEST_QUANTITY:
        raise InvalidRequest.of("quantity", f"Ask for 1 to {LARGEST_QUANTITY} at once.")
    attribution = Attribution(
        actor.member, actor.app, wanted.action, wanted.quantity, wanted.metadata
    )
    price = ask.price(view) if ask.price else price_of(view, wanted.action) * wanted.quantity
    try:
        credits = _decided(view, actor, ask, price) if decided else price
        command = ask.command(credits, attribution)
    except RefusedByPlugin as refusal:
        command = Refused(refusal)
    limits = view.limits(actor.account.id)
    return actor.account.id, Entry(command, ask.key, ask.fingerprint, view.version, limits)


def _decided(view: View, actor: Actor, ask: _Ask, price: int) -> int:
    """What it costs after the plugins that decide; they may refuse it, too."""
    wanted = ask.spending
    member = view.person(actor.member) if actor.member is not None else None
    return decided_price(
        view,
        hookspecs.Spending(
            account=actor.account.slug,
            member=member.email if member else None,
            app=reference("app", actor.app) if actor.app is not None else None,
            action=wanted.action,
            quantity=wanted.quantity,
            price=price,
            credits=price,
            kind=ask.kind,
            metadata=wanted.metadata,
        ),
    )


def _in_chunks(pool: int, entries: list[Entry], now: datetime) -> list[Result]:
    results: list[Result] = []
    for first in range(0, len(entries), MOST_ENTRIES):
        results += submit(pool, entries[first : first + MOST_ENTRIES], now)
    return results


def _shown(
    view: View, pool: int, result: Result, view_of: Callable[[View, int, Any], T], now: datetime
) -> Answer[T] | Refusal:
    """Spell a result with the names it was made with, or with newer ones if they changed since."""
    if isinstance(result, InsufficientCredits):
        result.facts["who_can_top_up"] = looked_up(lambda newer: newer.payers(pool), now)
    if isinstance(result, LimitReached):
        looked_up(lambda newer: name_in(result, newer, pool), now)
    if isinstance(result, Refusal):
        return result
    try:
        shown = view_of(view, pool, result.value)
    except Outdated:
        shown = looked_up(lambda newer: view_of(newer, pool, result.value), now)
    return Answer(shown, result.replayed)


def _is_outdated(result: object) -> bool:
    return isinstance(result, Outdated)
