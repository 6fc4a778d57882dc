"""Domains by command, on both databases."""

import pytest

from app.setting_types import servers_in

ALICE = "alice@acme.test"


@pytest.fixture
def acme(answer, environment, name_server):
    environment.setenv("COFFER_DNS_SERVERS", name_server.setting)
    answer("user", "create", ALICE, "--name", "Alice")
    answer("workspace", "create", "acme", "--owner", ALICE)


def test_a_domain_is_added_and_verified(acme, answer, installed, name_server):
    made = answer("domain", "add", "acme", "Acme.test")
    assert (made["account"], made["domain"], made["state"]) == ("acme", "acme.test", "pending")
    early = installed("domain", "verify", "acme", "acme.test")
    assert early.exit_code == 1
    assert "DNS knows no domain acme.test" in early.stderr
    name_server.publish("acme.test", made["txt_record"])
    assert answer("domain", "verify", "acme", "acme.test")["state"] == "verified"
    assert [one["state"] for one in answer("domain", "list", "acme")] == ["verified"]
    again = installed("domain", "add", "acme", "acme.test")
    assert (again.exit_code, "has acme.test already" in again.stderr) == (1, True)


def test_the_operator_vouches(acme, answer, installed, name_server):
    made = answer("domain", "add", "acme", "acme.test", "--assume-verified")
    assert (made["state"], made["default_role"], made["vouched"]) == ("verified", "member", True)
    assert name_server.asked == []
    said = installed("domain", "list", "acme").stdout
    assert f"acme.test: verified. TXT record: {made['txt_record']}" in said
    for slug, domain in (("acme", "gmail.com"), ("nowhere", "acme.test"), ("acme", "x")):
        refused = installed("domain", "add", slug, domain, "--assume-verified")
        assert (refused.exit_code, refused.stdout) == (1, "")


def test_a_workspace_without_domains_says_so(acme, installed):
    assert installed("domain", "list", "acme").stdout == "acme has no domain.\n"


def test_a_directory_gets_an_address_that_stays_and_a_token_that_does_not(acme, answer, installed):
    first, second = (answer("scim", "token", "acme") for _ in range(2))
    assert (first["account"], first["url"]) == ("acme", second["url"])
    assert "/scim/v2/" in first["url"]
    assert first["token"] != second["token"]
    assert installed("scim", "token", "nowhere").exit_code == 1


def test_bad_addresses_of_name_servers_are_told(coffer, environment):
    assert servers_in("10.0.0.53, [::1]:5353") == [("10.0.0.53", 53), ("::1", 5353)]
    for bad in ("ns.example.com", "10.0.0.53:x", "10.0.0.53:99999", "::1"):
        environment.setenv("COFFER_DNS_SERVERS", bad)
        result = coffer("settings")
        assert result.exit_code == 1
        assert "COFFER_DNS_SERVERS (environment)" in result.stderr
