"""DOOR, SCIM: roles as groups, to read. They are not announced, since nothing can be changed."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from scim2_models import (
    ForbiddenException,
    Group,
    GroupMember,
    Meta,
    NotFoundException,
    Reference,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_server.storage import ScimStorage, SearchPage
from typing_extensions import override

from app.services.sso.scim.groups import users_by_role

if TYPE_CHECKING:
    from app.domain.role import Role
    from app.store.scim import ScimUser

READ_ONLY = "Groups show the roles of a workspace, which are changed in Coffer."


class RoleGroups(ScimStorage):
    """One group for each role; its id is the role's name."""

    def __init__(self, account_id: int, since: datetime) -> None:
        self._account_id, self._since = account_id, since

    @override
    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Give one group."""
        for group in self._all():
            if group.id == resource_id:
                return group
        raise NotFoundException(detail="There is no such group.")

    @override
    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """Give the groups that fit; there are three."""
        sought = search_request.filter
        found = [group for group in self._all() if sought is None or sought.match(group)]
        start, count = search_request.start_index_0 or 0, search_request.count
        return SearchPage(len(found), found[start : None if count is None else start + count])

    @override
    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> NoReturn:
        """Refuse."""
        raise ForbiddenException(detail=READ_ONLY)

    @override
    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> NoReturn:
        """Refuse."""
        raise ForbiddenException(detail=READ_ONLY)

    @override
    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> NoReturn:
        """Refuse."""
        raise ForbiddenException(detail=READ_ONLY)

    def _all(self) -> list[Resource[Any]]:
        return [self._group(role, users) for role, users in users_by_role(self._account_id).items()]

    def _group(self, role: Role, users: list[ScimUser]) -> Resource[Any]:
        mark = hashlib.sha256(" ".join(user.id for user in users).encode()).hexdigest()[:16]
        return Group(
            id=role.value,
            display_name=role.value,
            members=[_member(user) for user in users] or None,
            meta=Meta(
                resource_type="Group",
                created=self._since,
                last_modified=self._since,
                version=f'W/"{mark}"',
            ),
        )


def _member(user: ScimUser) -> GroupMember:
    return GroupMember(
        value=user.id,
        ref=Reference(f"Users/{user.id}"),
        display=str(user.document.get("userName")),
        type="User",
    )
