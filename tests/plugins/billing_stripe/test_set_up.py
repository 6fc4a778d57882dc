"""The command that tells Stripe where the portal is, run as the README says it."""

import os
import subprocess
import sys

import pytest

from plugins.billing_stripe.events import READERS

URL = "https://coffer.example.com"


@pytest.fixture
def set_up(bench):
    def run(*arguments, key=bench.settings["secret_key"]):
        command = [sys.executable, "-m", "plugins.billing_stripe", *arguments]
        command += ["--api-base", bench.settings["api_base"]]
        given = {**os.environ, "STRIPE_SECRET_KEY": key}
        return subprocess.run(command, env=given, capture_output=True, text=True, check=False)

    return run


def test_the_webhook_is_made_once_and_signs_with_the_secret_that_is_shown(
    set_up, bench, account, absent
):
    made = set_up(URL + "/")
    assert (made.returncode, made.stderr) == (0, "")
    secret = made.stdout.split()[-1]
    again = set_up(URL)
    assert "there already" in again.stdout
    assert secret not in again.stdout
    (endpoint,) = account.all("webhook_endpoint")
    assert endpoint["url"] == f"{URL}/plugins/billing_stripe/events"
    assert set(endpoint["enabled_events"]) == READERS.keys()
    bench.settings["webhook_secret"] = secret
    bench.provider.charge(absent)
    told = [event for each in bench.deliveries() for event in bench.provider.read_events(each)]
    assert [event.key for event in told] == [absent.key]


@pytest.mark.parametrize(
    ("key", "words"), [("", "secret_key must be"), ("sk_test_unknown", "Stripe says")]
)
def test_what_is_wrong_is_said_without_the_key(set_up, key, words):
    done = set_up(URL, key=key)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not key or key not in done.stderr
