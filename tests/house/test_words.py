"""The house speaks one language: module docstrings, no rooms for leftovers, the role table."""

import ast
from pathlib import Path

import pytest

from app.domain.role import RIGHTS, Right, Role

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "app").rglob("*.py")) + sorted((ROOT / "plugins").rglob("*.py"))
LEFTOVERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "service"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_which_room_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring
    assert docstring.split("\n\n")[0].rstrip().endswith(".")


def test_no_room_for_leftovers():
    assert [path for path in MODULES if path.stem in LEFTOVERS] == []


def test_files_are_short_enough_to_read_at_once():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in MODULES
        if (lines := len(path.read_text("utf-8").splitlines())) > 300
    }
    assert long == {}


def test_the_role_table_is_the_one_of_the_product():
    """PRODUCT, "Workspaces, members, roles": every right, for owner, admin and member."""
    everyone = {Right.SEE_ACCOUNT, Right.USE_APPS, Right.SPEND, Right.DELETE_OWN_APPS}
    owner_and_admin = {
        Right.DELETE_ANY_APPS,
        Right.MANAGE_MEMBERS,
        Right.MANAGE_SSO,
        Right.MANAGE_ALERTS,
        Right.MANAGE_WEBHOOKS,
        Right.RENAME,
        Right.SEE_AUDIT,
    }
    assert RIGHTS[Role.MEMBER] == everyone
    assert RIGHTS[Role.ADMIN] == everyone | owner_and_admin
    assert RIGHTS[Role.OWNER] == set(Right)
