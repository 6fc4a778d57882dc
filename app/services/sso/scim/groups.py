"""VERB: tell a directory who of its users has which role. Roles are changed elsewhere."""

from __future__ import annotations

from app.domain.role import Role
from app.store.accounts import members_of
from app.store.scim import ScimUser, scim_users


def users_by_role(account_id: int) -> dict[Role, list[ScimUser]]:
    """List the directory's users who are in, by their role in the workspace."""
    roles = {place.person_id: place.role for place in members_of(account_id)}
    found: dict[Role, list[ScimUser]] = {role: [] for role in Role}
    for user in scim_users(account_id):
        role = roles.get(user.person_id) if user.person_id is not None else None
        if role is not None:
            found[role].append(user)
    return found
