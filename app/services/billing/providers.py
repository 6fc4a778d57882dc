"""Billing providers: which are on offer, and how they are asked, in a thread and a time box.

What a provider raises, takes too long for, or answers wrongly means that nothing is known. It
never counts against the plugin, since it is mostly the world outside that fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.refusals import Conflict
from app.hookspecs import (
    BillingProvider,
    Cancelled,
    Declined,
    Money,
    Outcome,
    Pending,
    Processed,
    TaxLine,
    Unknown,
)
from app.plugin_manager import Failed, Plugin
from app.services.directory import directory
from app.services.plugins.installed import installed
from app.services.plugins.registered import registered

SECONDS = 20.0
LONGEST_REFERENCE = 255
Consulted = Callable[[BillingProvider], Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """A billing provider that is there now, and the plugin that brings it."""

    plugin: Plugin
    provider: BillingProvider
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to pay that an owner can choose. Automatic top-up needs `charges_absent`."""

    key: str
    title: str
    charges_absent: bool


def offers(now: datetime) -> list[Offer]:
    """List the ways to pay that are there now, in the order of their plugins' names."""
    found = [(each, charges_absent(each)) for each in desks(now)]
    return [Offer(each.key, each.title, absent) for each, absent in found if absent is not None]


def desks(now: datetime, plugin: str | None = None) -> list[Desk]:
    """List the providers that are there now; with `plugin`, only those that it brings."""
    view = directory().fresh(now)
    return [
        Desk(brought_by, provider, provider.key, provider.title)
        for brought_by, provider in registered("billing_providers", view)
        if plugin in (None, brought_by.name)
    ]


def desk(key: str, now: datetime) -> Desk | None:
    """Find a provider by its key; None while its plugin is off or broken."""
    return next((found for found in desks(now) if found.key == key), None)


def required_desk(key: str, now: datetime) -> Desk:
    """Find a provider by its key, or raise `Conflict`."""
    found = desk(key, now)
    if found is None:
        raise Conflict("This way to pay is not there now. Choose another, or try again later.")
    return found


def title_of(key: str, now: datetime) -> str:
    """Tell what people call a provider; its key while it is not there."""
    found = desk(key, now)
    return found.title if found else key


def charges_absent(at: Desk) -> bool | None:
    """Ask whether it can charge when nobody is there; None when it can't tell."""
    answer = consult(at, "charges_absent", lambda p: p.charges_absent, _wrong_boolean)
    return None if isinstance(answer, Failed) else bool(answer)


def ask(key: str, what: str, call: Callable[[BillingProvider], Outcome], now: datetime) -> Outcome:
    """Ask a provider for an outcome; never inside a transaction. Whatever fails is `Unknown`."""
    found = desk(key, now)
    if found is None:
        return Unknown(f"The provider {key} is not there now.")
    answer = consult(found, what, call, wrong_outcome)
    if isinstance(answer, Failed):
        return Unknown(answer.reason)
    outcome: Outcome = answer
    return outcome


def consult(at: Desk, what: str, call: Consulted, wrong: Callable[[Any], str | None]) -> Any:  # noqa: ANN401 - what the provider answers, or `Failed`
    """Let a provider's code work in a thread of its own, for at most twenty seconds."""
    return installed().run(
        at.plugin,
        f"{at.key}.{what}",
        lambda: call(at.provider),
        wrong,
        seconds=SECONDS,
        harmless=True,
    )


def wrong_outcome(answer: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    """Say what is wrong with an outcome; None when nothing."""
    match answer:
        case Processed(reference=str(reference), money=Money() as money, tax=tuple(tax)):
            wrong = _wrong_processed(reference, money) or _wrong_tax(tax)
            return wrong or _wrong_texts(answer)
        case Pending(tax=tuple(tax)):
            return _wrong_tax(tax) or _wrong_texts(answer)
        case Declined(reason=str()) | Cancelled() | Unknown(reason=str()):
            return _wrong_texts(answer)
    return f"it answered with {type(answer).__name__}; answer one of the five outcomes"


def _wrong_processed(reference: str, money: Money) -> str | None:
    if not reference:
        return "what was processed has no reference"
    if type(money.amount) is not int or money.amount <= 0 or not isinstance(money.currency, str):
        return f"{money!r} is no money that moved"
    return None


def _wrong_tax(tax: tuple[Any, ...]) -> str | None:
    if all(map(_is_tax, tax)):
        return None
    return "tax is a tuple of TaxLine, each with words and an amount of 0 or more"


def _is_tax(line: Any) -> bool:  # noqa: ANN401
    match line:
        case TaxLine(words=str(), money=Money(amount=int(amount), currency=str())):
            return amount >= 0 and not isinstance(amount, bool)
    return False


def _wrong_texts(answer: Any) -> str | None:  # noqa: ANN401
    for name in ("reference", "payer_reference", "visit", "instructions"):
        value = getattr(answer, name, None)
        if value is not None and not isinstance(value, str):
            return f"{name} is {type(value).__name__}, not a text"
        if name.endswith("reference") and len(value or "") > LONGEST_REFERENCE:
            return f"{name} is longer than {LONGEST_REFERENCE} characters"
    visit = getattr(answer, "visit", None)
    if visit and not visit.startswith(("https://", "http://")):
        return "visit is no address of a page"
    return None


def _wrong_boolean(answer: Any) -> str | None:  # noqa: ANN401
    return None if isinstance(answer, bool) else "it is neither True nor False"
