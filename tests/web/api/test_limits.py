"""Limits by the API: what they look like, what they refuse, and how the refusal reads."""


def new(**more):
    return {"who": "account", "effect": "block", "credits": 5, "per": "day", **more}


def test_a_limit_from_beginning_to_end(api, world):
    owner = world.tokens["owner"]
    made = api("POST", "/accounts/acme/limits", owner, new())
    assert made.status_code == 201
    assert made.json.items() >= {"used": 0, "left": 5, "who": "account", "member": None}.items()
    path = f"/accounts/acme/limits/{made.json['id']}"
    changed = api("PATCH", path, owner, {"credits": 7, "effect": "alert"})
    assert (changed.json["credits"], changed.json["effect"], changed.json["per"]) == (
        7,
        "alert",
        "day",
    )
    listed = api("GET", "/accounts/acme/limits", owner)
    assert [one["id"] for one in listed.json["items"]] == [made.json["id"]]
    assert api("DELETE", path, owner).status_code == 204
    assert api("DELETE", path, owner).status_code == 404


def test_bad_limits(api, world):
    owner, admin = world.tokens["owner"], world.tokens["admin"]
    for wrong in (
        new(credits=0),
        new(who="nobody"),
        new(per="week"),
        new(who="member"),
        new(who="app", app="app_999"),
        new(credits=1.5),
    ):
        answer = api("POST", "/accounts/acme/limits", owner, wrong)
        assert (answer.status_code, answer.json["code"]) == (422, "invalid_request"), wrong
    assert api("POST", "/accounts/acme/limits", admin, new()).status_code == 403
    api("POST", "/accounts/acme/limits", owner, new())
    assert api("POST", "/accounts/acme/limits", owner, new()).status_code == 409


def test_the_refusal_says_all_that_is_needed(api, world, deduct):
    api("POST", "/accounts/acme/limits", world.tokens["owner"], new(who="each_member", credits=1))
    spending = world.spending(quantity=50)
    service = world.tokens["service"]
    spending["member"] = "bob@acme.test"
    answer = api("POST", "/deductions", service, spending)
    assert (answer.status_code, answer.json["code"]) == (402, "limit_reached")
    assert (
        answer.json["limit"].items()
        >= {
            "who": "each_member",
            "member": "bob@acme.test",
            "per": "day",
            "credits": 1,
        }.items()
    )
    assert (answer.json["left"], answer.json["who_can_raise"]) == (1, ["alice@acme.test"])
    assert answer.json["resets_at"].endswith("T00:00:00Z")
    batch = {"deductions": [{**spending, "idempotency_key": "limited"}]}
    (result,) = api("POST", "/deductions/batch", service, batch).json["results"]
    assert (result["status"], result["problem"]["code"]) == (402, "limit_reached")
