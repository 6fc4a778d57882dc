"""VERB: give an account another name or another slug."""

from __future__ import annotations

from app.domain.name import name_from
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Access, Right
from app.domain.slug import slug_from
from app.services.audit.note import note
from app.services.workspaces.access import present_access
from app.store.accounts import Account
from app.store.database import UniqueTaken, flush, transaction


def rename(access: Access, name: str | None = None, slug: str | None = None) -> Account:
    """Change the name, the slug, or both; links with the former slug stop working."""
    if name is None and slug is None:
        raise InvalidRequest.of("name", "Give a new name or a new slug.")
    tidy_name = None if name is None else name_from(name)
    new_slug = None if slug is None else slug_from(slug)
    with transaction():
        account, present = present_access(access, Right.RENAME)
        before = {"name": account.name, "slug": account.slug}
        account.name = tidy_name or account.name
        account.slug = new_slug or account.slug
        try:
            flush()
        except UniqueTaken:
            raise Conflict(f"The address “{new_slug}” is taken. Choose another.") from None
        after = {"name": account.name, "slug": account.slug}
        note("account.renamed", present, about=account.name, before=before, after=after)
    return account
