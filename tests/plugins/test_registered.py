"""What plugins bring: asked once, checked by the contract's own Protocols, and told when wrong."""

import pytest

from app.hookspecs import BillingProvider, Manifest, Page, SettingField, Show
from app.services.directory import directory
from app.services.plugins.configure import set_setting, switch
from app.services.plugins.conforms import wrong_with
from app.services.plugins.registered import registered
from tests.conftest import START
from tests.plugins.packages import installed_with, made_of


class Provider:
    """Has everything a billing provider has, and does nothing."""

    key, title, charges_absent = "cash", "Cash", False

    def charge(self, charge): ...
    def find_charge(self, key, reference): ...
    def cancel_charge(self, key, reference): ...
    def refund(self, refund): ...
    def find_refund(self, key, reference): ...
    def read_events(self, delivery): ...
    def payments(self, since, until): ...
    def manage_page(self, payer, return_url): ...


def page(path="", **changes):
    given = {"title": "T", "menu": "operator", "answer": lambda asked: Show("x.html")}
    return Page(path, **(given | changes))


def brought(hook):
    return [(plugin.name, one) for plugin, one in registered(hook, directory().fresh(START))]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestOnOneDatabase:
    """What happens in memory is the same on both."""

    def test_a_hook_is_asked_once_until_the_settings_change(self, app):
        asked = []
        manifest = Manifest("shop", "1", "", settings=(SettingField("till", "text", "", "one"),))

        def billing_providers(host, settings):
            asked.append((settings["till"], host.public_url))
            return [Provider()]

        installed_with(made_of(manifest=manifest, billing_providers=billing_providers))
        first, again = brought("billing_providers"), brought("billing_providers")
        assert first == again
        assert first[0][0] == "shop"
        switch("shop", on=True)
        brought("billing_providers")
        set_setting("shop", "till", "two")
        brought("billing_providers")
        public_url = app.extensions["coffer"].settings.public_url
        assert asked == [("one", public_url), ("two", public_url)]

    def test_a_plugin_that_is_off_brings_nothing(self, app):
        installed_with(made_of(billing_providers=lambda: [Provider()]))
        switch("tried", on=False)
        assert brought("billing_providers") == []

    @pytest.mark.parametrize(
        ("hook", "answer", "reason"),
        [
            ("billing_providers", None, "answered with NoneType"),
            ("billing_providers", [object()], "BillingProvider object has no"),
            ("billing_providers", [Provider(), Provider()], "same key"),
            ("sso_handlers", [Provider()], "has no `document_name`"),
            ("pages", ["journal"], "bring a Page"),
            ("pages", [page("events/x")], "may not begin with accounts or events"),
            ("pages", [page("accounts")], "may not begin with"),
            ("pages", [page(menu="side")], "menu is operator or account"),
            ("pages", [page(answer=None)], "nothing to call"),
            ("pages", [page("a"), page("a")], "same key or path"),
        ],
    )
    def test_what_is_wrong_is_said_and_not_asked_again_at_once(self, app, hook, answer, reason):
        calls = []
        manager = installed_with(made_of(**{hook: lambda: calls.append(1) or answer}))
        assert brought(hook) == brought(hook) == []
        assert reason in manager.plugins["tried"].last_error
        assert len(calls) == 1

    def test_a_key_belongs_to_the_plugin_that_comes_first(self, app):
        manager = installed_with(
            made_of("early", billing_providers=lambda: [Provider()]),
            made_of("late", billing_providers=lambda: [Provider()]),
        )
        assert [name for name, _ in brought("billing_providers")] == ["early"]
        assert "the key cash is taken by early" in manager.plugins["late"].last_error


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"charge": lambda self: None}, r"`charge` .* doesn't take \(charge\)"),
        ({"payments": 5}, "`payments` .* can't be called"),
    ],
)
def test_a_method_must_take_what_it_is_given(change, reason):
    import re

    wrong = wrong_with(type("Odd", (Provider,), change)(), BillingProvider)
    assert re.search(reason, wrong)
    assert wrong_with(Provider(), BillingProvider) is None
