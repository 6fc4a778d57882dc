"""DOORS: pages for people, JSON for programs, probes for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register_doors(app: Flask) -> None:
    """Open every door. The probes come last: they measure all that lies behind them."""
    from app.web import api, audit_door, deliveries, login, pages, probes, scim

    audit_door.register(app)
    login.register(app)
    pages.register(app)
    api.register(app)
    deliveries.register(app)
    scim.register(app)
    probes.register(app)
