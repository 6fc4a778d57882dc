"""DOORS, what all of them share: the settings, clock and what else an installation has once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.clock import Clock
from app.services.mail.links import Links
from app.services.mail.postman import Postman
from app.services.sso.resolver import Resolver
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Portal:
    """The objects of one installation, made by the factory."""

    settings: Settings
    clock: Clock
    links: Links
    postman: Postman
    resolver: Resolver


def portal() -> Portal:
    """Reach the objects of the application that handles this request."""
    return cast(Portal, current_app.extensions["coffer"])
