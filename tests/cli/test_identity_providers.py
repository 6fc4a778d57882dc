"""`coffer idp`: what the operator adds is on at once, and shown as the other side needs it."""

import json

import pytest

from tests.conftest import PASSWORD
from tests.plugins.saml.company import THE_IDP, quick_keys
from tests.servers.oidc import open_id_provider

KEYS = {"entity_id", "acs_url", "login_url", "metadata_url"}


@pytest.fixture
def database_url(sqlite_url):
    """The verbs are tried on both databases elsewhere."""
    return sqlite_url


@pytest.fixture
def metadata(installed, environment, tmp_path, monkeypatch):
    """Acme, and a file with the metadata of its identity provider."""
    quick_keys(monkeypatch)
    environment.setenv("COFFER_PUBLIC_URL", "https://coffer.test")
    installed("user", "create", "alice@acme.test", "--password-stdin", stdin=PASSWORD)
    assert installed("workspace", "create", "acme", "--owner", "alice@acme.test").exit_code == 0
    file = tmp_path / "metadata.xml"
    file.write_text(THE_IDP.metadata())
    return str(file)


def test_add_and_show(answer, installed, metadata):
    added = answer("idp", "add", "acme", "--handler", "saml", "--metadata", metadata)
    assert added.keys() >= KEYS
    assert added["login_url"].startswith("https://coffer.test/sso/")
    assert (added["on"], added["allow_unsolicited"]) == (True, False)
    shown = answer("idp", "show", "acme")
    assert {key: shown[key] for key in KEYS} == {key: added[key] for key in KEYS}
    assert len(shown["identity_providers"]) == 1
    text = installed("idp", "show", "acme").stdout
    assert all(added[key] in text for key in KEYS)


def test_options(answer, metadata):
    added = answer(
        *("idp", "add", "acme", "--handler", "saml", "--metadata", metadata),
        *("--allow-unsolicited", "--name", "Acme Login", "--set", "email_attribute=mail"),
    )
    assert (added["allow_unsolicited"], added["name"]) == (True, "Acme Login")


def test_several(answer, metadata):
    for name in ("One", "Two"):
        answer("idp", "add", "acme", "--handler", "saml", "--metadata", metadata, "--name", name)
    shown = answer("idp", "show", "acme")
    assert shown["name"] == "Two"
    assert [each["name"] for each in shown["identity_providers"]] == ["One", "Two"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere", "--handler", "saml"), "nowhere"),
        (("acme", "--handler", "pigeon"), "speaks “pigeon”"),
        (("acme", "--handler", "saml", "--set", "odd"), "FIELD=VALUE"),
        (("acme", "--handler", "saml", "--set", "clock_skew_seconds=x"), "whole number"),
    ],
)
def test_what_can_t_be_added(installed, metadata, arguments, words):
    done = installed("idp", "add", *arguments, "--metadata", metadata)
    assert done.exit_code == 1
    assert words in done.stderr


def test_what_is_no_metadata(installed, metadata, tmp_path):
    file = tmp_path / "other.xml"
    file.write_text("<html/>")
    done = installed("idp", "add", "acme", "--handler", "saml", "--metadata", str(file))
    assert (done.exit_code, "EntityDescriptor" in done.stderr) == (1, True)


def test_nothing_to_show(installed, metadata):
    done = installed("idp", "show", "acme", "--json")
    assert (done.exit_code, "no identity provider" in done.stderr) == (1, True)
    assert json.dumps(done.stdout) == '""'


@pytest.fixture(scope="module")
def open_id():
    """An OpenID provider that runs somewhere in the company's own network."""
    with open_id_provider(ana={"email": "ana@acme.test", "email_verified": True}) as running:
        yield running


def test_open_id_connect_by_its_issuer(answer, installed, metadata, environment, open_id):
    environment.setenv("COFFER_FETCH_FROM_PRIVATE_NETWORKS", "true")
    added = answer(
        *("idp", "add", "acme", "--handler", "oidc", "--address", open_id.issuer),
        *("--set", "client_id=coffer", "--secret", "client_secret"),
        stdin="hush\n",
    )
    assert (added["handler"], added["on"], added["name"]) == ("oidc", True, "127.0.0.1")
    assert added["redirect_uri"] == added["acs_url"]
    assert added["redirect_uri"] in installed("idp", "show", "acme").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "either"),
        (("--address", "https://id.example", "--metadata", "-"), "either"),
        (("--address", "http://127.0.0.1:1"), "public internet"),
        (("--metadata", "-"), "no discovery document"),
    ],
)
def test_what_can_t_be_an_open_id_provider(installed, metadata, arguments, words):
    done = installed("idp", "add", "acme", "--handler", "oidc", *arguments, stdin="{}")
    assert done.exit_code != 0
    assert words in done.stderr


def test_open_id_connect_knows_no_unsolicited_sign_ins(installed, metadata):
    done = installed(
        *("idp", "add", "acme", "--handler", "oidc", "--address", "https://id.example"),
        "--allow-unsolicited",
    )
    assert (done.exit_code, "no such sign-ins" in done.stderr) == (1, True)
