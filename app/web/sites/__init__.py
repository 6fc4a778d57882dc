"""DOORS of deployed apps: their files, kept apart from the portal and from one another."""

from __future__ import annotations

from flask import Flask

from app.extensions import csrf
from app.web.sites.own_host import SitesByHost
from app.web.sites.route import sites


def register(app: Flask, host: str) -> None:
    """Serve sites under hosts of their own, or sandboxed on the portal's when there is none."""
    csrf.exempt(sites)
    app.register_blueprint(sites)
    if host:
        app.wsgi_app = SitesByHost(app.wsgi_app, host)  # type: ignore[method-assign]
