"""The tabs of an account: who finds what where."""

import pytest
from flask import Flask

from app.domain.role import Access, Role
from app.web.pages.admin.area import GROUPS
from app.web.pages.tabs import DAILY, SETTINGS, rows


def shown(role: Role, endpoint: str, *, is_workspace: bool = True):
    """The words of both rows, and those of the tabs that are marked."""
    first, second = rows(Access(1, 2, role), endpoint, is_workspace=is_workspace)
    words = [tab.words for tab in first.tabs], [tab.words for tab in second.tabs] if second else []
    marked = [row.current.words for row in (first, second) if row and row.current]
    return *words, marked


def test_members_have_one_row():
    first, second, marked = shown(Role.MEMBER, "history")
    assert first == [tab.words for tab in DAILY]
    assert (second, marked) == ([], ["History"])


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_settings_open_a_second_row(role):
    assert shown(role, "overview")[1] == []
    first, second, marked = shown(role, "sso_record")
    assert first[-1] == "Settings"
    assert marked == ["Settings", "Single sign-on"]
    assert ("Danger zone" in second) == (role is Role.OWNER)


def test_a_personal_account_has_nothing_of_workspaces():
    first, second, _ = shown(Role.OWNER, "settings", is_workspace=False)
    assert "Members" not in first
    assert not {"Domains", "Single sign-on", "Danger zone"} & set(second)


def test_every_tab_leads_to_a_page_and_no_page_has_two(app: Flask):
    names = [name for tab in (*DAILY, *SETTINGS) for name in (tab.endpoint, *tab.under)]
    assert len(names) == len(set(names))
    assert {f"pages.{name}" for name in names} <= app.view_functions.keys()


FILES = {
    *("account_audit_csv", "history_csv", "invite_list_csv", "usage_csv", "statement_pdf"),
    *("invoice", "receipt", "app_zip", "app_file_raw", "app_file_picture"),
}
PARTS_OF_PAGES = {"action_progress", "test_identity_provider"}


def pages_under(app: Flask, start: str) -> set[str]:
    return {
        rule.endpoint.removeprefix("pages.")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(start) and "GET" in (rule.methods or ())
    }


def test_every_page_of_an_account_stands_under_a_tab(app: Flask):
    names = {name for tab in (*DAILY, *SETTINGS) for name in (tab.endpoint, *tab.under)}
    assert pages_under(app, "/accounts/<slug>") - names == FILES | PARTS_OF_PAGES


def test_every_page_of_the_operator_stands_in_one_section(app: Flask):
    sections = [section for group in GROUPS for section in group.sections]
    for name in pages_under(app, "/admin/") - {"admin_audit_csv", "admin_journal"}:
        assert len([one for one in sections if one.holds(name)]) == 1, name
