"""Deductions, holds, refunds and batches, in the words of the contract."""

import pytest

DEDUCTION = {
    "id",
    "seq",
    "account",
    "member",
    "app",
    "action",
    "credits",
    "balance_after",
    "draws",
    "at",
}


def test_a_deduction(api, world):
    body = world.spending(
        member="Bob@acme.test",
        action="deploy",
        quantity=3,
        metadata={"run": 7, "ünï": ["☕", None]},
    )
    answer = api("POST", "/deductions", world.tokens["service"], body)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    made = answer.json
    assert made.keys() >= DEDUCTION
    assert made["id"].startswith("tx_")
    assert (made["account"], made["member"], made["app"]) == ("acme", "bob@acme.test", world.app)
    assert (made["action"], made["credits"], made["balance_after"]) == ("deploy", 3, 4997)
    assert [(d["source"], d["credits"]) for d in made["draws"]] == [("allocation", 3)]
    assert made["draws"][0].keys() == {"grant", "source", "credits", "expires_at"}
    assert made["at"] == "2026-01-15T12:00:00Z"
    assert made["metadata"] == {"run": 7, "ünï": ["☕", None]}


@pytest.mark.parametrize("path", ["/deductions", "/holds"])
def test_a_repeat_gets_the_first_answer(path, api, world):
    def send(**more):
        body = world.spending(**more)
        return api("POST", path, world.tokens["owner"], body, Idempotency_Key="once")

    first, again, other = send(), send(), send(quantity=2)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json["code"]) == (422, "idempotency_conflict")


def test_a_refused_deduction_says_what_is_missing(api, world):
    answer = api("POST", "/deductions", world.tokens["member"], world.spending(quantity=5001))
    assert (answer.status_code, answer.json["code"]) == (402, "insufficient_credits")
    assert (answer.json["available"], answer.json["needed"]) == (5000, 5001)
    assert answer.json["renews_at"] == "2026-02-15T12:00:00Z"
    assert answer.json["who_can_top_up"]


def test_a_hold_is_captured_in_part(api, world, hold):
    held = hold(quantity=10, expires_in=60)
    assert (held["state"], held["credits"]) == ("active", 10)
    assert held["expires_at"] == "2026-01-15T12:01:00Z"
    token, path = world.tokens["service"], f"/holds/{held['id']}"
    assert api("POST", f"{path}/capture", token, {"credits": 11}).status_code == 422
    captured = api("POST", f"{path}/capture", token, {"credits": 4})
    assert (captured.status_code, captured.json["credits"]) == (200, 4)
    assert captured.json.keys() >= DEDUCTION
    shown = api("GET", path, token).json
    assert (shown["state"], shown["captured"]) == ("captured", 4)
    again = api("POST", f"{path}/capture", token)
    assert (again.status_code, again.json["code"]) == (409, "hold_not_active")
    assert again.json["state"] == "captured"


def test_a_hold_is_extended_and_released(api, world, hold, later):
    held = hold()
    token, path = world.tokens["app"], f"/holds/{held['id']}"
    later(seconds=100)
    extended = api("POST", f"{path}/extend", token, {"expires_in": 1000})
    assert extended.json["expires_at"] == "2026-01-15T12:18:20Z"
    assert api("POST", f"{path}/extend", token, {"expires_in": 86_400}).status_code == 422
    assert api("POST", f"{path}/release", token).json["state"] == "released"
    assert api("POST", f"{path}/release", token).status_code == 409


def test_a_hold_times_out(api, world, hold, later):
    held = hold(expires_in=5)
    later(seconds=6)
    answer = api("POST", f"/holds/{held['id']}/capture", world.tokens["service"])
    assert (answer.status_code, answer.json["state"]) == (409, "expired")


def test_refunds_never_exceed_the_deduction(api, world, deduct):
    taken = deduct(quantity=5)
    path, token = f"/transactions/{taken['id']}/refund", world.tokens["owner"]
    part = api("POST", path, token, {"credits": 2, "reason": "half of it failed"})
    assert part.status_code == 201
    assert (part.json["reverses"], part.json["credits"]) == (taken["id"], 2)
    assert part.json["balance_after"] == 4997
    assert api("POST", path, token, {"credits": 4}).status_code == 422
    assert api("POST", path, token).json["credits"] == 3
    assert api("POST", path, token).status_code == 409


def test_a_refund_with_a_key_is_done_once(api, world, deduct):
    path, token = f"/transactions/{deduct(quantity=5)['id']}/refund", world.tokens["owner"]
    first, again = (
        api("POST", path, token, {"credits": 2}, Idempotency_Key="once") for _ in range(2)
    )
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_batch_over_several_accounts(api, world):
    other = world.workspace()
    lines = [
        world.spending(idempotency_key="1"),
        {"account": other, "member": "bob@acme.test", "action": "deploy", "idempotency_key": "1"},
        world.spending(idempotency_key="1"),
        world.spending(idempotency_key="1", quantity=2),
        world.spending(idempotency_key="2", account="nowhere"),
        world.spending(idempotency_key="3", quantity=5000),
        {"account": "acme", "action": "deploy", "idempotency_key": "4"},
    ]
    answer = api("POST", "/deductions/batch", world.tokens["service"], {"deductions": lines})
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [one["status"] for one in results] == [201, 201, 201, 422, 404, 402, 422]
    assert results[0]["deduction"] == results[2]["deduction"]
    assert results[1]["deduction"]["account"] == other
    codes = [one["problem"]["code"] for one in results[3:]]
    assert codes == ["idempotency_conflict", "not_found", "insufficient_credits", "invalid_request"]
    assert results[5]["problem"]["needed"] == 5000


def test_a_batch_of_ten_thousand(api, world):
    start = api("GET", "/accounts/acme/pool", world.tokens["owner"]).json["available"]
    lines = [world.spending(idempotency_key=f"tx:{n}", action="deploy") for n in range(10_000)]
    answer = api("POST", "/deductions/batch", world.tokens["service"], {"deductions": lines})
    statuses = [one["status"] for one in answer.json["results"]]
    assert statuses == [201] * start + [402] * (10_000 - start)


def test_the_pool_adds_up(api, world, deduct, hold):
    deduct(quantity=7)
    hold(quantity=5)
    pool = api("GET", "/accounts/acme/pool", world.tokens["app"]).json
    assert (pool["available"], pool["held"], pool["low"]) == (4988, 5, False)
    assert (pool["account"], pool["plan"]) == ("acme", "business")
    assert pool["period"] == {"start": "2026-01-15T12:00:00Z", "end": "2026-02-15T12:00:00Z"}
    (grant,) = pool["grants"]
    assert grant["granted"] == sum(grant[part] for part in ("remaining", "held", "used", "expired"))


def test_the_pool_as_it_was(api, world, deduct, later):
    later(days=1)
    deduct(quantity=9)
    path = "/accounts/acme/pool?at=2026-01-15T13:00:00"
    for zone in ("Z", "%2B00:00", "+00:00"):
        assert api("GET", path + zone, world.tokens["owner"]).json["available"] == 5000
    assert api("GET", "/accounts/acme/pool", world.tokens["owner"]).json["available"] == 4991


def test_usage(api, world, deduct, later):
    deduct(quantity=3, member="bob@acme.test")
    later(days=1)
    deduct(quantity=1, member="alice@acme.test", action="deploy")

    def usage(query):
        return api("GET", f"/accounts/acme/usage?{query}", world.tokens["member"]).json

    by_member = usage("by=member")
    assert by_member["total"] == 4
    assert {
        i["key"]: (i["name"], i["credits"], i["count"], i["share"]) for i in by_member["items"]
    } == {
        "bob@acme.test": ("Bob Birch", 3, 1, 0.75),
        "alice@acme.test": ("Alice Arden", 1, 1, 0.25),
    }
    assert [i["key"] for i in usage("by=app")["items"]] == [world.app]
    assert {i["key"] for i in usage("by=action")["items"]} == {"generate.simple", "deploy"}
    assert {i["key"]: i["credits"] for i in usage("by=day")["items"]} == {
        "2026-01-15": 3, "2026-01-16": 1,
    }  # fmt: skip
    assert usage("by=day&since=2026-01-16T00:00:00Z")["total"] == 1
    assert usage("by=day&until=2026-01-16T00:00:00Z")["total"] == 3
