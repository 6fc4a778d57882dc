"""The tabs of an account: its pages in two rows, each with the right that opens it.

A new tab is one line here. What people set once stands in the second row, under *Settings*.
"""

from __future__ import annotations

from typing import NamedTuple

from app.domain.role import Access, Right


class Tab(NamedTuple):
    """One tab. `under` names the other pages (endpoints) that are reached through it."""

    endpoint: str
    words: str
    icon: str
    right: Right = Right.SEE_ACCOUNT
    only_workspaces: bool = False
    under: tuple[str, ...] = ()

    def holds(self, endpoint: str) -> bool:
        """Tell whether that page stands under this tab."""
        return endpoint == self.endpoint or endpoint in self.under


class Row(NamedTuple):
    """Tabs beside each other, and the one that the present page stands under."""

    tabs: tuple[Tab, ...]
    current: Tab | None


DAILY = (
    Tab("overview", "Overview", "house"),
    Tab("history", "History", "clock"),
    Tab("usage", "Usage", "bar-chart", under=("statement",)),
    Tab(
        "billing",
        "Billing",
        "credit-card",
        under=(
            *("plans", "plan", "top_up", "auto_top_up", "payments", "payment_page"),
            *("way_to_pay", "invoices", "billing_details"),
        ),
    ),
    Tab(
        "members",
        "Members",
        "people",
        only_workspaces=True,
        under=("invite", "invite_list", "decline_request", "member", "remove", "leave"),
    ),
    Tab(
        "apps",
        "Apps",
        "box",
        under=(
            *("app", "new_app", "delete_app", "transfer_app", "site", "take_off_the_web"),
            *("app_files", "app_versions", "app_file", "app_diff", "restore_version"),
            *("edit_file", "new_file", "rename_file", "delete_file", "upload_files"),
            *("app_actions", "new_action", "action", "app_key", "rotate_key", "visitors_ai"),
        ),
    ),
)

SETTINGS = (
    Tab("settings", "General", "sliders", Right.RENAME),
    Tab(
        "limits",
        "Limits",
        "speedometer2",
        Right.MANAGE_ALERTS,
        under=("limit", "remove_one_limit"),
    ),
    Tab("domains", "Domains", "signpost", Right.MANAGE_SSO, True, ("remove_domain", "directory")),
    Tab(
        "identity_providers",
        "Single sign-on",
        "person-lock",
        Right.MANAGE_SSO,
        True,
        (
            *("new_identity_provider", "identity_provider", "remove_identity_provider"),
            *("sso_records", "sso_record"),
        ),
    ),
    Tab(
        "webhooks",
        "Webhooks",
        "send",
        Right.MANAGE_WEBHOOKS,
        under=(
            *("new_webhook", "webhook", "edit_webhook", "rotate_webhook", "remove_webhook"),
            "webhook_delivery",
        ),
    ),
    Tab("audit", "Audit log", "list-ul", Right.SEE_AUDIT),
    Tab(
        "danger",
        "Danger zone",
        "exclamation-triangle",
        Right.DELETE_WORKSPACE,
        True,
        ("delete_workspace",),
    ),
)


def rows(access: Access, endpoint: str, *, is_workspace: bool) -> tuple[Row, Row | None]:
    """Give the first row, and the second where the page stands under it.

    The first ends with *Settings*, which leads to the first of them that this person may open.
    """
    daily = _open(DAILY, access, is_workspace)
    settings = _open(SETTINGS, access, is_workspace)
    if settings:
        pages = tuple(page for tab in settings for page in (tab.endpoint, *tab.under))
        daily += (Tab(settings[0].endpoint, "Settings", "gear", under=pages),)
    second = Row(settings, _current(settings, endpoint))
    is_shown = second.current is not None and len(settings) > 1
    return Row(daily, _current(daily, endpoint)), second if is_shown else None


def _open(tabs: tuple[Tab, ...], access: Access, is_workspace: bool) -> tuple[Tab, ...]:
    return tuple(
        tab for tab in tabs if access.may(tab.right) and (is_workspace or not tab.only_workspaces)
    )


def _current(tabs: tuple[Tab, ...], endpoint: str) -> Tab | None:
    return next((tab for tab in tabs if tab.holds(endpoint)), None)
