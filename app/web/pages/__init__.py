"""PAGES: what people see. Forms in, HTML out; each page asks a verb and shows its answer."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

SUBJECTS = (
    "ace",
    "actions",
    "admin.account",
    "admin.accounts",
    "admin.audit",
    "admin.catalogue",
    "admin.cycles",
    "admin.installation",
    "admin.invoices",
    "admin.ledger",
    "admin.mails",
    "admin.overview",
    "admin.payments",
    "admin.people",
    "admin.plugins",
    "app_editing",
    "app_files",
    "app_key",
    "apps",
    "audit",
    "auto_top_up",
    "billing",
    "buying",
    "confirm",
    "danger",
    "directory",
    "domains",
    "history",
    "home",
    "identity_providers",
    "invitation",
    "invite",
    "invite_list",
    "invoices",
    "join_request",
    "limits",
    "members",
    "notifications",
    "overview",
    "payments",
    "plugins",
    "profile",
    "reading",
    "second_step",
    "settings",
    "sign_in",
    "sign_up",
    "site",
    "sso",
    "statement",
    "two_factor",
    "usage",
    "webhooks",
)


def register(app: Flask) -> None:
    """Open all pages."""
    from app.web.pages import errors, layout
    from app.web.pages.page import pages

    for subject in SUBJECTS:
        import_module(f"app.web.pages.{subject}")
    layout.register(app)
    errors.register(app)
    app.register_blueprint(pages)
