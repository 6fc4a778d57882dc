"""The audit log by the API: in the usual form of lists, and who came with which token."""


def lines(api, token, query=""):
    """One page of Acme's log."""
    answer = api("GET", f"/accounts/acme/audit{query}", token)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_it_says_with_which_token_somebody_came(api, world):
    body = {"emails": ["new@x.test"], "role": "member"}
    for who in ("owner", "service"):
        api("POST", "/workspaces/acme/invitations", world.tokens[who], body, User_Agent="curl/8")
        body = {"emails": ["other@x.test"], "role": "member"}
    by_service, by_owner = lines(api, world.tokens["admin"], "?kind=invitation.sent")["items"]
    assert by_service["by"] == {
        "kind": "token",
        "name": "service token “platform”",
        "door": "api",
        "address": "",
        "browser": "curl/8",
    }
    assert by_owner["by"]["name"] == "Alice Arden <alice@acme.test>, personal token “owner”"
    assert (by_owner["about"], by_owner["after"]) == ("new@x.test", {"role": "member"})
    assert by_owner["words"] == "Invited somebody"
    assert by_owner["seq"] is None


def test_pages_and_filters(api, world):
    token = world.tokens["owner"]
    whole = lines(api, token, "?limit=200")["items"]
    found, query = [], "?limit=2"
    while True:
        page = lines(api, token, query)
        found += page["items"]
        if page["next"] is None:
            break
        query = f"?limit=2&cursor={page['next']}"
    assert found == whole
    assert {line["kind"] for line in lines(api, token, "?kind=member")["items"]} == {
        "member.joined"
    }
    first = lines(api, token, "?limit=1")["next"]
    other = api("GET", f"/accounts/acme/audit?kind=member&cursor={first}", token)
    assert other.status_code == 422, "a cursor belongs to its own list"
    assert lines(api, token, "?until=2001-01-01T00:00:00Z")["items"] == []
