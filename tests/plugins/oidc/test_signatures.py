"""Tokens that nobody signed, or somebody else, or in another way: each refused by its check."""

import base64
import json
from datetime import timedelta

import pytest

from app.hookspecs import BadDocument, Proven
from plugins.sso_oidc.conformance import NOW
from plugins.sso_oidc.stand_in import (
    CLIENT_SECRET,
    ISSUER,
    SigningKey,
    packed,
    with_secret,
)
from tests.plugins.oidc.trying import EC_KEY, KEY, OTHER_KEY, Trial, numbers, says

AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    "key",
    [KEY, SigningKey("ps", "PS256"), EC_KEY, SigningKey("e5", "ES512"), SigningKey("r3", "RS384")],
    ids=lambda key: key.algorithm,
)
@pytest.mark.parametrize("client_auth", ["client_secret_basic", "client_secret_post"])
def test_an_honest_answer_is_believed(key, client_auth):
    found = Trial([key], client_auth=client_auth).judge()
    assert isinstance(found, Proven), found
    assert (found.email, found.name) == ("ana@acme.test", "Ana Arden")
    assert found.subject == f"{ISSUER}#person-1"
    assert {each.id.partition(":")[0] for each in found.once} == {"code", "nonce"}
    assert max(each.until for each in found.once) == NOW + timedelta(minutes=6)


def test_an_algorithm_of_none():
    trial = Trial(change_header=says(alg="none"), sign=lambda *_: b"")
    assert trial.refused().name == "algorithm"


@pytest.mark.parametrize("alg", ["nOnE", "", None, 7, ["RS256"], "RS1", "EdDSA", "dir"])
def test_an_algorithm_that_nobody_knows(alg):
    trial = Trial(change_header=lambda header: header.update(alg=alg), sign=lambda *_: b"x")
    assert trial.refused().name == "algorithm"


@pytest.mark.parametrize("secret", ["client secret", "public key"])
def test_a_secret_instead_of_a_key_pair(secret):
    """HS256 under what an attacker knows: the public key; or what other clients might know."""
    known = json.dumps(KEY.jwk()) if secret == "public key" else CLIENT_SECRET
    trial = Trial(change_header=says(alg="HS256"), sign=with_secret(known.encode()))
    assert trial.refused().name == "algorithm"


def test_a_provider_that_asks_for_a_secret_s_signature_is_not_understood():
    trial = Trial(change_document=says(id_token_signing_alg_values_supported=["HS256", "none"]))
    with pytest.raises(BadDocument, match="RS256"):
        trial.handler.understand(trial.stand_in.document, trial.values)


def test_an_algorithm_that_the_provider_does_not_announce():
    trial = Trial(
        [SigningKey("x", "PS256")],
        change_document=says(id_token_signing_alg_values_supported=["RS256"]),
    )
    assert trial.refused().name == "algorithm"


def test_a_key_of_somebody_else():
    trial = Trial(sign=lambda text, _: OTHER_KEY.sign(text, "RS256"))
    assert trial.refused().name == "signature"


def test_a_key_of_another_kind():
    trial = Trial(
        [KEY, EC_KEY],
        change_header=says(alg="ES256"),
        sign=lambda text, _: EC_KEY.sign(text, "ES256"),
    )
    assert trial.refused().name == "key"


def test_a_key_that_is_for_another_algorithm():
    trial = Trial(
        change_header=says(alg="PS256"),
        change_document=says(id_token_signing_alg_values_supported=["RS256", "PS256"]),
    )
    assert trial.refused().name == "key"


def test_an_unknown_key():
    trial = Trial(change_header=says(kid="three"))
    assert "three" in trial.refused().words


def test_no_key_id_among_several_keys():
    trial = Trial([KEY, OTHER_KEY], change_header=says(kid=None))
    assert trial.refused().name == "key"
    assert isinstance(Trial([KEY], change_header=says(kid=None)).judge(), Proven)


def test_a_short_key_is_none():
    assert Trial([SigningKey("short", bits=1024)]).refused().name == "key"


def test_a_key_for_something_else_is_none():
    class Encrypting(SigningKey):
        def jwk(self):
            return {**super().jwk(), "use": "enc"}

    assert Trial([Encrypting("enc")]).refused().name == "key"


@pytest.mark.parametrize("part", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_token_brings_along_is_not_looked_at(part):
    brought = {
        "jwk": OTHER_KEY.jwk(),
        "x5c": ["MII"],
        "jku": "https://eve.example/k",
        "x5u": "https://eve.example/c",
    }
    trial = Trial(
        change_header=says(**{part: brought[part]}),
        sign=lambda text, _: OTHER_KEY.sign(text, "RS256"),
    )
    assert trial.refused().name == "signature"
    assert set(trial.stand_in.asked) == {"/token", "/keys"}


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "b64"])
def test_a_header_that_must_be_understood_and_is_not(crit):
    trial = Trial(change_header=says(crit=crit, b64=False))
    assert trial.refused().name == "signature"


@pytest.mark.parametrize("kind", ["at+jwt", "logout+jwt", "JOSE", 1, ["JWT"]])
def test_a_token_for_something_else(kind):
    assert Trial(change_header=says(typ=kind)).refused().name == "type"


def resigned(change):
    """Change the tokens after they were signed."""

    def changed(tokens):
        head, body, tail = tokens["id_token"].split(".")
        tokens["id_token"] = change(head, body, tail)

    return changed


def swapped(head, body, tail):
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{packed(json.dumps({**said, 'email': 'eve@acme.test'}).encode())}.{tail}"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (swapped, "signature"),
        (lambda head, body, tail: f"{head}.{body}.", "signature"),
        (lambda head, body, tail: f"{head}.{body}.{tail[:-8]}", "signature"),
        (lambda head, body, tail: f"{head}.{body}", "form"),
        (lambda head, body, tail: f"{head}.{body}.{tail}.{tail}.{tail}", "form"),
        (lambda head, body, tail: f"x{head}.{body}.{tail}", "form"),
        (lambda head, body, tail: f"{head}.{body}.{tail}ä", "form"),
        (lambda head, body, tail: f"{head}.{'A' * 70_000}.{tail}", "form"),
        (lambda head, body, tail: f"{packed(b'[]')}.{body}.{tail}", "form"),
        (lambda head, body, tail: f"{packed(b'[' * 9_000)}.{body}.{tail}", "form"),
        (lambda *_: "", "tokens"),
        (lambda *_: None, "tokens"),
        (lambda *_: {"a": 1}, "tokens"),
    ],
    ids=numbers(),
)
def test_a_token_that_was_changed(change, check):
    assert Trial(change_tokens=resigned(change)).refused().name == check


@pytest.mark.parametrize(
    "text", ['{"sub":"a","sub":"b"}', "[]", "7", '{"exp":NaN}', "{", "[" * 9000]
)
def test_claims_that_are_no_object(text):
    """They are signed well, and say nothing."""

    def changed(tokens):
        head = tokens["id_token"].split(".")[0]
        signed = f"{head}.{packed(text.encode())}"
        tokens["id_token"] = f"{signed}.{packed(KEY.sign(signed.encode(), 'RS256'))}"

    assert Trial(change_tokens=changed).refused().name == "signature"
