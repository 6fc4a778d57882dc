"""Lists: pages that go on where the cursor says, filters, and CSV."""

import csv
import io

import pytest

from app.domain.grant import Source
from app.services.credits.grant import grant_credits


def pages(api, path, token, limit):
    """Read a list to its end."""
    items, cursor = [], None
    while True:
        query = f"limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        page = api("GET", f"{path}{'&' if '?' in path else '?'}{query}", token).json
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/accounts", 6),
        ("/workspaces", 2),
        ("/workspaces/acme/members", 3),
        ("/workspaces/acme/invitations", 3),
        ("/accounts/acme/apps", 4),
        ("/accounts/acme/transactions", 4),
    ],
)
def test_pages_of_any_size_give_the_same_list(path, count, api, world, deduct):
    world.workspace()
    for _ in range(3):
        world.invitation()
        world.new_app()
        deduct()
    token = world.tokens["service"]
    whole = pages(api, path, token, 200)
    assert len(whole) == count
    assert pages(api, path, token, 1) == pages(api, path, token, 2) == whole


def test_a_cursor_is_good_for_its_own_list_only(api, world, deduct):
    for _ in range(3):
        deduct()
    token = world.tokens["service"]
    cursor = api("GET", "/accounts/acme/transactions?limit=1", token).json["next"]
    # The last letter has spare bits, so that another letter may spell the same signature.
    tampered = cursor[:-9] + ("A" if cursor[-9] != "A" else "B") + cursor[-8:]
    for path in ("/accounts/acme/transactions?kind=deduction&", "/accounts?"):
        assert api("GET", f"{path}cursor={cursor}", token).status_code == 422
    assert api("GET", f"/accounts/acme/transactions?cursor={tampered}", token).status_code == 422
    assert api("GET", f"/accounts/acme/transactions?cursor={cursor}", token).status_code == 200


def test_the_history_is_newest_first_and_filtered(api, world, deduct, later):
    deduct(member="bob@acme.test")
    later(hours=1)
    deduct(member="alice@acme.test", action="deploy", quantity=2)

    def lines(query=""):
        answer = api("GET", f"/accounts/acme/transactions?{query}", world.tokens["member"])
        return [
            (line["kind"], line["member_name"], line["credits"]) for line in answer.json["items"]
        ]

    bob, alice = ("deduction", "Bob Birch", -1), ("deduction", "Alice Arden", -2)
    opening = ("allocation", None, 5000)
    assert lines() == [alice, bob, opening]
    assert lines("member=BOB@acme.test") == [bob]
    assert lines("action=deploy") == [alice]
    assert lines(f"app={world.app}&kind=deduction") == [alice, bob]
    assert lines("kind=allocation") == [opening]
    assert lines("since=2026-01-15T13:00:00Z") == [alice]
    assert lines("until=2026-01-15T13:00:00Z") == [bob, opening]
    assert lines("member=nobody@acme.test") == lines("app=app_999") == lines("action=x") == []


def test_history_as_csv(api, world, deduct):
    for _ in range(3):
        deduct(member="bob@acme.test")
    for reason in ('=HYPERLINK("http://x")', "+1", "-1", "@x", " =1", "plain, with a comma"):
        grant_credits("acme", 5, Source.ADJUSTMENT, None, reason, world.now)
    path, token = "/accounts/acme/transactions", world.tokens["owner"]
    answer = api("GET", f"{path}?limit=1", token, Accept="text/csv")
    assert answer.content_type.startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["seq"]) for row in rows] == list(range(10, 0, -1))
    assert [row["reason"] for row in rows[:6]] == [
        "plain, with a comma", "' =1", "'@x", "'-1", "'+1", "'=HYPERLINK(\"http://x\")",
    ]  # fmt: skip
    assert (rows[6]["credits"], rows[6]["member"]) == ("-1", "bob@acme.test")
    assert rows[0]["at"] == "2026-01-15T12:00:00.000000Z"


def test_csv_of_more_lines_than_are_read_at_once(api, world, monkeypatch):
    monkeypatch.setattr("app.web.api.accounts.CHUNK", 7)
    lines = [world.spending(idempotency_key=str(n)) for n in range(30)]
    api("POST", "/deductions/batch", world.tokens["service"], {"deductions": lines})
    answer = api(
        "GET",
        "/accounts/acme/transactions?kind=deduction",
        world.tokens["owner"],
        Accept="text/csv",
    )
    assert len(answer.text.splitlines()) == 31


def test_what_a_client_accepts(api, world):
    def kind(accept):
        path = "/accounts/acme/transactions"
        return api("GET", path, world.tokens["owner"], Accept=accept).content_type.partition(";")[0]

    for accept in (None, "*/*", "application/*", "application/json, text/csv;q=0.5"):
        assert kind(accept) == "application/json"
    assert kind("text/*") == kind("text/csv, application/json;q=0.9") == "text/csv"
    refused = api("GET", "/accounts/acme/transactions", world.tokens["owner"], Accept="image/png")
    assert (refused.status_code, refused.json["code"]) == (406, "not_acceptable")


def test_contexts(api, world):
    own = api("GET", "/accounts", world.tokens["member"]).json["items"]
    assert [(one["slug"], one["kind"], one["role"], one["available"]) for one in own] == [
        ("bob", "personal", "owner", 5),
        ("acme", "workspace", "member", 5000),
    ]
    every = api("GET", "/accounts", world.tokens["service"]).json["items"]
    assert {one["slug"] for one in every} == {"alice", "bob", "carol", "charlie", "acme"}
