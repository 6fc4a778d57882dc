"""DOOR, SCIM: the users of one workspace's directory, as the protocol reads and writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scim2_models import (
    Meta,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.storage import ScimStorage, SearchPage
from typing_extensions import override

from app.services.sso.scim import users
from app.services.sso.scim.users import Described, Stale
from app.web.scim.shapes import MOST_SHOWN, UserShape

if TYPE_CHECKING:
    from app.store.scim import ScimUser

NOT_KEPT = frozenset({"id", "meta", "password", "groups"})


class DirectoryUsers(ScimStorage):
    """What one directory told, at one instant. Refusals pass through to the door."""

    def __init__(self, account_id: int, now: datetime) -> None:
        self._account_id, self._now = account_id, now

    @override
    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Give one user."""
        return _shown(users.find_user(self._account_id, resource_id))

    @override
    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """Give a page of the users that fit. By name or external id they are looked up."""
        sought, first = search_request.filter, search_request.start_index_0 or 0
        count = MOST_SHOWN if search_request.count is None else search_request.count
        if sought is None and not search_request.sort_by:
            total, part = users.page_of_users(self._account_id, first, count)
            return SearchPage(total, [_shown(user) for user in part])
        found = [_shown(user) for user in self._candidates(sought)]
        if sought is not None:
            found = [user for user in found if sought.match(user)]
        found = _sorted(found, search_request)
        return SearchPage(len(found), found[first : first + count])

    @override
    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Keep a new user."""
        described = _described(resource)
        described.document.setdefault("active", True)
        return _shown(users.create_user(self._account_id, described, self._now))

    @override
    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Keep what is said of a user now."""
        version = _number(expected_version)
        try:
            changed = users.change_user(
                self._account_id, str(resource.id), _described(resource), version, self._now
            )
        except Stale as stale:
            raise PreconditionFailedException(detail=stale.detail) from None
        return _shown(changed)

    @override
    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        """Forget a user."""
        try:
            users.delete_user(self._account_id, resource_id, _number(expected_version), self._now)
        except Stale as stale:
            raise PreconditionFailedException(detail=stale.detail) from None

    def _candidates(self, sought: Any) -> Sequence[ScimUser]:  # noqa: ANN401 - a filter
        node = getattr(sought, "ast", None)
        if isinstance(node, Comparison) and node.op == CompareOperator.eq:
            attribute, value = str(node.attr_path).rpartition(":")[2].lower(), node.value
            if attribute == "username" and isinstance(value, str):
                return users.list_users(self._account_id, user_name=value)
            if attribute == "externalid" and isinstance(value, str):
                return users.list_users(self._account_id, external_id=value)
        return users.list_users(self._account_id)


def _shown(user: ScimUser) -> Resource[Any]:
    resource: Resource[Any] = UserShape.model_validate(user.document)
    resource.id = user.id
    resource.meta = Meta(
        resource_type="User",
        created=user.created_at,
        last_modified=user.changed_at,
        version=f'W/"{user.version}"',
    )
    return resource


def _described(resource: Resource[Any]) -> Described:
    document = resource.model_dump(mode="json", exclude_none=True)
    kept = {name: value for name, value in document.items() if name not in NOT_KEPT}
    return Described(
        user_name=str(kept.get("userName") or ""),
        external_id=kept.get("externalId"),
        address=_address(kept),
        is_active=kept.get("active") is not False,
        document=kept,
    )


def _address(document: dict[str, Any]) -> str | None:
    """The address that counts: the primary one, else that of work, the first, or the name."""
    emails = [one for one in document.get("emails") or [] if one.get("value")]
    ranked = sorted(emails, key=lambda one: (not one.get("primary"), one.get("type") != "work"))
    return str(ranked[0]["value"]) if ranked else document.get("userName")


def _sorted(found: list[Resource[Any]], search_request: SearchRequest[Any]) -> list[Resource[Any]]:
    """Sort as asked, what has no value last; else the oldest comes first."""
    if not search_request.sort_by:
        return found
    down = search_request.sort_order == SearchRequest.SortOrder.descending
    values = [(search_request.sort_value(user), user) for user in found]
    having = sorted(
        (pair for pair in values if pair[0] is not None), key=lambda pair: pair[0], reverse=down
    )
    return [user for _, user in having] + [user for value, user in values if value is None]


def _number(version: str | None) -> int | None:
    """The number in a version as we spelled it."""
    return None if version is None else int(version.removeprefix('W/"').removesuffix('"'))
