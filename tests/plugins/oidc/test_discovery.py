"""The discovery document: what is read in it, and each thing for which it is refused."""

import json

import pytest

from app.hookspecs import BadDocument
from plugins.sso_oidc.conformance import NOW, OURS, VALUES
from plugins.sso_oidc.discovery import read_discovery, well_known
from plugins.sso_oidc.handler import OidcHandler
from plugins.sso_oidc.stand_in import ISSUER, StandIn
from tests.plugins.oidc.trying import KEY, says

WELL_KNOWN = "/.well-known/openid-configuration"


def document(**changes):
    return StandIn(NOW, [KEY], OURS.answer_url, change_document=says(**changes)).document


def understood(text, values=VALUES):
    return OidcHandler(None).understand(text, values)


def test_what_it_says():
    found = understood(document())
    assert found.name == ISSUER
    assert found.belongs_at == ISSUER + WELL_KNOWN
    assert dict(found.facts)["It signs with"] == "RS256"
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("accounts.google.com", "https://accounts.google.com"),
        (" https://accounts.google.com/ ", "https://accounts.google.com"),
        ("https://id.example/realms/acme", "https://id.example/realms/acme"),
        (f"https://id.example{WELL_KNOWN}", "https://id.example"),
        ("http://127.0.0.1:9400", "http://127.0.0.1:9400"),
    ],
)
def test_the_address_is_made_of_the_issuer(typed, address):
    assert well_known(typed) == address + WELL_KNOWN


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": None}, "no discovery document"),
        ({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "your own tenant"),
        ({"issuer": "https://id.example?a=b"}, "issuer"),
        ({"issuer": "https://id.example#a"}, "issuer"),
        ({"issuer": "ftp://id.example"}, "issuer"),
        ({"issuer": ["https://id.example"]}, "issuer"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"authorization_endpoint": "http://id.example/a"}, "https://"),
        ({"token_endpoint": "http://id.example/token"}, "https://"),
        ({"token_endpoint": "https://eve:x@id.example/token"}, "token_endpoint"),
        ({"token_endpoint": "https://id.example:99999/token"}, "token_endpoint"),
        ({"token_endpoint": "https:///token"}, "token_endpoint"),
        ({"token_endpoint": "https://id.example/a b"}, "token_endpoint"),
        ({"token_endpoint": "https://id.example/" + "a" * 2_000}, "token_endpoint"),
        ({"jwks_uri": 7}, "jwks_uri"),
        ({"userinfo_endpoint": "file:///etc/passwd"}, "userinfo_endpoint"),
        ({"end_session_endpoint": "http://id.example/"}, "https://"),
        ({"response_types_supported": ["token"]}, "authorization code"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "RS256"),
        ({"id_token_signing_alg_values_supported": "RS256"}, "RS256"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "client_secret_basic"),
        ({"token_endpoint_auth_methods_supported": ["none"]}, "client_secret_basic"),
        ({"more": "x" * 300_000}, "no discovery document"),
    ],
    ids=map(str, range(24)),
)
def test_what_makes_it_useless(changes, words):
    with pytest.raises(BadDocument, match=words) as refused:
        understood(document(**changes))
    assert str(refused.value).endswith(".")


def test_a_name_that_comes_twice_makes_it_useless():
    text = document()[:-1] + ', "issuer": "https://eve.example"}'
    with pytest.raises(BadDocument):
        understood(text)


@pytest.mark.parametrize(
    ("offered", "used"),
    [
        (None, "client_secret_basic"),
        (["client_secret_post", "private_key_jwt", "client_secret_basic"], "client_secret_basic"),
        (["client_secret_post"], "client_secret_post"),
    ],
)
def test_how_we_prove_ourselves(offered, used):
    text = document(token_endpoint_auth_methods_supported=offered)
    assert read_discovery(text).client_auth == used


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_client_id_and_secret_are_asked_for_by_name(name):
    with pytest.raises(BadDocument) as refused:
        understood(document(), {**VALUES, name: ""})
    assert refused.value.field == name


def test_warnings():
    assert "http" in understood(_moved("http://127.0.0.1:9400")).warnings[0]
    entra = _moved("https://login.microsoftonline.com/6f0b6ad4/v2.0")
    assert "xms_edov" in understood(entra).warnings[0]
    assert understood(entra, {**VALUES, "vouched": True}).warnings == ()


def _moved(issuer):
    return json.dumps(json.loads(document().replace(ISSUER, issuer)))
