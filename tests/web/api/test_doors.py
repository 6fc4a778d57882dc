"""Both doors of a deduction answer alike; rates are limited; what breaks tells nothing."""

import logging
from types import SimpleNamespace

import orjson
import pytest

from app.domain.refusals import RateLimited
from app.web.api import deductions
from app.web.api.rate import Window
from app.web.headers import HEADERS
from tests.web.api.world import Api

PATH = "/deductions"


def without_page_headers(answer):
    pages = {name.lower() for name in HEADERS} | {"vary"}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in pages]
    return answer.status, sorted(kept), answer.get_data()


@pytest.fixture
def both(api, slow_api, world):
    """Send the same request through both doors, the plain one last: it must be a repeat."""

    def send(body, who="owner", **headers):
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        fast = api("POST", PATH, world.tokens[who], raw=raw, **headers)
        slow = slow_api("POST", PATH, world.tokens[who], raw=raw, **headers)
        assert fast.headers["X-Content-Type-Options"] == slow.headers["X-Content-Type-Options"]
        return without_page_headers(fast), without_page_headers(slow)

    return send


@pytest.mark.parametrize("who", ["owner", "outsider", "nobody", "service", "app"])
def test_both_doors_answer_alike(who, both, world):
    fast, slow = both(world.spending(), who, Idempotency_Key="same")
    if fast[0].startswith("201"):
        slow[1].remove(("Idempotency-Replayed", "true"))
    assert fast == slow


def test_both_doors_refuse_alike(both, world):
    for body in (b"", b"{", world.spending(quantity=9999), world.spending(account="x"), {"x": 1}):
        fast, slow = both(body)
        assert fast == slow


def test_the_fast_lane_is_taken(api, world, app, monkeypatch):
    monkeypatch.setattr(app.extensions["coffer_fast_lane"], "behind", None)
    assert api("POST", PATH, world.tokens["owner"], world.spending()).status_code == 201


def test_what_is_unusual_goes_to_flask(api, world):
    chunked = api(
        "POST", f"{PATH}?x=1", world.tokens["owner"], world.spending(), Idempotency_Key="1"
    )
    assert chunked.status_code in {201, 422}
    assert api("PUT", PATH, world.tokens["owner"], {}).status_code == 405
    assert api("POST", f"{PATH}/", world.tokens["owner"], {}).status_code == 404


@pytest.mark.parametrize("door", ["api", "slow_api"])
def test_what_breaks_is_logged_and_tells_nothing(door, world, request, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(deductions, "deduct", broken)
    monkeypatch.setattr("app.services.credits.read.pool", broken)
    client = request.getfixturevalue(door).client
    headers = {"Authorization": f"Bearer {world.tokens['owner']}", "Idempotency-Key": "1"}
    with caplog.at_level(logging.ERROR):
        answers = [
            client.post("/api/v1/deductions", json=world.spending(), headers=headers),
            client.get("/api/v1/accounts/acme/pool", headers=headers),
        ]
    for answer in answers:
        Api.require_problem(answer)
        assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
        assert "swordfish" not in answer.text
    assert caplog.text.count("RuntimeError: the password is swordfish") == 2


class TestRates:
    """A token may call so often and no more."""

    @pytest.fixture
    def settings(self):
        return {"rate_limit_per_token": "3/hour", "rate_limit_per_service_token": "5/hour"}

    @pytest.mark.parametrize(("who", "most"), [("owner", 3), ("app", 3), ("service", 5)])
    def test_a_token_calls_too_often(self, who, most, api, slow_api, world):
        path = "/accounts/acme/pool"
        for _ in range(most - 1):
            assert api("GET", path, world.tokens[who]).status_code == 200
        assert api("POST", PATH, world.tokens[who], world.spending()).status_code == 201
        for door in (api, slow_api):
            answer = door("POST", PATH, world.tokens[who], world.spending())
            assert (answer.status_code, answer.json["code"]) == (429, "rate_limited")
            assert 0 < int(answer.headers["Retry-After"]) <= 3600
        assert api("GET", path, world.tokens["admin"]).status_code == 200


def test_every_refusal_has_a_status(app):
    from app.domain import refusals
    from app.web.problems import STATUSES

    domain = {
        kind
        for kind in vars(refusals).values()
        if isinstance(kind, type) and issubclass(kind, refusals.Refusal)
    } - {refusals.Refusal}
    assert domain <= STATUSES.keys()


def test_no_such_address(api, world, subtests):
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("POST", "/accounts/acme", 404),
        ("PUT", "/workspaces", 405),
        ("DELETE", "/accounts", 405),
        ("PATCH", "/holds/hold_1_1", 405),
        ("OPTIONS", "/accounts", 405),
        ("TRACE", "/accounts", 405),
        ("BREW", "/accounts", 405),
        ("BREW", "/coffee", 404),
        ("GET", "/a%0Ab%00/c", 404),
    ):
        with subtests.test(f"{method} {path}"):
            answer = api(method, path, world.tokens["owner"])
            assert answer.status_code == status
    allowed = api("PUT", "/workspaces").headers["Allow"]
    assert allowed == "GET, POST"
    for path in ("/api", "/api/", "/api/v2/accounts"):
        answer = api.client.get(path)
        api.require_problem(answer)
        assert answer.status_code == 404


def test_a_window_forgets_with_its_span(monkeypatch):
    instant = 1000.0
    clock = SimpleNamespace(monotonic=lambda: instant)
    monkeypatch.setattr("app.web.api.rate.time", clock)
    window = Window("2/minute")
    for token in (1, 1, 2):
        window.count(token)
    with pytest.raises(RateLimited) as refused:
        window.count(1)
    assert refused.value.facts["retry_after"] == 20
    instant = 1020.0
    window.count(1)
