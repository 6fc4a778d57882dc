"""The tabs of an account: who finds what where."""

import pytest
from flask import Flask

from app.domain.role import Access, Role
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
