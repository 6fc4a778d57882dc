"""The provider's keys: kept for an hour, fetched anew once when none fits, and never more."""

from datetime import timedelta

import pytest

from app.hookspecs import Proven
from plugins.sso_oidc.conformance import NOW
from plugins.sso_oidc.keys import LAST, MOST_KEPT, KeyKeeper, KeySet
from plugins.sso_oidc.stand_in import SigningKey, answered
from tests.plugins.oidc.trying import EC_KEY, KEY, OTHER_KEY, Trial


@pytest.fixture
def trial():
    """An identity provider whose keys are known."""
    made = Trial()
    assert isinstance(made.judge(), Proven)
    made.stand_in.asked.clear()
    return made


def fetches(trial):
    return trial.stand_in.asked.count("/keys")


def test_keys_are_fetched_once(trial):
    assert isinstance(trial.judge(), Proven)
    assert fetches(trial) == 0


def test_after_an_hour_they_are_fetched_again(trial):
    trial.now = trial.stand_in.now = NOW + LAST
    assert isinstance(trial.judge(), Proven)
    assert fetches(trial) == 1


def test_a_new_key_is_found_at_once(trial):
    trial.stand_in.keys = [OTHER_KEY, KEY]
    assert isinstance(trial.judge(), Proven)
    assert isinstance(trial.judge(), Proven)
    assert fetches(trial) == 1


def test_a_new_key_under_the_old_id_is_found_too(trial):
    trial.stand_in.keys = [SigningKey(KEY.kid)]
    assert isinstance(trial.judge(), Proven)
    assert fetches(trial) == 1


def test_a_key_that_was_withdrawn_is_believed_for_an_hour_at_most(trial):
    trial.stand_in.published = [OTHER_KEY]
    assert isinstance(trial.judge(), Proven)
    trial.now = trial.stand_in.now = NOW + LAST
    assert trial.refused().name == "key"


def test_an_unknown_key_leads_to_one_fetch(trial):
    trial.stand_in.keys, trial.stand_in.published = [OTHER_KEY], [KEY]
    assert trial.refused().name == "key"
    assert fetches(trial) == 1


def test_one_provider_s_keys_are_no_other_s():
    """Both are asked by one handler."""
    one = Trial(keys=[KEY])
    other = Trial(keys=[KEY], issuer="https://other.example", published=[OTHER_KEY])
    other.handler = one.handler
    one.handler._judge._fetch = lambda url, **more: (
        other.stand_in if url.startswith("https://other.example") else one.stand_in
    )(url, **more)
    assert isinstance(one.judge(), Proven)
    assert other.refused().name == "key"


def keys_of(body):
    """A trial whose keys are answered so."""
    made = Trial([KEY])
    inner = made.stand_in

    def fetch(url, **more):
        return body if url.endswith("/keys") else inner(url, **more)

    made.handler._judge._fetch = fetch
    return made


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        (answered(200, {}), "keys"),
        (answered(200, []), "keys"),
        (answered(200, {"keys": {}}), "keys"),
        (answered(200, {"keys": [KEY.jwk()] * 101}), "keys"),
        (answered(200, {"keys": [KEY.jwk()], "more": "x" * 300_000}), "keys"),
        (answered(404, {"keys": [KEY.jwk()]}), "keys"),
        (answered(301, {}), "keys"),
        (answered(200, {"keys": []}), "key"),
        (answered(200, {"keys": [None, 7, "x", [], {}, {"kty": 7}, {"kty": "RSA"}]}), "key"),
        (answered(200, {"keys": [{**KEY.jwk(), "kty": "oct", "k": "c2VjcmV0"}]}), "key"),
        (answered(200, {"keys": [{**KEY.jwk(), "n": "ä"}]}), "key"),
        (answered(200, {"keys": [{**KEY.jwk(), "key_ops": 7}]}), "key"),
        (answered(200, {"keys": [{**KEY.jwk(), "key_ops": ["encrypt"]}]}), "key"),
        (answered(200, {"keys": [{**KEY.jwk(), "use": "enc"}]}), "key"),
        (answered(200, {"keys": [{**KEY.jwk(), "alg": "RS512"}]}), "key"),
    ],
    ids=map(str, range(15)),
)
def test_what_is_no_use_as_keys(answer, check):
    assert keys_of(answer).refused().name == check


def test_useless_keys_beside_a_good_one_do_no_harm():
    beside = [None, {"kty": "OKP", "crv": "X", "x": "AA"}, {"kty": "new", "kid": KEY.kid}]
    answer = answered(200, {"keys": [*beside, EC_KEY.jwk(), KEY.jwk()]})
    assert isinstance(keys_of(answer).judge(), Proven)


def test_no_more_than_so_many_are_kept():
    keeper = KeyKeeper()

    class Asking:
        def ask(self, check, url):
            return answered(200, {"keys": []})

    for number in range(MOST_KEPT + 1):
        keeper.fetched(f"https://{number}.example", Asking(), NOW)
    assert keeper.kept("https://0.example", NOW) is None
    assert keeper.kept(f"https://{MOST_KEPT}.example", NOW) == KeySet((), NOW)
    assert keeper.kept(f"https://{MOST_KEPT}.example", NOW - timedelta(hours=2)) is None
