"""VERB: show a workspace's directory to who may change it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.domain_name import domain_of
from app.domain.role import Access
from app.services.sso.scim.connect import connection_in, is_good
from app.store.domains import verified_domains_of
from app.store.scim import ScimConnection, ScimUser, scim_users

SHOWN = 20


@dataclass(frozen=True, slots=True)
class DirectoryView:
    """The connection, how many users it told of, and some who are not let in for their address."""

    connection: ScimConnection | None
    users: int
    active: int
    strangers: list[ScimUser]
    more: int

    @property
    def is_on(self) -> bool:
        """Tell whether a token is good."""
        return self.connection is not None and is_good(self.connection)


def show_directory(access: Access) -> DirectoryView:
    """Gather what the page of the directory shows."""
    connection = connection_in(access)
    users = scim_users(access.account_id)
    active = [user for user in users if user.is_active]
    ours = verified_domains_of(access.account_id)
    strangers = [user for user in active if domain_of(user.email or "") not in ours]
    more = max(0, len(strangers) - SHOWN)
    return DirectoryView(connection, len(users), len(active), strangers[:SHOWN], more)
