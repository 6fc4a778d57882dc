"""Members: listed page by page, found by name or address."""

import pytest

from app.domain.refusals import InvalidRequest, NotFound
from app.domain.role import Role
from app.services.people.sign_up import create_person
from app.services.workspaces.find_member import find_member, how_many
from app.services.workspaces.join import add_member
from app.services.workspaces.members import list_members


def emails(page):
    return [place.person.email.partition("@")[0] for place in page.items]


def test_members_are_listed_in_the_order_of_joining(cast, later):
    later(days=1)
    add_member("acme", cast.email("charlie"), Role.MEMBER, cast.now)
    everybody = ["alice", "carol", "cora", "bob", "ben", "charlie"]
    assert sorted(emails(list_members(cast.access("bob")))) == sorted(everybody)
    assert emails(list_members(cast.access("bob")))[-1] == "charlie"


def test_pages_follow_each_other_without_gap_or_double(cast):
    found, cursor = [], None
    for size in (2, 2, 1):
        page = list_members(cast.access("bob"), limit=2, cursor=cursor)
        assert len(page.items) == size
        found += emails(page)
        cursor = page.next
    assert cursor is None
    assert sorted(found) == ["alice", "ben", "bob", "carol", "cora"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("BIRCH", ["bob"]),
        ("co", ["carol", "cora"]),
        ("bob@", ["bob"]),
        ("%", []),
        ("_", []),
        ("\0", ["alice", "ben", "bob", "carol", "cora"]),
        ("nobody", []),
    ],
)
def test_search_looks_in_names_and_addresses(cast, search, found):
    assert sorted(emails(list_members(cast.access("bob"), search))) == found


@pytest.mark.parametrize("cursor", ["", "x", "1", "9" * 18 + "-1-1", "\0-1"])
def test_foreign_cursor_is_refused(cast, cursor):
    with pytest.raises(InvalidRequest):
        list_members(cast.access("bob"), cursor=cursor)


def test_cursor_beyond_all_time_gives_nothing(cast):
    assert list_members(cast.access("bob"), cursor="9" * 18 + "-1").items == []


def test_member_is_found_by_address(cast):
    create_person("dora@acme.test", "Dora", None, cast.now)
    assert find_member(cast.access("bob"), " ALICE@acme.test").role is Role.OWNER
    for email in ("dora@acme.test", "nobody@acme.test", "x"):
        with pytest.raises(NotFound):
            find_member(cast.access("bob"), email)
    assert how_many(cast.access("bob")) == 5
