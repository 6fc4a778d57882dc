"""What the operator may set, and that none of the secrets leaves the plugin."""

import logging

import pytest

from plugins import billing_stripe
from plugins.billing_stripe.conformance import StripeBench


def made(bench, **settings):
    return billing_stripe.billing_providers(bench.host, bench.settings | settings)


def test_without_a_key_there_is_no_provider(bench):
    assert made(bench, secret_key="") == []
    (provider,) = made(bench)
    assert (provider.key, provider.title, provider.charges_absent) == ("stripe", "Card", True)


@pytest.mark.parametrize(
    "base",
    [
        "https://api.stripe.com",
        "https://stripe-proxy.example.com:8443/",
        "http://127.0.0.1:8420",
        "http://localhost:1",
        "http://[::1]:1",
    ],
)
def test_where_the_api_may_be(bench, base):
    assert made(bench, api_base=base)


@pytest.mark.parametrize(
    "base",
    [
        "http://api.stripe.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://user:word@example.com",
        "https://example.com?to=x",
        "https://example.com/#x",
        "https://",
        "",
        "api.stripe.com",
    ],
)
def test_where_the_api_may_not_be(bench, base):
    with pytest.raises(ValueError, match="api_base"):
        made(bench, api_base=base)


@pytest.mark.parametrize("key", ["pk_test_public", "whsec_1", "sk_live bad", "sk_\nX: y"])
def test_a_key_that_is_none(bench, key):
    with pytest.raises(ValueError, match="secret_key") as error:
        made(bench, secret_key=key)
    assert key not in str(error.value)


@pytest.mark.parametrize("suffix", ["a" * 23, "a<b", "5*"])
def test_a_suffix_that_cards_do_not_show(bench, suffix):
    with pytest.raises(ValueError, match="statement_suffix"):
        made(bench, statement_suffix=suffix)


def test_secrets_are_declared_as_such():
    kinds = {field.name: field.kind for field in billing_stripe.manifest.settings}
    assert {name for name, kind in kinds.items() if kind == "secret"} == {
        "secret_key",
        "webhook_secret",
    }


def test_no_secret_is_logged_or_told(bench, account, charge, absent, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for logger in ("stripe", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    outcomes = [bench.provider.charge(charge), bench.provider.charge(absent)]
    bench.settings["secret_key"] += "_wrong"
    outcomes.append(bench.provider.find_charge("x", "pi_1"))
    bench.go_away()
    outcomes.append(bench.provider.charge(absent))
    told = caplog.text + repr(outcomes) + "".join(capfd.readouterr()) + repr(bench.provider)
    assert "Stripe" in told
    for secret in (bench.settings["secret_key"], account.webhook_secrets[0]):
        assert secret.removesuffix("_wrong") not in told


def test_what_stripe_says_of_a_key_is_not_repeated(bench, account, absent, caplog):
    provider = bench.provider
    for status in (401, 403, 400):
        words = {"type": "invalid_request_error", "message": "Invalid API Key: sk_test_leaked"}
        account.failures.append((status, {"error": words}, {}))
        caplog.clear()
        outcome = provider.find_charge("x", "pi_1")
        ours = [each for each in caplog.records if each.name.startswith("plugins.")]
        assert str(status) in outcome.reason
        assert "leaked" not in repr(outcome) + repr(ours)


def test_two_installations_in_one_process_keep_apart(stand_in, bench, absent):
    """Nothing is set on the stripe module itself: each provider has a client of its own."""
    import stripe

    other = StripeBench(stand_in)
    one, two = bench.provider, other.provider
    one.charge(absent)
    assert bench.account.with_key("payment_intent", absent.key)
    assert other.account.requests == []
    assert two.find_charge(absent.key, None) != one.find_charge(absent.key, None)
    assert (stripe.api_key, stripe.default_http_client, stripe.log) == (None, None, None)
