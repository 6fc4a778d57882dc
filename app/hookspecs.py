"""THE CONTRACT with plugin authors: what a plugin says of itself, what it is told and may answer.

A plugin imports this module and nothing else of Coffer. Everything that it is given is frozen.
Credits are whole numbers; accounts are named by slug,
people by e-mail address, apps, holds and transactions by reference (`app_12`, `tx_3_41`).

*Registration* hooks return what the plugin brings. *Decider* hooks allow, refuse or price, before
something happens. A hook may leave out arguments that it doesn't need. `settings` holds the values
of the settings that the manifest declares, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pluggy

API_VERSION = 1

hookspec = pluggy.HookspecMarker("coffer")
hookimpl = pluggy.HookimplMarker("coffer")


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting that the plugin declares; the operator sets it. `kind` says how it is checked."""

    name: str
    kind: Literal["text", "integer", "boolean"]
    meaning: str
    default: str | int | bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin says of itself, as `manifest` of its module or object.

    `api` is the range of hook API versions that it was written for, both ends included.
    """

    name: str
    version: str
    summary: str
    api: tuple[int, int] = (API_VERSION, API_VERSION)
    settings: tuple[SettingField, ...] = ()


@dataclass(frozen=True, slots=True)
class Spending:
    """A deduction or hold about to be made, for all of `quantity`.

    `price` is what the catalogue says; `credits` what deciders before this one made of it.
    """

    account: str
    member: str | None
    app: str | None
    action: str
    quantity: int
    price: int
    credits: int
    kind: Literal["deduction", "hold"]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody about to become a member. `role` may be lowered, or raised up to `highest_role`."""

    workspace: str
    email: str
    role: Literal["admin", "member"]
    highest_role: Literal["admin", "member"]


@dataclass(frozen=True, slots=True)
class Allow:
    """Let it happen."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Don't let it happen; `reason` is a sentence for the person who asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Price:
    """Let it happen for so many credits, at least 1, for the whole quantity."""

    credits: int


@dataclass(frozen=True, slots=True)
class JoinAs:
    """Let them join with this role."""

    role: Literal["admin", "member"]


@hookspec
def action_prices(settings: Mapping[str, Any]) -> Mapping[str, int]:
    """REGISTRATION. Bring billable actions: their keys and their prices in credits, at least 1.

    Runs when an action is asked for that the catalogue doesn't have; so the catalogue wins. On
    failure the plugin's actions are unknown.
    """
    raise NotImplementedError


@hookspec
def before_deduction(
    spending: Spending, settings: Mapping[str, Any]
) -> Allow | Refuse | Price | None:
    """DECIDER. Price, allow or refuse a deduction or hold, before it is made.

    Runs for each request, outside the transaction, for at most the time box. None allows. On
    failure the deduction is allowed at the price so far: a broken plugin stops nobody's work.
    """
    raise NotImplementedError


@hookspec
def before_member_joins(
    joining: Joining, settings: Mapping[str, Any]
) -> Allow | Refuse | JoinAs | None:
    """DECIDER. Allow or refuse a new member, or choose their role up to the highest allowed.

    Runs for at most the time box. None allows. On failure the person is refused: a broken plugin
    lets nobody in.
    """
    raise NotImplementedError
