"""Webhooks through the API."""

import pytest

from tests.web.api.world import PUBLIC_URL


@pytest.fixture
def ask(api, world):
    """Call as the owner, or as somebody else."""

    def call(method, path="", body=None, who="owner", slug="acme"):
        return api(method, f"/accounts/{slug}/webhooks{path}", world.tokens[who], body)

    return call


def test_a_webhook_from_beginning_to_end(ask):
    made = ask("POST", body={"url": PUBLIC_URL})
    assert made.status_code == 201
    shown = made.json
    secret = shown.pop("secret")
    assert secret.startswith("whsec_")
    assert "credits.low" in shown["events"]
    assert "deduction.created" not in shown["events"]
    assert ask("GET").json == {"items": [shown], "next": None}
    one = f"/{shown['id']}"
    assert ask("GET", one).json == shown
    changed = ask("PATCH", one, {"events": ["member.left", "member.left"], "on": False}).json
    assert (changed["events"], changed["on"]) == (["member.left"], False)
    assert changed["off_reason"] == "by_hand"
    assert ask("POST", f"{one}/test").status_code == 409
    assert ask("PATCH", one, {"on": True}).json["on"]
    assert ask("POST", f"{one}/rotate").json["secret"] != secret
    assert ask("DELETE", one).status_code == 204
    assert ask("GET", one).status_code == 404


def test_deliveries_are_listed_and_shown(ask):
    one = f"/{ask('POST', body={'url': PUBLIC_URL}).json['id']}"
    sent = [ask("POST", f"{one}/test").json for _ in range(3)]
    first = ask("GET", f"{one}/deliveries?limit=2").json
    assert first["items"] == [sent[2], sent[1]]
    rest = ask("GET", f"{one}/deliveries?limit=2&cursor={first['next']}").json
    assert (rest["items"], rest["next"]) == ([sent[0]], None)
    assert ask("GET", f"{one}/deliveries?state=failed").json["items"] == []
    whole = ask("GET", f"{one}/deliveries/{sent[0]['id']}").json
    assert (whole["tries"], '"type":"webhook.test"' in whole["body"]) == ([], True)
    assert ask("POST", f"{one}/replay", {"since": "2026-01-01T00:00:00Z"}).json == {"events": 0}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "http://93.184.216.34/"}, "url"),
        ({"url": PUBLIC_URL, "events": ["no.such"]}, "events"),
        ({"url": PUBLIC_URL, "events": []}, "events"),
        ({"url": PUBLIC_URL, "description": "x" * 201}, "description"),
        ({}, "url"),
    ],
)
def test_what_is_wrong_is_named(ask, body, field):
    refused = ask("POST", body=body)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_request")
    assert [error["field"] for error in refused.json["errors"]] == [field]


def test_another_account_sees_nothing_of_it(ask, world):
    one = f"/{ask('POST', body={'url': PUBLIC_URL}).json['id']}"
    other = world.workspace()
    assert ask("GET", one, slug=other).status_code == 404
    assert ask("DELETE", one, slug=other).status_code == 404
