"""The operator's commands, on both databases."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Coffer

Answer = Callable[..., Any]
ALICE, BOB = "alice@acme.test", "bob@acme.test"


@pytest.fixture
def acme(answer: Answer) -> None:
    answer("user", "create", ALICE, "--name", "Alice")
    answer("workspace", "create", "acme", "--owner", ALICE, "--anchor", "2026-01-31T00:00:00Z")


def test_help_names_every_command(coffer: Coffer):
    result = coffer("--help")
    assert result.exit_code == 0
    for command in ("demo", "serve", "scheduler", "init", "migrate", "settings", "ledger"):
        assert f"  {command} " in result.stdout


def test_init_may_be_repeated_and_comes_before_anything_else(coffer: Coffer, tmp_path: Path):
    early = coffer("user", "create", ALICE)
    assert early.exit_code == 1
    assert "run `coffer init`" in early.stderr
    for command in ("init", "init", "migrate"):
        result = coffer(command)
        assert result.exit_code == 0, result.stderr
        assert str(tmp_path) in result.stdout
    assert coffer("user", "create", ALICE).exit_code == 0


def test_a_database_at_another_revision_is_refused(coffer: Coffer, tmp_path: Path):
    coffer("init")
    with sqlite3.connect(tmp_path / "coffer.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'old'")
    connection.close()
    result = coffer("ledger", "verify")
    assert result.exit_code == 1
    assert "run `coffer migrate`" in result.stderr


def test_a_database_that_is_away_is_said(coffer: Coffer, environment: pytest.MonkeyPatch):
    environment.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/coffer?connect_timeout=2")
    for command in (("init",), ("ledger", "verify")):
        result = coffer(*command)
        assert result.exit_code == 1
        assert "can't be reached" in result.stderr


def test_user_create(answer: Answer, installed: Coffer):
    made = answer("user", "create", BOB, "--operator", "--password-stdin", stdin="a long one!\n")
    assert made == {"email": BOB, "name": "bob", "operator": True}
    again = installed("user", "create", BOB)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "already" in again.stderr
    short = installed("user", "create", ALICE, "--password-stdin", stdin="short\n")
    assert short.exit_code == 1


def test_user_reset_two_factor(acme: None, installed: Coffer):
    """Of nobody, and of somebody without; the verb's own test resets one."""
    for email, words in ((BOB, "Nobody is known"), (ALICE, "has no two-factor sign-in")):
        result = installed("user", "reset-two-factor", email)
        assert (result.exit_code, words in result.stderr) == (1, True)


def test_workspace_create_counts_cycles_from_the_anchor(acme: None, answer: Answer):
    pool = answer("credits", "show", "acme")
    assert (pool["available"], pool["plan"]) == (5000, "business")
    assert pool["period"]["start"].endswith("T00:00:00Z")


def test_a_taken_slug_an_unknown_owner_and_an_unknown_plan(acme: None, installed: Coffer):
    for arguments in (
        ("acme", "--owner", ALICE),
        ("other", "--owner", "nobody@acme.test"),
        ("other", "--owner", ALICE, "--plan", "free"),
        ("Not A Slug", "--owner", ALICE),
    ):
        result = installed("workspace", "create", *arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")


def test_member_add_is_for_people_who_have_an_account(acme: None, installed: Coffer):
    missing = installed("member", "add", "acme", BOB)
    assert (missing.exit_code, BOB in missing.stderr) == (1, True)
    installed("user", "create", BOB)
    assert installed("member", "add", "acme", BOB, "--role", "admin").exit_code == 0
    assert installed("member", "add", "acme", BOB).exit_code == 1
    assert installed("member", "add", "acme", ALICE, "--role", "owner").exit_code == 2


def test_app_create(acme: None, answer: Answer, installed: Coffer):
    made = answer("app", "create", "acme", "Storefront")
    assert (made["account"], made["name"]) == ("acme", "Storefront")
    assert made["id"].startswith("app_")
    assert installed("app", "create", "nowhere", "X").exit_code == 1


def test_subscription_create_covers_one_workspace(acme: None, answer: Answer, installed: Coffer):
    given = answer("subscription", "create", "--owner", ALICE)
    assert given == {"owner": ALICE, "plan": "business", "state": "active"}
    assert installed("subscription", "create", "--owner", ALICE, "--plan", "pro").exit_code == 1
    assert installed("subscription", "create", "--owner", ALICE, "--plan", "x").exit_code == 1
    assert installed("subscription", "create", "--owner", BOB).exit_code == 1


def test_a_token_is_printed_alone(acme: None, installed: Coffer, answer: Answer):
    service = installed("token", "create", "--service", "platform")
    assert service.stdout.startswith("coffer_s_")
    assert len(service.stdout.split()) == 1
    personal = answer("token", "create", "--user", ALICE, "--days", "7")
    assert personal["token"].startswith("coffer_p_")
    assert personal["expires_at"] is not None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("--service", "a", "--user", ALICE), 2),
        (("--service", "a", "--days", "3"), 2),
        (("--user", "nobody@acme.test"), 1),
    ],
)
def test_a_token_is_for_a_service_or_for_a_person(installed: Coffer, arguments: Any, code: int):
    assert installed("token", "create", *arguments).exit_code == code


def test_credits_grant_and_show(acme: None, answer: Answer):
    line = answer("credits", "grant", "acme", "250", "--source", "top_up")
    assert (line["kind"], line["credits"], line["balance_after"]) == ("top_up", 250, 5250)
    soon = answer("credits", "grant", "acme", "5", "--expires", "2099-01-01T00:00:00+01:00")
    assert soon["draws"][0]["expires_at"] == "2098-12-31T23:00:00Z"
    assert answer("credits", "show", "acme")["available"] == 5255
    assert answer("credits", "show", "acme", "--at", line["at"])["available"] == 5250


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("grant", "acme", "0"), 2),
        (("grant", "acme", "many"), 2),
        (("grant", "acme", "5", "--source", "allocation"), 2),
        (("grant", "acme", "99999999999999999999"), 1),
        (("grant", "nowhere", "5"), 1),
        (("grant", "acme", "5", "--expires", "2000-01-01T00:00:00Z"), 1),
        (("show", "nowhere"), 1),
        (("show", "acme", "--at", "yesterday"), 2),
        (("show", "acme", "--at", "2026-01-31T00:00:00"), 2),
        (("show", "acme", "--at", "2999-01-01T00:00:00Z"), 1),
    ],
)
def test_what_credits_can_not_be(acme: None, installed: Coffer, arguments: Any, code: int):
    result = installed("credits", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Error: " in result.stderr


def test_cycle_run_closes_what_is_due_once(acme: None, answer: Answer):
    at = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    assert answer("cycle", "run")["pools"] == 0
    assert answer("cycle", "run", "--at", at, "--dry-run")["pools"] == 2
    assert answer("cycle", "run", "--at", at)["pools"] == 2
    assert answer("cycle", "run", "--at", at)["pools"] == 0
    assert answer("ledger", "verify")["agrees"]


def test_a_dry_run_says_what_would_happen_and_does_nothing(acme: None, answer: Answer):
    at = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    before = answer("credits", "show", "acme")
    told = answer("cycle", "run", "--at", at, "--dry-run")
    (team,) = (item for item in told["items"] if item["account"] == "acme")
    assert team["granted"] == 5000 * team["periods"] > 0
    assert told["totals"]["granted"] == sum(item["granted"] for item in told["items"])
    assert answer("credits", "show", "acme") == before
    assert answer("cycle", "run", "--at", at)["failed"] == 0


def test_a_dry_run_and_a_run_in_words(acme: None, installed: Coffer):
    at = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    told = installed("cycle", "run", "--at", at, "--dry-run").stdout.splitlines()
    assert [line.split(":")[0] for line in told[:2]] == ["alice", "acme"]
    assert told[-1].startswith("2 pools would be settled at ")
    done = installed("cycle", "run", "--at", at)
    assert (done.exit_code, done.stdout.startswith("2 pools settled at ")) == (0, True)
    assert "Settling" in done.stderr


def test_plans_are_changed_cancelled_and_resumed(acme: None, answer: Answer, installed: Coffer):
    assert answer("plan", "show", "acme")["state"] == "renews"
    assert answer("plan", "cancel", "acme")["state"] == "ends"
    assert answer("plan", "resume", "acme")["state"] == "renews"
    assert answer("plan", "declined", "acme")["state"] == "past_due"
    assert answer("plan", "paid", "acme")["state"] == "renews"
    assert answer("plan", "change", "alice", "pro")["plan"] == "pro"
    assert answer("credits", "show", "alice")["available"] == 305
    assert answer("plan", "change", "alice", "free")["next_plan"] == "free"
    assert "then Free" in installed("plan", "show", "alice").stdout
    assert answer("ledger", "verify")["agrees"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("change", "acme", "pro"),
        ("change", "acme", "business"),
        ("change", "alice", "gold"),
        ("resume", "acme"),
        ("cancel", "alice"),
        ("paid", "alice"),
        ("show", "nowhere"),
    ],
)
def test_what_plans_can_not_do(acme: None, installed: Coffer, arguments: Any):
    result = installed("plan", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")


def test_ledger_verify(acme: None, answer: Answer, installed: Coffer):
    assert answer("ledger", "verify") == {"agrees": True, "pools": 2, "transactions": 2}
    assert answer("ledger", "verify", "acme")["pools"] == 1
    assert installed("ledger", "verify", "nowhere").exit_code == 1


def test_ledger_verify_names_the_first_difference(coffer: Coffer, tmp_path: Path):
    coffer("init")
    coffer("user", "create", ALICE)
    with sqlite3.connect(tmp_path / "coffer.db") as connection:
        connection.execute("UPDATE pools SET balance = balance + 1")
    connection.close()
    result = coffer("ledger", "verify")
    assert result.exit_code == 1
    assert "alice: " in result.stdout
