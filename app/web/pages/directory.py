"""The directory of a workspace's company: how it reaches Coffer, and what it told."""

from __future__ import annotations

from flask import session
from flask.typing import ResponseReturnValue

from app.domain.role import Right
from app.services.sso.scim.connect import make_scim_token, revoke_scim_token
from app.services.sso.scim.show import show_directory
from app.web.pages.page import Here, done, in_account, page, pages
from app.web.portal import portal
from app.web.scim.door import PREFIX


@pages.get("/accounts/<slug>/directory")
@in_account(Right.MANAGE_SSO, workspace=True)
def directory(here: Here) -> ResponseReturnValue:
    """Show the address, the token's traces, and who is left out."""
    found = show_directory(here.access)
    address = None
    if found.connection is not None:
        address = f"{portal().settings.public_url}{PREFIX}/{found.connection.public_id}"
    return page(
        "directory/directory.html",
        found=found,
        address=address,
        secret_text=session.pop("secret", None),
    )


@pages.post("/accounts/<slug>/directory/token")
@in_account(Right.MANAGE_SSO, workspace=True)
def new_directory_token(here: Here) -> ResponseReturnValue:
    """Make a token, whose text the next page shows once."""
    _, session["secret"] = make_scim_token(here.access, portal().clock.now())
    return done("The token is made.", "directory", slug=here.account.slug)


@pages.post("/accounts/<slug>/directory/token/revoke")
@in_account(Right.MANAGE_SSO, workspace=True)
def revoke_directory_token(here: Here) -> ResponseReturnValue:
    """Let the directory in no more."""
    revoke_scim_token(here.access)
    return done("The directory can't call any more.", "directory", slug=here.account.slug)
