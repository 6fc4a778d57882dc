"""Visitors of a deployed app call AI models through its site, within a budget and without a key."""

import pytest

from app.domain.refusals import Forbidden, InvalidRequest
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.sites.change import take_down
from app.services.sites.visitors import VisitorsAi, let_visitors_call, visitor_of
from app.services.workspaces.access import access_to
from app.store.sites import site_of_app
from tests.conftest import START
from tests.web.ai.conftest import faulty, models, upstream  # noqa: F401 - fixtures

BODY = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hello"}]}
ONE, OTHER = "203.0.113.1", "203.0.113.2"


@pytest.fixture
def database_url(sqlite_url):
    """The proxy's own tests run on both databases."""
    return sqlite_url


@pytest.fixture
def at(put_on, shop, models, upstream):  # noqa: F811
    """The path at which a page of the shop asks."""
    put_on()
    return f"/sites/{site_of_app(shop.id).name}/_coffer/ai/v1/chat/completions"


@pytest.fixture
def ask_ai(app, at):
    """Ask as a sandboxed page does, from a visitor's address."""

    def asked(visitor=ONE, origin="null", body=BODY, method="POST"):
        client = app.test_client(use_cookies=False)
        headers = {} if origin is None else {"Origin": origin}
        environ = {"REMOTE_ADDR": visitor}
        return client.open(at, method=method, json=body, headers=headers, environ_base=environ)

    return asked


@pytest.fixture
def spent(acme):
    """What was taken from Acme, with the member who did it, and the app."""

    def taken():
        lines = transactions(acme.account, TransactionFilter(), 100, None, START)
        return [
            (each.member, each.app, -each.credits) for each in lines if each.kind == "deduction"
        ]

    return taken


def test_it_is_off_until_somebody_switches_it_on(ask_ai, spent):
    answer = ask_ai()
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert spent() == []


def test_the_account_pays_for_the_app(ask_ai, access, shop, spent, acme):
    let_visitors_call(access, shop.id, VisitorsAi(9), START)
    answer = ask_ai()
    assert answer.json["choices"][0]["message"]["role"] == "assistant"
    assert spent() == [(None, f"app_{shop.id}", 1)]
    assert pool(acme.account, START).held == 0
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_it_streams(ask_ai, access, shop, spent):
    let_visitors_call(access, shop.id, VisitorsAi(9), START)
    answer = ask_ai(body=BODY | {"stream": True})
    assert answer.mimetype == "text/event-stream"
    assert answer.text.rstrip().endswith("data: [DONE]")
    assert spent() == [(None, f"app_{shop.id}", 1)]


def test_one_visitor_gets_a_share_and_others_the_rest(ask_ai, access, shop, spent, later):
    let_visitors_call(access, shop.id, VisitorsAi(3, per_visitor=2), START)
    assert [ask_ai().status_code for _ in range(3)] == [200, 200, 402]
    assert [ask_ai(OTHER).status_code for _ in range(2)] == [200, 402]
    assert len(spent()) == 3
    assert ask_ai(OTHER).json["error"]["code"] == "limit_reached"
    later(days=1)
    assert ask_ai().status_code == 200


def test_nobody_calls_too_often(ask_ai, access, shop):
    let_visitors_call(access, shop.id, VisitorsAi(100, per_visitor=100, calls=2), START)
    answers = [ask_ai() for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert ask_ai(OTHER).status_code == 200


def test_a_network_of_ipv6_is_one_visitor(app):
    about = "site:1"
    assert visitor_of("2001:db8::1", about) == visitor_of("2001:db8::ffff:1", about)
    assert visitor_of("2001:db8::1", about) != visitor_of("2001:db8:0:1::1", about)
    assert ONE not in visitor_of(ONE, about)
    assert visitor_of(ONE, about) != visitor_of(ONE, "site:2")
    assert visitor_of("", about) == visitor_of("nonsense", about)


def test_what_fails_upstream_costs_nothing_and_counts_for_nobody(ask_ai, access, shop, spent, acme):
    let_visitors_call(access, shop.id, VisitorsAi(1, per_visitor=1), START)
    assert ask_ai(body=BODY | {"model": "gpt-4.1:mock-500"}).status_code >= 500
    assert (spent(), pool(acme.account, START).held) == ([], 0)
    assert ask_ai().status_code == 200


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example", "http://localhost"])
def test_pages_of_other_sites_may_not_ask(ask_ai, access, shop, spent, origin):
    let_visitors_call(access, shop.id, VisitorsAi(9), START)
    assert ask_ai(origin=origin).status_code == 403
    assert spent() == []


def test_a_browser_may_ask_first(ask_ai):
    answer = ask_ai(method="OPTIONS")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Methods"]) == (204, "POST")
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_what_is_off_the_web_asks_nothing(ask_ai, access, shop):
    let_visitors_call(access, shop.id, VisitorsAi(9), START)
    take_down(access, shop.id, START)
    assert ask_ai().status_code == 404


def test_only_who_handles_the_keys_switches_it_on(put_on, shop, acme):
    put_on()
    _, bob = access_to(acme.bob.id, "acme")
    with pytest.raises(Forbidden):
        let_visitors_call(bob, shop.id, VisitorsAi(9), START)


@pytest.mark.parametrize("wanted", [VisitorsAi(-1), VisitorsAi(9, 0), VisitorsAi(9, 1, 601)])
def test_figures_are_checked(put_on, shop, access, wanted):
    put_on()
    with pytest.raises(InvalidRequest):
        let_visitors_call(access, shop.id, wanted, START)
