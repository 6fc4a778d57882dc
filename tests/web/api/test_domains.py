"""Domains through the API."""

import pytest


@pytest.fixture
def ask(api, world):
    """Call as the owner, or as somebody else."""

    def call(method, path="", body=None, who="owner", slug="acme"):
        return api(method, f"/workspaces/{slug}/domains{path}", world.tokens[who], body)

    return call


def test_a_domain_from_beginning_to_end(ask, name_server):
    made = ask("POST", body={"domain": "BÜCHER.test"})
    assert made.status_code == 201
    shown = made.json
    assert {name: shown[name] for name in ("domain", "name", "state", "default_role")} == {
        "domain": "xn--bcher-kva.test",
        "name": "bücher.test",
        "state": "pending",
        "default_role": "member",
    }
    absent = ask("POST", "/bücher.test/verify")
    assert (absent.status_code, absent.json["code"]) == (409, "domain_not_verified")
    assert "DNS knows no domain xn--bcher-kva.test" in absent.json["detail"]
    name_server.publish("xn--bcher-kva.test", "other", shown["txt_record"])
    verified = ask("POST", "/xn--bcher-kva.test/verify")
    assert (verified.status_code, verified.json["state"]) == (200, "verified")
    assert ask("GET").json == {"items": [verified.json], "next": None}
    same = ask("PATCH", "/xn--bcher-kva.test", {"default_role": "member"})
    assert same.json == verified.json
    assert ask("DELETE", "/xn--bcher-kva.test").status_code == 204
    assert ask("DELETE", "/xn--bcher-kva.test").status_code == 404
    assert ask("GET").json["items"] == []


def test_what_is_wrong_is_named(ask):
    for domain in ("gmail.com", "co.uk", "acme", "192.0.2.1", "a b.com", "x" * 254, ""):
        refused = ask("POST", body={"domain": domain})
        assert (refused.status_code, refused.json["code"]) == (422, "invalid_request"), domain
        assert [error["field"] for error in refused.json["errors"]] == ["domain"]
    assert ask("POST", body={"domain": "acme.test"}).status_code == 201
    again = ask("POST", body={"domain": "ACME.test"})
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    for role in ("admin", "owner"):
        refused = ask("PATCH", "/acme.test", {"default_role": role})
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "default_role")
        assert "by their address alone" in refused.json["detail"]
    assert ask("PATCH", "/acme.test", {"default_role": "guest"}).status_code == 422
    assert ask("PATCH", "/acme.test", {}).status_code == 422


def test_dns_without_an_answer_is_said(ask, name_server):
    ask("POST", body={"domain": "acme.test"})
    name_server.fail("acme.test", "SERVFAIL")
    refused = ask("POST", "/acme.test/verify")
    assert (refused.status_code, refused.json["state"]) == (409, "pending")
    assert "SERVFAIL" in refused.json["detail"]


def test_a_domain_has_one_workspace_at_a_time(ask, world, name_server):
    slug = world.workspace()
    records = [
        ask("POST", body={"domain": "acme.test"}, slug=each).json["txt_record"]
        for each in ("acme", slug)
    ]
    name_server.publish("acme.test", *records)
    assert ask("POST", "/acme.test/verify").status_code == 200
    refused = ask("POST", "/acme.test/verify", slug=slug)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    ask("DELETE", "/acme.test")
    assert ask("POST", "/acme.test/verify", slug=slug).status_code == 200


def test_a_service_and_an_admin_may_and_the_list_has_pages(ask):
    for number in range(3):
        made = ask("POST", body={"domain": f"d{number}.test"}, who=("service", "admin")[number % 2])
        assert made.status_code == 201
    first = ask("GET", "?limit=2").json
    rest = ask("GET", f"?limit=2&cursor={first['next']}").json
    names = [one["domain"] for one in first["items"] + rest["items"]]
    assert (names, rest["next"]) == (["d0.test", "d1.test", "d2.test"], None)
