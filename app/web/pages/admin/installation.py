"""The installation for the operator: its health, and its settings with where each comes from."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.services.desk.health import health
from app.services.desk.settings_shown import describe_settings
from app.web.metrics import summary
from app.web.pages.admin.area import admin_page, for_operators
from app.web.pages.page import pages
from app.web.portal import portal


@pages.get("/admin/health")
@for_operators
def admin_health() -> ResponseReturnValue:
    """Show the parts of the installation and how each fares."""
    return admin_page("admin/health.html", health=health(portal().clock.now()), served=summary())


@pages.get("/admin/settings")
@for_operators
def admin_settings() -> ResponseReturnValue:
    """Show every setting with its value, meaning and source; secrets only as set or not."""
    return admin_page("admin/settings.html", rows=describe_settings(portal().settings))
