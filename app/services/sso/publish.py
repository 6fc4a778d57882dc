"""VERB: tell the other side who we are."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import NotFound
from app.hookspecs import Published
from app.services.sso.begin import public_provider
from app.services.sso.handlers import HandlerFailed, ask, handler_named
from app.services.sso.our_side import our_side
from app.store.identity_providers import IdentityProviderRow


def published(public_id: str, now: datetime) -> Published:
    """What an identity provider is told, to anybody who knows its address."""
    return told(public_provider(public_id), now)


def told(row: IdentityProviderRow, now: datetime) -> Published:
    """What an identity provider is told; `NotFound` while no plugin speaks its protocol."""
    ours = our_side(row)
    try:
        return ask(handler_named(row.handler, now), "publish", lambda one: one.publish(ours))
    except HandlerFailed as failure:
        raise NotFound(str(failure)) from failure
