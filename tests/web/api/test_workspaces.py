"""Workspaces, members, invitations and apps, through the API."""

from app.services.workspaces.subscribe import give_subscription


def test_a_workspace_from_beginning_to_end(api, world, clock):
    token = world.tokens["owner"]
    refused = api("POST", "/workspaces", token, {"name": "Umbra"})
    assert (refused.status_code, refused.json["code"]) == (402, "business_plan_required")
    give_subscription("alice@acme.test", "business", clock.now())
    made = api("POST", "/workspaces", token, {"name": "Ümbra Works"})
    assert made.status_code == 201
    assert (made.json["slug"], made.json["role"]) == ("umbra-works", "owner")
    changed = api("PATCH", "/workspaces/umbra-works", token, {"name": "Umbra", "slug": "umbra"})
    assert (changed.json["name"], changed.json["slug"]) == ("Umbra", "umbra")
    assert api("PATCH", "/workspaces/umbra", token, {"slug": "acme"}).status_code == 409
    assert api("GET", "/workspaces/umbra-works", token).status_code == 404
    assert api("GET", "/workspaces/umbra", token).json == changed.json
    listed = api("GET", "/workspaces", token).json["items"]
    assert [one["slug"] for one in listed] == ["acme", "umbra"]
    assert api("DELETE", "/workspaces/umbra", token).status_code == 204
    assert api("GET", "/workspaces/umbra", token).status_code == 404


def test_a_service_opens_a_workspace_for_an_owner(api, world, clock):
    token = world.tokens["service"]
    assert api("POST", "/workspaces", token, {"name": "X"}).status_code == 422
    unknown = {"name": "X", "owner": "who@acme.test"}
    assert api("POST", "/workspaces", token, unknown).status_code == 404
    give_subscription("bob@acme.test", "business", clock.now())
    body = {"name": "Bobs", "owner": "BOB@acme.test"}
    foreign = api("POST", "/workspaces", world.tokens["owner"], body)
    assert foreign.status_code == 403
    assert api("POST", "/workspaces", token, body).json["slug"] == "bobs"
    mine = api("GET", "/workspaces", world.tokens["member"]).json["items"]
    assert [(one["slug"], one["role"]) for one in mine] == [("acme", "member"), ("bobs", "owner")]


def test_a_personal_account_is_no_workspace(api, world):
    token = world.tokens["owner"]
    for method, path in (
        ("GET", "/workspaces/alice"),
        ("DELETE", "/workspaces/alice"),
        ("GET", "/workspaces/alice/members"),
        ("GET", "/workspaces/alice/invitations"),
    ):
        assert api(method, path, token).status_code == 404
    assert api("GET", "/accounts/alice/pool", token).status_code == 200


def test_members(api, world):
    token, path = world.tokens["owner"], "/workspaces/acme/members"
    members = api("GET", path, token).json["items"]
    assert [(one["email"], one["role"]) for one in members] == [
        ("alice@acme.test", "owner"),
        ("carol@acme.test", "admin"),
        ("bob@acme.test", "member"),
    ]
    assert members[2]["name"] == "Bob Birch"
    found = api("GET", f"{path}?search=BIRCH", token).json["items"]
    assert [one["email"] for one in found] == ["bob@acme.test"]
    promoted = api("PATCH", f"{path}/Bob@acme.test", token, {"role": "admin"})
    assert promoted.json["role"] == "admin"
    assert api("PATCH", f"{path}/bob@acme.test", token, {"role": "owner"}).status_code == 422
    by_admin = world.tokens["admin"]
    assert api("PATCH", f"{path}/bob@acme.test", by_admin, {"role": "member"}).status_code == 403
    assert api("DELETE", f"{path}/alice@acme.test", by_admin).status_code == 403
    assert api("DELETE", f"{path}/alice@acme.test", token).status_code == 409
    assert api("DELETE", f"{path}/who@acme.test", token).status_code == 404


def test_a_member_leaves_and_their_token_ends_there(api, world):
    token = world.tokens["member"]
    assert api("DELETE", "/workspaces/acme/members/bob@acme.test", token).status_code == 204
    assert api("GET", "/accounts/acme/pool", token).status_code == 404
    assert api("POST", "/deductions", token, world.spending()).status_code == 404
    assert api("GET", "/accounts/bob/pool", token).status_code == 200


def test_invitations(api, world, later):
    token, path = world.tokens["admin"], "/workspaces/acme/invitations"
    emails = ["Dana@Acme.test", "bob@acme.test", "no address", "erin@acme.test"]
    report = api("POST", path, token, {"emails": emails, "role": "admin"})
    assert report.status_code == 201
    assert [one["email"] for one in report.json["invited"]] == ["dana@acme.test", "erin@acme.test"]
    assert {one["email"] for one in report.json["refused"]} == {"bob@acme.test", "no address"}
    (erin, dana) = api("GET", path, token).json["items"]
    assert (dana["role"], dana["state"], dana["invited_by"]) == ("admin", "open", "carol@acme.test")
    assert dana["expires_at"] == "2026-01-22T12:00:00Z"
    later(days=8)
    assert api("GET", path, token).json["items"][0]["state"] == "expired"
    resent = api("POST", f"{path}/{dana['id']}/resend", token).json
    assert (resent["state"], resent["expires_at"]) == ("open", "2026-01-30T12:00:00Z")
    assert api("DELETE", f"{path}/{erin['id']}", token).status_code == 204
    assert api("DELETE", f"{path}/{erin['id']}", token).status_code == 409
    assert [one["email"] for one in api("GET", path, token).json["items"]] == ["dana@acme.test"]
    other = world.workspace()
    foreign = f"/workspaces/{other}/invitations/{dana['id']}"
    assert api("DELETE", foreign, world.tokens["owner"]).status_code == 404


def test_apps(api, world):
    token = world.tokens["owner"]
    made = api("POST", "/accounts/acme/apps", token, {"name": "Shop", "description": "Sells\nhats"})
    assert made.status_code == 201
    app = made.json
    assert (app["account"], app["created_by"]) == ("acme", "alice@acme.test")
    assert app["description"] == "Sells\nhats"
    path = f"/apps/{app['id']}"
    assert api("PATCH", path, token, {"name": "Store"}).json["name"] == "Store"
    assert api("GET", path, token).json["description"] == "Sells\nhats"
    assert api("POST", f"{path}/transfer", token, {"to": "acme"}).status_code == 409
    assert api("POST", f"{path}/transfer", token, {"to": "bob"}).status_code == 404
    assert api("POST", f"{path}/transfer", token, {"to": "alice"}).json["account"] == "alice"
    assert api("GET", path, world.tokens["member"]).status_code == 404
    assert api("DELETE", path, token).status_code == 204
    assert api("GET", path, token).status_code == 404
    assert api("PATCH", path, token, {"name": "x"}).status_code == 404


def test_a_member_deletes_their_own_app(api, world):
    assert api("DELETE", f"/apps/{world.app}", world.tokens["member"]).status_code == 204
    gone = api("POST", "/deductions", world.tokens["app"], {"action": "deploy"})
    assert gone.status_code == 401
