"""VERBS: let the visitors of a deployed app call AI models, and set how much they may cause.

A page that everybody can read can't keep a key. So the site itself takes the call, and Coffer makes
it in the app's name: the account that owns the app now pays, within a budget for each day. No
visitor, told by their address, may cause more than a share of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

from app.domain.ai_model import ModelKind
from app.domain.ai_terms import BudgetPer, Share, Terms
from app.domain.refusals import Forbidden, InvalidRequest, LimitReached, NotFound, RateLimited
from app.domain.role import Access
from app.services.ai.call import Surroundings
from app.services.ai.call_model import Reply, call_model
from app.services.apps.present import changeable_app
from app.services.audit.note import note
from app.services.credits.caller import caller_for_app
from app.services.sealing import mark_of
from app.services.sites.change import locked_site
from app.store.database import transaction
from app.store.sites import Site, site_named

USED_UP = "What this app's visitors may spend today is used up. It begins anew at midnight UTC."
MOST_CREDITS = 1_000_000
MOST_CALLS = 600
AT_ONCE, AT_ONCE_PER_VISITOR = 50, 4
# Whoever has one address of IPv6 has a network of them.
IPV6_NETWORK = 64
VISITOR_LETTERS = 20


@dataclass(frozen=True, slots=True)
class VisitorsAi:
    """What visitors may cause: credits a day together, credits a day each, calls a minute each.

    0 credits is off.
    """

    credits: int = 0
    per_visitor: int = 5
    calls: int = 10


def visitors_ai(site: Site) -> VisitorsAi:
    """What is set for a site."""
    return VisitorsAi(site.ai_credits, site.ai_visitor_credits, site.ai_calls)


def let_visitors_call(access: Access, app_id: int, wanted: VisitorsAi, now: datetime) -> None:
    """Set what visitors may cause, or switch it off with 0 credits.

    It spends from the account's pool without a member, as a key does, so it takes the right to
    handle the app's keys.
    """
    _require_figure("credits", wanted.credits, 0, MOST_CREDITS)
    _require_figure("per_visitor", wanted.per_visitor, 1, MOST_CREDITS)
    _require_figure("calls", wanted.calls, 1, MOST_CALLS)
    with transaction():
        app, present = changeable_app(access, app_id, now)
        present.require_app(app.created_by_id)
        site = locked_site(app_id)
        before = visitors_ai(site)
        site.ai_credits, site.ai_visitor_credits = wanted.credits, wanted.per_visitor
        site.ai_calls = wanted.calls
        after = {"app": app.id, **asdict(wanted)}
        note("app.visitors_ai", present, now, about=app.name, before=asdict(before), after=after)


def ask_for_visitor(name: str, address: str, raw: bytes, here: Surroundings) -> Reply:
    """Ask a chat model what a visitor's page asks, in OpenAI's wire format.

    Raises `NotFound` when no such app is on the web, `Forbidden` when its owners did not switch
    this on, `LimitReached` or `RateLimited` when the day's budget or the visitor's share of it is
    used up, and what `call_model` raises.
    """
    site = site_named(name)
    if site is None or site.live is None:
        raise NotFound("No app is on the web at this address.")
    wanted = visitors_ai(site)
    if not wanted.credits:
        raise Forbidden("The owners of this app have not let its visitors call AI models.")
    subject = subject_of(site.app_id)
    shares = (
        Share(
            f"{subject}/{visitor_of(address, subject)}",
            Terms(wanted.per_visitor, BudgetPer.DAY, wanted.calls, AT_ONCE_PER_VISITOR),
        ),
        Share(subject, Terms(wanted.credits, BudgetPer.DAY, None, AT_ONCE)),
    )
    caller = caller_for_app(site.app_id)
    try:
        return call_model(caller, ModelKind.CHAT, raw, here, subject=subject, shares=shares)
    except LimitReached as refusal:
        raise LimitReached(USED_UP, resets_at=refusal.facts.get("resets_at")) from None
    except RateLimited as refusal:
        raise RateLimited(refusal.facts["retry_after"]) from None


def subject_of(app_id: int) -> str:
    """How a site is named among those whose calls are counted."""
    return f"site:{app_id}"


def visitor_of(address: str, about: str) -> str:
    """Name a visitor by their address, so that the name tells it to nobody without the secret."""
    try:
        found = ip_address(address)
    except ValueError:
        found = ip_address("::")
    if isinstance(found, IPv6Address):
        found = ip_network((found, IPV6_NETWORK), strict=False).network_address
    return mark_of(str(found).encode(), f"visitor of {about}")[:VISITOR_LETTERS]


def _require_figure(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidRequest.of(field, f"Write a whole number from {least} to {most}.")
