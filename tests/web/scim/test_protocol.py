"""The protocol: all that a tester from elsewhere asks, who may call, and what Entra ID sends."""

import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from app.services.sso.scim.connect import make_scim_token, revoke_scim_token
from app.services.workspaces.delete import delete_workspace
from app.services.workspaces.open import start_workspace
from tests.conftest import START
from tests.web.scim.conftest import USER, Directory

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def test_a_tester_from_elsewhere_finds_nothing_wrong(app, directory):
    base = app.extensions["coffer"].settings.public_url + directory.path
    headers = {"Authorization": f"Bearer {directory.token}"}
    results = check_server(WSGISCIMClient(app, base_url=base, headers=headers))
    wrong = [result for result in results if result.status is not Status.SUCCESS]
    assert wrong == []
    assert len(results) > 100


@pytest.mark.parametrize("token", ["", "wrong", "coffer_d_x", "ü"])
def test_nobody_without_the_token_gets_in(app, directory, token):
    directory.token = token.encode().decode("latin-1")
    for path in ("/Users", "/Users/x", "/ServiceProviderConfig", "/nothing", "/"):
        answer = directory("GET", path)
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_token_opens_its_own_directory_only(app, directory, acme):
    from app.services.workspaces.access import access_to

    start_workspace(acme.charlie.email, "beta", "Beta", "business", START, START)
    _, access = access_to(acme.charlie.id, "beta")
    beta = Directory(app, *make_scim_token(access, START))
    nora = directory.create()
    assert beta("GET", f"/Users/{nora['id']}").status_code == 404
    assert beta("GET", "/Users").json["totalResults"] == 0
    beta.token = directory.token
    assert beta("GET", "/Users").status_code == 401


def test_a_new_token_ends_the_one_before_and_keeps_the_address(app, directory, owner):
    connection, text = make_scim_token(owner, START)
    assert directory.path.endswith(connection.public_id)
    assert directory("GET", "/Users").status_code == 401
    directory.token = text
    assert directory("GET", "/Users").status_code == 200
    revoke_scim_token(owner)
    assert directory("GET", "/Users").status_code == 401


def test_a_token_ends_with_what_its_maker_may(app, acme, owner):
    from app.domain.role import Role
    from app.services.workspaces.access import access_to
    from app.services.workspaces.end_access import remove
    from app.services.workspaces.roles import change_role

    directory = Directory(app, *make_scim_token(access_to(acme.carol.id, "acme")[1], START))
    assert directory("GET", "/Users").status_code == 200
    change_role(owner, acme.carol.email, Role.MEMBER, START)
    assert directory("GET", "/Users").status_code == 401
    change_role(owner, acme.carol.email, Role.ADMIN, START)
    assert directory("GET", "/Users").status_code == 200
    remove(owner, acme.carol.email, START)
    assert directory("GET", "/Users").status_code == 401


def test_a_deleted_workspace_has_no_directory(directory, owner):
    delete_workspace(owner, "Acme", START)
    assert directory("GET", "/Users").status_code == 401


def test_users_are_found_as_entra_and_okta_look_for_them(directory):
    nora = directory.create("Nora@corp.test", "nora@corp.test", externalId="e-1")
    directory.create("other", externalId="e-2")
    for wanted in ('userName eq "nora@CORP.test"', 'externalId eq "e-1"', f'id eq "{nora["id"]}"'):
        found = directory("GET", f"/Users?filter={wanted}").json
        assert [user["id"] for user in found["Resources"]] == [nora["id"]], wanted
    assert directory("GET", '/Users?filter=userName eq "nobody"').json["totalResults"] == 0
    assert directory("GET", "/Users?filter=nonsense").status_code == 400
    page = directory("GET", "/Users?startIndex=2&count=1&sortBy=userName").json
    assert (page["totalResults"], [user["userName"] for user in page["Resources"]]) == (
        2,
        ["other"],
    )


def test_what_entra_sends_against_the_standard(directory):
    user = directory.create("nora", active="True")
    answer = directory.patch(
        user,
        {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "Bern"},
        {"op": "Replace", "path": "displayName", "value": "Nora N."},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "17"},
        {"op": "Replace", "value": {"name.givenName": "Nora", f"{ENTERPRISE}:department": "R&D"}},
        {"op": "Add", "path": "extensionAttribute7", "value": "unknown here"},
    )
    assert answer.status_code == 204, answer.text
    now = directory("GET", f"/Users/{user['id']}?aadOptscim062020").json
    assert now["addresses"] == [{"type": "work", "locality": "Bern"}]
    assert (now["displayName"], now["name"]["givenName"]) == ("Nora N.", "Nora")
    assert now[ENTERPRISE] == {"manager": {"value": "17"}, "department": "R&D"}
    directory.patch(user, {"op": "Replace", "path": "active", "value": "False"})
    assert directory("GET", f"/Users/{user['id']}").json["active"] is False


def test_bad_requests_are_refused_as_the_protocol_wants(directory):
    nora = directory.create()
    twice = directory("POST", "/Users", {"schemas": [USER], "userName": "NORA"})
    assert (twice.status_code, twice.json["scimType"]) == (409, "uniqueness")
    for body in ({}, {"schemas": [USER]}, {"schemas": [USER], "userName": 1}, [], "x"):
        assert directory("POST", "/Users", body).status_code == 400, body
    for name in ("a\x00b", "a\nb", " "):
        refused = directory("POST", "/Users", {"schemas": [USER], "userName": name})
        assert refused.status_code == 400, name
    assert directory("GET", '/Users?filter=userName eq "a\\u0000"').json["totalResults"] == 0
    assert directory("GET", "/Users/a%00b").status_code == 404
    assert directory("GET", "/a%0Ab").status_code == 404
    much = {"schemas": [USER], "userName": "much", "displayName": "x" * 70_000}
    assert directory("POST", "/Users", much).status_code == 400
    long = directory("POST", "/Users", {"schemas": [USER], "userName": "x" * 300})
    assert long.status_code == 400
    assert directory("GET", "/Users/nobody").status_code == 404
    assert directory("DELETE", "/Users").status_code == 405
    big = {"schemas": [USER], "userName": "big", "displayName": "x" * 1_100_000}
    assert directory("POST", "/Users", big).status_code == 413
    stale = directory("DELETE", f"/Users/{nora['id']}", If_Match='W/"9"')
    assert stale.status_code == 412
    assert directory("DELETE", f"/Users/{nora['id']}", If_Match='W/"1"').status_code == 204


def test_roles_are_read_as_groups_and_not_changed(directory, acme):
    nora = directory.create()
    groups = {group["id"]: group for group in directory("GET", "/Groups").json["Resources"]}
    assert list(groups) == ["owner", "admin", "member"]
    (member,) = groups["member"]["members"]
    assert (member["value"], member["display"]) == (nora["id"], "nora")
    assert member["$ref"] == nora["meta"]["location"]
    assert "members" not in groups["owner"]
    found = directory("GET", '/Groups?filter=displayName eq "member"&excludedAttributes=members')
    assert [(one["id"], "members" in one) for one in found.json["Resources"]] == [("member", False)]
    assert directory("GET", "/Groups/member").json == groups["member"]
    assert directory("GET", "/Groups/nobody").status_code == 404
    new = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "New"}
    assert directory("POST", "/Groups", new).status_code == 403
    assert directory("PUT", "/Groups/member", new).status_code == 403
    assert directory("DELETE", "/Groups/member").status_code == 403


def test_passwords_are_never_kept(directory):
    from app.store.database import db
    from app.store.scim import ScimUser

    directory.create(password="correct horse")
    (kept,) = db.session.scalars(db.select(ScimUser))
    assert "horse" not in str(kept.document)


class TestRate:
    """A directory that calls too often is told when to come back."""

    @pytest.fixture
    def settings(self):
        return {"rate_limit_per_token": "3/hour"}

    def test_too_many_calls_are_refused(self, directory):
        statuses = [directory("GET", "/Users").status_code for _ in range(4)]
        assert 429 in statuses
        assert int(directory("GET", "/Users").headers["Retry-After"]) > 0
