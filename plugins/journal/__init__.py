"""The journal: everything that plugins are told, kept for a while and shown to who may see it.

Operators read what happened everywhere, owners and admins what happened in their account. It is
also the plugin to look at for observers, tables and pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.hookspecs import (
    CreditsDeducted,
    CreditsExhausted,
    CreditsLow,
    CycleClosed,
    HoldExpired,
    Host,
    Manifest,
    MemberJoined,
    MemberLeft,
    Page,
    SettingField,
    SubscriptionChanged,
    TopUpCompleted,
    hookimpl,
)
from plugins.journal.book import Book
from plugins.journal.reading import Reading

manifest = Manifest(
    name="journal",
    version="1.0",
    summary="Keeps what happened, for operators and for owners and admins.",
    settings=(SettingField("days", "integer", "days for which it is kept, at least 1", 90),),
    templates="templates",
    migrations="migrations",
)


@hookimpl
def pages(host: Host, settings: Mapping[str, Any]) -> Sequence[Page]:
    """Bring the operator's page and the account's."""
    reading = Reading(Book(host, settings["days"]))
    return [
        Page("", "Journal", "operator", reading.everything),
        Page("", "Journal", "account", reading.of_an_account, least_role="admin"),
    ]


@hookimpl
def credits_deducted(event: CreditsDeducted, host: Host, settings: Mapping[str, Any]) -> None:
    """Note what was spent."""
    words = f"{event.action} cost {event.credits}; {event.balance_after} are left."
    Book(host, settings["days"]).note(event, event.member or event.app, words)


@hookimpl
def credits_low(event: CreditsLow, host: Host, settings: Mapping[str, Any]) -> None:
    """Note that a pool runs low."""
    Book(host, settings["days"]).note(event, None, f"{event.available} can still be spent.")


@hookimpl
def credits_exhausted(event: CreditsExhausted, host: Host, settings: Mapping[str, Any]) -> None:
    """Note that a pool is empty."""
    Book(host, settings["days"]).note(event, None, "Nothing can be spent any more.")


@hookimpl
def hold_expired(event: HoldExpired, host: Host, settings: Mapping[str, Any]) -> None:
    """Note that a hold timed out."""
    words = f"{event.action} came to no end: {event.credits} are no longer set aside."
    Book(host, settings["days"]).note(event, event.member or event.app, words)


@hookimpl
def top_up_completed(event: TopUpCompleted, host: Host, settings: Mapping[str, Any]) -> None:
    """Note what was bought."""
    words = f"{event.credits} were bought; {event.balance_after} are there."
    Book(host, settings["days"]).note(event, None, words)


@hookimpl
def member_joined(event: MemberJoined, host: Host, settings: Mapping[str, Any]) -> None:
    """Note who came."""
    Book(host, settings["days"]).note(event, event.email, f"Joined as {event.role}.")


@hookimpl
def member_left(event: MemberLeft, host: Host, settings: Mapping[str, Any]) -> None:
    """Note who went."""
    words = f"Was removed by {event.removed_by}." if event.removed_by else "Left."
    Book(host, settings["days"]).note(event, event.email, words)


@hookimpl
def cycle_closed(event: CycleClosed, host: Host, settings: Mapping[str, Any]) -> None:
    """Note that a period ended."""
    words = (
        f"The period of {event.plan} since {event.period_start:%Y-%m-%d} ended: "
        f"{event.expired} expired, {event.allocated} came."
    )
    Book(host, settings["days"]).note(event, None, words)


@hookimpl
def subscription_changed(
    event: SubscriptionChanged, host: Host, settings: Mapping[str, Any]
) -> None:
    """Note how the subscription stands."""
    words = f"The plan {event.plan} is {event.state.replace('_', ' ')}, by {event.provider}."
    Book(host, settings["days"]).note(event, None, words)
