"""Bad input gets a clear 4xx that says what to do, and changes nothing."""

import io
import json

import orjson
import pytest

from tests.web.api.world import ACTION

HUGE = 10**30
UNREADABLE = {
    "empty": b"",
    "blank": b"  ",
    "cut off": b'{"account": "acme"',
    "trailing": b'{"action": "deploy"} x',
    "not UTF-8": b'{"action": "\xff"}',
    "UTF-16": '{"action": "deploy"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"action": "deploy"}',
    "raw control character": b'{"action": "dep\nloy"}',
    "lone surrogate": b'{"action": "\\ud800"}',
    "deep nesting": b"[" * 100_000,
    "deep objects": b'{"metadata":' * 5_000,
    "endless digits": b'{"action": "deploy", "quantity": ' + b"9" * 10_000 + b"}",
    "single quotes": b"{'action': 'deploy'}",
    "a form": b"action=deploy",
}
# What a body is made of beside what is right, and the field that the refusal names.
WRONG = {
    "unknown field": ({"price": 0}, "price"),
    "action missing": ({"action": ...}, "action"),
    "action empty": ({"action": ""}, "action"),
    "action null": ({"action": None}, "action"),
    "action a list": ({"action": [ACTION]}, "action"),
    "action too long": ({"action": "a" * 101}, "action"),
    "action with NUL": ({"action": "deploy\x00"}, "action"),
    "action unknown": ({"action": "make.coffee"}, "action"),
    "action of bidi marks": ({"action": "\u202edeploy"}, "action"),
    "quantity zero": ({"quantity": 0}, "quantity"),
    "quantity negative": ({"quantity": -1}, "quantity"),
    "quantity too large": ({"quantity": 1_000_001}, "quantity"),
    "quantity text": ({"quantity": "1"}, "quantity"),
    "quantity a fraction": ({"quantity": 1.5}, "quantity"),
    "quantity a whole float": ({"quantity": 1.0}, "quantity"),
    "quantity true": ({"quantity": True}, "quantity"),
    "quantity null": ({"quantity": None}, "quantity"),
    "quantity over 64 bits": ({"quantity": 2**63}, "quantity"),
    "account a number": ({"account": 7}, "account"),
    "account too long": ({"account": "a" * 41}, "account"),
    "account empty": ({"account": ""}, "account"),
    "account null": ({"account": None}, "account"),
    "member no text": ({"member": {"email": "bob@acme.test"}}, "member"),
    "member too long": ({"member": "b" * 300 + "@acme.test"}, "member"),
    "app a number": ({"app": 1}, "app"),
    "metadata a list": ({"metadata": []}, "metadata"),
    "metadata text": ({"metadata": "x"}, "metadata"),
    "metadata null": ({"metadata": None}, "metadata"),
    "metadata too large": ({"metadata": {"x": "y" * 4096}}, "metadata"),
    "metadata of many keys": ({"metadata": {str(n): n for n in range(1000)}}, "metadata"),
    "metadata that only Coffer writes": ({"metadata": {"coffer": "ai"}}, "metadata"),
    "metadata too deep": ({"metadata": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, "metadata"),
    "metadata with NUL": ({"metadata": {"x": "\x00"}}, "metadata"),
    "metadata with NUL in a name": ({"metadata": {"\x00": 1}}, "metadata"),
    "metadata beyond 64 bits": ({"metadata": {"x": [2**63]}}, "metadata"),
}
RAW = {
    "metadata of 1e400": (
        b'{"account":"acme","action":"deploy","metadata":{"x":1e400}}',
        "metadata",
    ),
    "quantity 1e400": (b'{"account":"acme","action":"deploy","quantity":1e400}', "quantity"),
    "quantity 10^30": (b'{"account":"acme","action":"deploy","quantity":%d}' % HUGE, "quantity"),
    "metadata 10^30": (
        b'{"account":"acme","action":"deploy","metadata":{"x":%d}}' % HUGE,
        "metadata",
    ),
    "a field twice": (b'{"account":"acme","action":"x","action":"deploy"}', "action"),
    "a field twice, spaced": (b'{"account" : "acme","action" :"x","action":"deploy"}', "action"),
    "a field twice, hidden": (
        b'{"account":"acme","action":"deploy","metadata":{"a":"\\":","b":{"c":1,"c":2}}}',
        "c",
    ),
    "NaN": (b'{"account":"acme","action":"deploy","quantity":NaN}', "quantity"),
    "Infinity": (b'{"action": "deploy", "metadata": {"x": Infinity}}', "metadata"),
    "a list": (b"[]", ""),
    "a text": (b'"deploy"', ""),
    "null": (b"null", ""),
    "a number": (b"1", ""),
}
KEYS = {
    "missing": None,
    "empty": "",
    "too long": "k" * 256,
    "not ASCII": "schlüssel",
    "control character": "a\tb",
}
MEDIA_TYPES = [None, "", "text/plain", "application/xml", "application/x-www-form-urlencoded",
               "multipart/form-data; boundary=x", "application/json; charset=latin-1",
               "application/jsonx"]  # fmt: skip


@pytest.fixture
def unchanged(api, world):
    """Check at the end that the pool and its history are as they were."""

    def state():
        token = world.tokens["service"]
        return [
            api("GET", f"/accounts/acme/{what}", token).json for what in ("pool", "transactions")
        ]

    before = state()
    yield
    assert state() == before


@pytest.fixture
def refused(api, slow_api, world, unchanged):
    """Send a bad deduction through both doors, and return the refusal both give."""

    def send(raw, **headers):
        given = {"Idempotency_Key": "k", **headers}
        lane, flask = (
            door("POST", "/deductions", world.tokens["owner"], raw=raw, **given)
            for door in (api, slow_api)
        )
        assert (lane.status, lane.json) == (flask.status, flask.json)
        return flask

    return send


def test_unreadable_bodies(refused, subtests):
    for name, raw in UNREADABLE.items():
        with subtests.test(name):
            answer = refused(raw, Content_Type="application/json")
            assert (answer.status_code, answer.json["code"]) == (400, "invalid_request")


def test_wrong_fields(refused, world, subtests):
    for name, (change, field) in WRONG.items():
        with subtests.test(name):
            body = {k: v for k, v in world.spending(**change).items() if v is not ...}
            answer = refused(json.dumps(body).encode())
            assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
            assert field in [error["field"].split(".")[0] for error in answer.json["errors"]]
            assert all(error["message"] for error in answer.json["errors"])


def test_wrong_bodies(refused, subtests):
    for name, (raw, field) in RAW.items():
        with subtests.test(name):
            answer = refused(raw)
            assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
            assert answer.json["errors"][0]["field"] == field


def test_wrong_keys(refused, world, subtests):
    for name, key in KEYS.items():
        with subtests.test(name):
            answer = refused(orjson.dumps(world.spending()), Idempotency_Key=key)
            assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
            assert answer.json["errors"][0]["field"] == "Idempotency-Key"


def test_wrong_media_types(refused, world, subtests):
    for media_type in MEDIA_TYPES:
        with subtests.test(str(media_type)):
            answer = refused(orjson.dumps(world.spending()), Content_Type=media_type)
            assert (answer.status_code, answer.json["code"]) == (415, "invalid_request")


def test_too_large_bodies(refused, api, world, unchanged):
    ten_megabytes = b'{"action": "' + b"x" * 10_000_000 + b'"}'
    answer = refused(ten_megabytes)
    assert (answer.status_code, answer.json["code"]) == (413, "invalid_request")
    assert "1048576 bytes" in answer.json["detail"]
    token = world.tokens["owner"]
    assert api("POST", "/workspaces", token, raw=ten_megabytes).status_code == 413
    eleven = ten_megabytes + b" " * 1_000_000
    assert api("POST", "/deductions/batch", token, raw=eleven).status_code == 413


@pytest.mark.parametrize(("size", "status"), [(1_048_576, 201), (1_048_577, 413)])
def test_a_body_of_unknown_length(size, status, api, world):
    raw = orjson.dumps(world.spending())
    answer = api.client.post(
        "/api/v1/deductions",
        input_stream=io.BytesIO(raw + b" " * (size - len(raw))),
        content_type="application/json",
        headers={"Authorization": f"Bearer {world.tokens['owner']}", "Idempotency-Key": "1"},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == status, answer.text


def test_unreadable_names_are_not_found_anywhere(refused, world, subtests):
    for change in ({"account": "ACME"}, {"account": "ac/me"}, {"account": "ä"}, {"app": "app_x"},
                   {"app": "app_99999999999999999999"}, {"app": "app_99999"},
                   {"account": "' OR 1=1 --"}):  # fmt: skip
        with subtests.test(str(change)):
            assert refused(orjson.dumps(world.spending(**change))).status_code == 404


PATHS = [
    "/accounts/%00/pool", "/accounts/a%00b/transactions", "/accounts/%F0%9F%92%A9/usage",
    "/accounts/%FF/pool", f"/accounts/{'a' * 3000}/pool", "/workspaces/%0A", "/workspaces/..%2F",
    "/workspaces/acme/members/%00", "/workspaces/acme/members/nobody",
    "/apps/app_0", "/apps/app_-1", "/apps/app_1e3", "/apps/app_9223372036854775808", "/apps/1",
    "/apps/app_%D9%A1", "/holds/hold_1_1", "/holds/hold_1", "/holds/x",
    "/holds/hold_9223372036854775807_9223372036854775807", "/holds/hold_1_1_1",
    "/workspaces/acme/invitations/invitation_x", "/transactions/tx_1_1", "/", "/nothing",
]  # fmt: skip


@pytest.mark.parametrize("who", ["owner", "service"])
def test_strange_addresses(who, api, world, subtests):
    for path in PATHS:
        with subtests.test(path):
            answer = api("GET", path, world.tokens[who])
            assert answer.status_code in {404, 405}
            assert answer.json["code"] in {"not_found", "method_not_allowed"}


QUERIES = {
    "/accounts": ["limit=0", "limit=201", "limit=x", "limit=1e2", "limit=", "cursor=x", "what=1",
                  "limit=1&limit=2", "cursor=%00", f"cursor={'x' * 301}", f"limit={HUGE}"],
    "/accounts/acme/pool": ["at=now", "at=2026", "at=2026-01-01", "at=1767225600", "at=",
                            "at=2026-01-01T00:00:00", "at=2026-13-01T00:00:00Z",
                            "at=0001-01-01T00:00:00%2B14:00", "at=9999-12-31T23:59:59-14:00",
                            "at=2999-01-01T00:00:00Z", "until=2026-01-01T00:00:00Z"],
    "/accounts/acme/transactions": ["kind=gift", "since=yesterday", "member=", "app=", "action=%0A",
                                    "member=%00%00%00", "before=1"],
    "/accounts/acme/usage": ["by=hour", "by=", "since=1", "by=member&by=app"],
    "/workspaces/acme/members": ["search=%00", f"search={'x' * 101}", "cursor=1-1"],
    "/workspaces/acme/invitations": ["cursor=1"],
    "/workspaces/acme": ["x=1"],
}  # fmt: skip


def test_bad_queries(api, world, subtests):
    for path, queries in QUERIES.items():
        for query in queries:
            with subtests.test(f"{path}?{query}"):
                answer = api("GET", f"{path}?{query}", world.tokens["owner"])
                assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
                assert answer.json["errors"][0]["field"]


BODIES = {
    "/workspaces": [{}, {"name": ""}, {"name": " "}, {"name": "x" * 101}, {"name": "a\u202eb"},
                    {"name": "a\nb"}, {"name": 7}, {"name": "ok", "slug": 7},
                    {"name": "\u200b\u200b"}, {"name": "https://x.test"},
                    {"name": "ok", "slug": "No Slug"}, {"name": "ok", "slug": "admin"}],
    "/workspaces/acme/invitations": [{}, {"emails": []}, {"emails": "bob@acme.test"},
                                     {"emails": ["x"]}, {"emails": [7]},
                                     {"emails": ["a@b.test"] * 1001},
                                     {"emails": ["a@b.test"], "role": "owner"},
                                     {"emails": ["bob@acme.test"]}],
    "/accounts/acme/apps": [{}, {"name": None}, {"name": "x", "description": "x" * 2001},
                            {"name": "x", "description": "\x00"}],
    "/deductions/batch": [{}, {"deductions": []}, {"deductions": {}},
                          {"deductions": [{}] * 10_001}],
    "/holds": [{}, {"action": "deploy", "account": "acme", "expires_in": 0},
               {"action": "deploy", "account": "acme", "expires_in": 86_401},
               {"action": "deploy", "account": "acme", "expires_in": "900"}],
}  # fmt: skip


def test_bad_bodies_elsewhere(api, world, unchanged, subtests):
    for path, bodies in BODIES.items():
        for body in bodies:
            with subtests.test(f"{path} {str(body)[:80]}"):
                answer = api("POST", path, world.tokens["owner"], body)
                assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
                assert answer.json["errors"][0]["message"]


def test_changes_that_say_nothing_are_refused(api, world):
    for path in ("/workspaces/acme", f"/apps/{world.app}"):
        answer = api("PATCH", path, world.tokens["owner"], {})
        assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")


def test_a_bad_line_of_a_batch_does_not_disturb_the_rest(api, world):
    lines = [
        world.spending(idempotency_key="1"),
        world.spending(idempotency_key="2", quantity=0),
        world.spending(idempotency_key=""),
        "no line at all",
        world.spending(idempotency_key="5", action="make.coffee"),
        world.spending(idempotency_key="6", price=1),
        world.spending(idempotency_key="7", quantity=1_000_000),
        world.spending(idempotency_key="8"),
    ]
    answer = api("POST", "/deductions/batch", world.tokens["service"], {"deductions": lines})
    statuses = [line["status"] for line in answer.json["results"]]
    assert statuses == [201, 422, 422, 422, 422, 422, 402, 201]
    first, refused, last = (answer.json["results"][n] for n in (0, 1, 7))
    assert refused["problem"]["errors"][0]["field"] == "quantity"
    assert last["deduction"]["seq"] == first["deduction"]["seq"] + 1
