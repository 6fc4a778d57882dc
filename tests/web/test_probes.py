"""The doors for machines: alive, ready, and what was measured."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app


def test_alive(client: FlaskClient):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_once_the_database_is_there_with_every_migration(client: FlaskClient):
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("url", "said"),
    [("", "run `coffer init`"), ("postgresql://127.0.0.1:1/x?connect_timeout=2", "be reached")],
)
def test_not_ready_says_why(tmp_path, url: str, said: str):
    strange = create_app(instance=tmp_path, database_url=url)
    client = strange.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert said in answer.json["reason"]
    assert client.get("/healthz").status_code == 200


def test_metrics_count_by_route_and_outcome(client: FlaskClient):
    client.get("/healthz")
    client.get("/no/such/page")
    text = client.get("/metrics").text
    assert 'coffer_request_seconds_count{method="GET",route="/healthz",status="2xx"}' in text
    assert 'method="GET",route="none",status="4xx"' in text
    assert "/no/such/page" not in text


def test_security_headers_are_on_every_answer(client: FlaskClient):
    for path in ("/healthz", "/sign-in", "/no/such/page", "/api/v1/accounts"):
        headers = client.get(path).headers
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


class TestOverTls:
    """A public address with https:// makes cookies and browsers stricter."""

    @pytest.fixture
    def settings(self) -> dict[str, object]:
        return {"public_url": "https://coffer.example"}

    def test_cookies_and_transport(self, app: Flask, client: FlaskClient):
        headers = client.get("/sign-in", base_url="https://coffer.example").headers
        assert headers["Strict-Transport-Security"]
        cookie = headers["Set-Cookie"]
        assert cookie.startswith("__Host-coffer=")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


class TestBehindAProxy:
    """X-Forwarded headers are believed from as many proxies as the settings say."""

    @pytest.fixture
    def settings(self) -> dict[str, object]:
        return {"trusted_proxies": 1}

    def test_the_address_of_the_caller(self, app: Flask):
        seen = _address_seen(app, "203.0.113.9, 198.51.100.7")
        assert seen == "198.51.100.7"


@pytest.mark.parametrize("settings", [{"trusted_proxies": 0}])
def test_without_a_trusted_proxy_nobody_chooses_their_address(app: Flask):
    assert _address_seen(app, "203.0.113.9") == "127.0.0.1"


def _address_seen(app: Flask, forwarded: str) -> str | None:
    from flask import request

    seen: list[str | None] = []

    @app.before_request
    def note() -> None:
        seen.append(request.remote_addr)

    app.test_client().get("/healthz", headers={"X-Forwarded-For": forwarded})
    return seen[0]
