"""DOORS: pages for people, JSON for programs, probes for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register_doors(app: Flask, sites_host: str = "") -> None:
    """Open every door. The probes come last: they measure all that lies behind them."""
    from app.web import (
        ai,
        api,
        audit_door,
        deliveries,
        isolation,
        login,
        pages,
        probes,
        scim,
        seeing,
        sites,
    )
    from app.web.whole_path import WholePath

    app.url_map.converters["path"] = WholePath
    audit_door.register(app)
    isolation.register(app)
    login.register(app)
    seeing.register(app)
    pages.register(app)
    api.register(app)
    deliveries.register(app)
    scim.register(app)
    ai.register(app)
    sites.register(app, sites_host)
    probes.register(app)
