"""A directory that calls: Acme's, about addresses of corp.test."""

import json

import pytest

from app.services.sso.domains.claim import vouch_for_domain
from app.services.sso.scim.connect import make_scim_token
from app.services.workspaces.access import access_to
from tests.conftest import START

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """Speaks as a directory does, and checks what is true of every answer."""

    def __init__(self, app, connection, token):
        self.client = app.test_client()
        self.path, self.token = f"/scim/v2/{connection.public_id}", token

    def __call__(self, method, path, body=None, **headers):
        answer = self.client.open(
            self.path + path,
            method=method,
            data=None if body is None else json.dumps(body),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        assert answer.status_code < 500, answer.text
        assert answer.content_type == "application/scim+json"
        if answer.status_code >= 400:
            assert answer.json["status"] == str(answer.status_code)
            assert answer.json["detail"]
        return answer

    def create(self, user_name="nora", email=None, **more):
        """Create a user with an address of corp.test, unless another is given."""
        emails = [{"value": email or f"{user_name}@corp.test", "type": "work", "primary": True}]
        answer = self(
            "POST", "/Users", {"schemas": [USER], "userName": user_name, "emails": emails} | more
        )
        assert answer.status_code == 201, answer.text
        return answer.json

    def patch(self, user, *operations):
        """Change a user."""
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self("PATCH", f"/Users/{user['id']}", body)


@pytest.fixture
def owner(acme):
    """The owner's access to Acme, which has verified corp.test."""
    access = access_to(acme.alice.id, "acme")[1]
    vouch_for_domain(access, "corp.test", START)
    return access


@pytest.fixture
def directory(app, owner):
    """Acme's directory, with a token that the owner made."""
    return Directory(app, *make_scim_token(owner, START))
