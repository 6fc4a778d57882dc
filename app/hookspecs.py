"""THE CONTRACT with plugin authors: what a plugin says of itself, what it is told and may answer.

A plugin imports this module and nothing else of Coffer. Everything that it is given is frozen.
Credits are whole numbers; accounts are named by slug, people by e-mail address, apps, holds and
transactions by reference (`app_12`, `tx_3_41`).

*Registration* hooks return what the plugin brings. *Decider* hooks allow, refuse or price, before
something happens. *Observer* hooks, named in the past tense, are told after it was committed: at
least once, in order per account; what failed is told again later, and what follows waits. A hook
may leave out arguments that it doesn't need. `settings` holds the values of the settings that the
manifest declares, by name; `host` is what Coffer lends the plugin, its tables above all.
"""

# ruff: noqa: F405 - the words come from `app.contract.words`
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pluggy

from app.contract import words
from app.contract.words import *  # noqa: F403 - what plugins import stands there

__all__ = [
    "action_prices",
    "app_runners",
    "before_deduction",
    "before_member_joins",
    "billing_providers",
    "credits_deducted",
    "credits_exhausted",
    "credits_low",
    "cycle_closed",
    "hold_expired",
    "hookimpl",
    "hookspec",
    "member_joined",
    "member_left",
    "pages",
    "sso_handlers",
    "subscription_changed",
    "top_up_completed",
]
__all__ += words.__all__

hookspec = pluggy.HookspecMarker("coffer")
hookimpl = pluggy.HookimplMarker("coffer")


@hookspec
def action_prices(host: Host, settings: Mapping[str, Any]) -> Mapping[str, int]:
    """REGISTRATION. Bring billable actions: their keys and their prices in credits, at least 1.

    Runs when an action is asked for that the catalogue doesn't have; so the catalogue wins. On
    failure the plugin's actions are unknown.
    """
    raise NotImplementedError


@hookspec
def billing_providers(host: Host, settings: Mapping[str, Any]) -> Sequence[BillingProvider]:
    """REGISTRATION. Bring ways in which money comes in.

    Runs once for each process and each change of the settings. On failure the plugin's providers
    are not offered, and what they have begun waits until they are back.
    """
    raise NotImplementedError


@hookspec
def sso_handlers(host: Host, settings: Mapping[str, Any]) -> Sequence[SsoHandler]:
    """REGISTRATION. Bring protocols by which people are signed in by an identity provider.

    Runs once for each process and each change of the settings. On failure nobody can sign in
    through the plugin's handlers.
    """
    raise NotImplementedError


@hookspec
def app_runners(host: Host, settings: Mapping[str, Any]) -> Sequence[AppRunner]:
    """REGISTRATION. Bring ways in which apps are generated, refined and deployed.

    Runs once for each process and each change of the settings. On failure the plugin's runners are
    not offered, and an action that one of them has begun fails and costs nothing.
    """
    raise NotImplementedError


@hookspec
def pages(host: Host, settings: Mapping[str, Any]) -> Sequence[Page]:
    """REGISTRATION. Bring pages under `/plugins/<name>/` with entries in the navigation.

    Runs once for each process and each change of the settings. On failure the plugin's pages do
    not exist.
    """
    raise NotImplementedError


@hookspec
def before_deduction(
    spending: Spending, host: Host, settings: Mapping[str, Any]
) -> Allow | Refuse | Price | None:
    """DECIDER. Price, allow or refuse a deduction or hold, before it is made.

    Runs for each request, outside the transaction, for at most the time box. None allows. On
    failure the deduction is allowed at the price so far: a broken plugin stops nobody's work.
    """
    raise NotImplementedError


@hookspec
def before_member_joins(
    joining: Joining, host: Host, settings: Mapping[str, Any]
) -> Allow | Refuse | JoinAs | None:
    """DECIDER. Allow or refuse a new member, or choose their role up to the highest allowed.

    Runs for at most the time box. None allows. On failure the person is refused: a broken plugin
    lets nobody in.
    """
    raise NotImplementedError


@hookspec
def credits_deducted(event: CreditsDeducted, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after credits left a pool for an action. On failure it is told again."""
    raise NotImplementedError


@hookspec
def credits_low(event: CreditsLow, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after a pool fell under 10 credits or 10 % of its allocation, once per period.

    On failure it is told again.
    """
    raise NotImplementedError


@hookspec
def credits_exhausted(event: CreditsExhausted, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after a pool was emptied, once per period. On failure it is told again."""
    raise NotImplementedError


@hookspec
def hold_expired(event: HoldExpired, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after a hold timed out. On failure it is told again."""
    raise NotImplementedError


@hookspec
def top_up_completed(event: TopUpCompleted, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after bought credits entered a pool. On failure it is told again."""
    raise NotImplementedError


@hookspec
def member_joined(event: MemberJoined, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after somebody became a member of a workspace. On failure it is told again."""
    raise NotImplementedError


@hookspec
def member_left(event: MemberLeft, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after somebody left a workspace or was removed.

    On failure it is told again.
    """
    raise NotImplementedError


@hookspec
def cycle_closed(event: CycleClosed, host: Host, settings: Mapping[str, Any]) -> None:
    """OBSERVER. Told after a period of a pool was closed. On failure it is told again."""
    raise NotImplementedError


@hookspec
def subscription_changed(
    event: SubscriptionChanged, host: Host, settings: Mapping[str, Any]
) -> None:
    """OBSERVER. Told after a subscription changed its plan or its state.

    On failure it is told again.
    """
    raise NotImplementedError
