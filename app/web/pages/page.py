"""What all pages share: the blueprint, the door into an account, and the ways to answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from app.domain.refusals import NotFound
from app.domain.role import Access, Right
from app.services.workspaces.access import access_to
from app.web.login import current_person
from app.web.pages.form import Form
from app.web.seeing import note_seen

if TYPE_CHECKING:
    from app.store.accounts import Account

P = ParamSpec("P")
View = Callable[..., ResponseReturnValue]

pages = Blueprint("pages", __name__)

# The largest ids that the database keeps, in a column of each size.
BIG_ID, SMALL_ID = 2**63 - 1, 2**31 - 1


class Here(NamedTuple):
    """The account in a page's address, and what the person of this page may do there."""

    account: Account
    access: Access


def in_account(
    right: Right = Right.SEE_ACCOUNT, *, workspace: bool = False
) -> Callable[[Callable[Concatenate[Here, P], ResponseReturnValue]], View]:
    """Open a page only to members of the account in its address who have the right.

    Nobody is asked to sign in; an outsider sees what is shown where there is nothing.
    """

    def wrap(view: Callable[Concatenate[Here, P], ResponseReturnValue]) -> View:
        @login_required  # type: ignore[untyped-decorator]
        @wraps(view)
        def door(slug: str, *args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            here = Here(*access_to(current_person().id, slug))
            if workspace and here.account.kind != "workspace":
                raise NotFound
            g.account, g.access = here
            note_seen(here.account.id)
            here.access.require(right)
            return view(here, *args, **kwargs)

        return door  # type: ignore[no-any-return]

    return wrap


def page(template: str, form: Form | None = None, **context: object) -> ResponseReturnValue:
    """Show a page; 422 when its form came back with something to mend."""
    status = 422 if form is not None and form.errors else 200
    return render_template(template, form=form, **context), status


def done(message: str, endpoint: str, **values: object) -> ResponseReturnValue:
    """Say that it is done, and go on to a page that can be loaded again without doing it twice."""
    flash(message, "success")
    return redirect(url_for(f"pages.{endpoint}", **values))  # type: ignore[arg-type]


def begins_at(name: str = "before", *, largest: int = BIG_ID) -> int | None:
    """The id in the address that a part of a list begins at; None for the first part."""
    number = request.args.get(name, type=int)
    return min(number, largest) if number and number > 0 else None
