"""Lists of people to invite: what each line means, and the first thing that is wrong with it."""

import pytest

from app.domain.invite_list import MOST_LISTED, Known, entries_in, judged, read_entries
from app.domain.refusals import InvalidRequest
from app.domain.role import Role

KNOWN = Known("me@x.test", {"me@x.test", "in@x.test"}, {"asked@x.test"})


def read(text):
    """Take an address that has something around its one @."""
    local, _, domain = text.strip().lower().partition("@")
    if not local or not domain or "@" in domain:
        raise InvalidRequest.of("email", "This is not an e-mail address.")
    return f"{local}@{domain}"


def check(text, role=Role.MEMBER):
    return judged(read_entries(entries_in(text), read, role), KNOWN)


def shape(text, role=Role.MEMBER):
    return [(one.line, one.email, one.role.value, one.problem) for one in check(text, role)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no address", "This is not an e-mail address."),
        ("me@x.test", "This is your own address."),
        ("in@x.test", "Is a member already."),
        ("asked@x.test", "Was invited already; you can send the link again."),
        ("a@x.test, owner", "Invite as member or admin; ownership is transferred."),
        ("a@x.test, Admin", None),
        ("a@x.test", None),
    ],
)
def test_what_is_wrong_is_said(text, said):
    assert [one.problem for one in check(text)] == [said]


def test_an_address_that_stands_there_twice_is_invited_once():
    assert [one.problem for one in check("a@x.test\nb@x.test\n\nA@X.test, a@x.test")] == [
        None,
        None,
        "Stands in line 1 already.",
        "Stands in line 1 already.",
    ]


def test_lines_are_counted_as_the_person_sees_them():
    text = "\n\nName,Email\n\nAda,a@x.test\n,,\nBea <b@x.test>\n"
    assert [one[:2] for one in shape(text)] == [(5, "a@x.test"), (7, "b@x.test")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_column_of_a_heading_says_the_role(delimiter):
    rows = [("email", "role", "note"), ("a@x.test", "admin", ""), ("b@x.test", "", "admin"),
            ("c@x.test", "chief", "")]  # fmt: skip
    text = "\n".join(delimiter.join(row) for row in rows)
    assert shape(text) == [
        (2, "a@x.test", "admin", None),
        (3, "b@x.test", "member", None),
        (4, "c@x.test", "member", "There is no role “chief”. Write member or admin."),
    ]


def test_a_quoted_cell_may_hold_the_delimiter():
    text = 'name,email,role\n"Doe, Ada",a@x.test,admin'
    assert shape(text) == [(2, "a@x.test", "admin", None)]


def test_without_a_heading_a_cell_that_names_a_role_does():
    assert [one[2] for one in shape("Ada; a@x.test; ADMIN\nb@x.test, member\nc@x.test",
                                    Role.ADMIN)] == ["admin", "member", "admin"]  # fmt: skip


@pytest.mark.parametrize("text", ["", " \n\t", "email", ",,;"])
def test_a_list_of_nobody_is_refused(text):
    with pytest.raises(InvalidRequest, match="at least one"):
        entries_in(text)


def test_a_list_has_an_end():
    lines = "\n".join(f"p{number}@x.test" for number in range(MOST_LISTED))
    assert len(entries_in(lines)) == MOST_LISTED
    with pytest.raises(InvalidRequest, match="10,000"):
        entries_in(f"{lines}\none@x.test")


def test_a_cell_without_end_is_no_address():
    assert [one.problem for one in check("email\n" + "x" * 200_000)] == [
        "This is not an e-mail address."
    ]
