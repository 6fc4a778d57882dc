"""Handlers of others: whatever one does, nobody gets in by it and nothing breaks."""

import types
from datetime import timedelta

import pytest

from app.domain.refusals import InvalidRequest, SignInRefused
from app.hookspecs import (
    Arrival,
    BadDocument,
    Check,
    Manifest,
    NotProven,
    Once,
    Proven,
    Published,
    Redirect,
    Understood,
    hookimpl,
)
from app.plugin_manager import PluginManager
from app.services.plugins.configure import switch
from app.services.plugins.installed import install
from app.services.sso import handlers
from app.services.sso.begin import begin_sign_in
from app.services.sso.complete import Landing, complete
from app.services.sso.given import Given
from app.services.sso.record import Visitor
from app.services.sso.set_up import add_as_operator
from app.store.database import db
from app.store.identities import SsoSession
from app.store.sso_records import records_of
from tests.plugins.saml.company import quick_keys

PASSED = (Check("word", passed=True, words="It gave its word."),)


class Pigeon:
    """A protocol that believes every word."""

    key, title, document_name, handle_field, fields = "pigeon", "Pigeon", "note", "state", ()
    unsolicited = True

    def __init__(self, answer=None):
        self.answer = answer

    def publish(self, ours):
        return Published(b"coo", "text/plain", (("Address", ours.answer_url),))

    def document_address(self, typed):
        return typed

    def understand(self, document, values):
        if document != "coo":
            raise BadDocument("This is no pigeon.")
        return Understood("Pigeon", ())

    def begin(self, provider, attempt):
        return Redirect(f"https://pigeon.example/?state={attempt.handle}", {"seed": "corn"})

    def complete(self, provider, attempt, arrival, now):
        assert attempt.kept == {"seed": "corn"}
        return self.answer(now) if callable(self.answer) else self.answer

    def begin_sign_out(self, provider, signed_on, attempt):
        return None

    def read_sign_out(self, provider, arrival, now):
        return NotProven(())


@pytest.fixture
def database_url(sqlite_url):
    """The verbs are tried on both databases elsewhere."""
    return sqlite_url


@pytest.fixture
def pigeon(app, cast, vouched, monkeypatch):
    """An identity provider that speaks it, and the handler whose answer a test chooses."""
    quick_keys(monkeypatch)
    handler, manager = Pigeon(), PluginManager()
    plugin = types.SimpleNamespace(
        manifest=Manifest("sso_pigeon", "1.0", "Believes every word."),
        sso_handlers=hookimpl(lambda: [handler]),
    )
    manager.load("sso_pigeon", "test", lambda: plugin)
    install(manager)
    switch("sso_pigeon", on=True)
    vouched("acme.test")
    handler.row = add_as_operator(cast.acme.id, "pigeon", Given(document="coo"), cast.now)
    handler.plugin = manager.plugins["sso_pigeon"]
    return handler


def land(pigeon, now):
    begun = begin_sign_in(pigeon.row.public_id, None, "/here", now)
    fields = (("state", begun.onward.url.partition("state=")[2]),)
    landing = Landing(Arrival("GET", fields), begun.browser, Visitor("", ""))
    return complete(pigeon.row.public_id, landing, now)


def proven(now, **more):
    values = {
        "subject": "1",
        "email": "ana@acme.test",
        "once": (Once("1", now + timedelta(minutes=5)),),
        "checks": PASSED,
    }
    return Proven(**(values | more))


def test_another_protocol_signs_people_in_by_the_same_rules(pigeon, cast):
    pigeon.answer = proven
    entered = land(pigeon, cast.now)
    assert (entered.person.email, entered.onward) == ("ana@acme.test", "/here")
    pigeon.answer = lambda now: proven(
        now, email="ana@evil.test", once=(Once("2", now + timedelta(minutes=5)),)
    )
    with pytest.raises(SignInRefused):
        land(pigeon, cast.now)
    assert records_of(pigeon.row.id)[0].refused_by == "domain"


BAD = {
    "nothing": lambda now: None,
    "a text": lambda now: "Ana",
    "no reason": lambda now: NotProven(()),
    "no subject": lambda now: proven(now, subject=""),
    "a long subject": lambda now: proven(now, subject="x" * 256),
    "a subject with a line": lambda now: proven(now, subject="a\nb"),
    "a subject with a nul": lambda now: proven(now, subject="a\x00b"),
    "no ids": lambda now: proven(now, once=()),
    "odd ids": lambda now: proven(now, once=(1, 2)),
    "no checks": lambda now: proven(now, checks=()),
    "a failed check": lambda now: proven(now, checks=(Check("x", passed=False, words="No."),)),
    "a number for an address": lambda now: proven(now, email=7),
    "an error": lambda now: 1 // 0,
    "an exit": lambda now: exec("raise SystemExit"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_unusable_answer_lets_nobody_in(pigeon, cast, name):
    pigeon.answer = BAD[name]
    for _ in range(4):  # what strangers can bring about leads to no quarantine
        with pytest.raises(SignInRefused):
            land(pigeon, cast.now)
    assert records_of(pigeon.row.id)[0].refused_by == "handler"
    assert db.session.scalars(db.select(SsoSession)).all() == []
    assert pigeon.plugin.state == "on"


def test_a_handler_that_hangs_is_not_waited_for(pigeon, cast, monkeypatch):
    import threading

    monkeypatch.setattr(handlers, "SECONDS", 0.05)
    stop = threading.Event()
    pigeon.answer = lambda now: stop.wait(20)
    with pytest.raises(SignInRefused):
        land(pigeon, cast.now)
    stop.set()
    assert "longer" in records_of(pigeon.row.id)[0].words


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "https://x.test/\r\nX: y", None])
def test_people_are_sent_to_the_web_only(pigeon, cast, monkeypatch, url):
    monkeypatch.setattr(Pigeon, "begin", lambda *_: Redirect(url))
    with pytest.raises(SignInRefused):
        land(pigeon, cast.now)


def test_a_document_that_is_none_is_said_so(pigeon, cast):
    with pytest.raises(InvalidRequest, match="This is no pigeon"):
        add_as_operator(cast.acme.id, "pigeon", Given(document="caw"), cast.now)


def test_a_plugin_that_is_switched_off_signs_nobody_in(pigeon, cast):
    begun = begin_sign_in(pigeon.row.public_id, None, "", cast.now)
    switch("sso_pigeon", on=False)
    fields = (("state", begun.onward.url.partition("state=")[2]),)
    landing = Landing(Arrival("GET", fields), begun.browser, Visitor("", ""))
    with pytest.raises(SignInRefused):
        complete(pigeon.row.public_id, landing, cast.now)
    with pytest.raises(SignInRefused):
        begin_sign_in(pigeon.row.public_id, None, "", cast.now)
