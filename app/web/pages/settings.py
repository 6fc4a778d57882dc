"""The settings of an account: its name and its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired

from app.domain.role import Right
from app.services.workspaces.rename import rename
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.page import Here, done, in_account, page, pages

if TYPE_CHECKING:
    pass


class SettingsForm(Form):
    """Name and slug."""

    name = StringField("Name", [DataRequired("Give it a name.")], render_kw={"maxlength": 100})
    slug = StringField(
        "Address",
        [DataRequired("It needs an address.")],
        description="Small letters, digits and hyphens. Links to the former address, and programs "
        "that name it, stop working.",
        render_kw={"maxlength": 40, "spellcheck": "false", "autocapitalize": "off"},
    )


@pages.route("/accounts/<slug>/settings", methods=["GET", "POST"])
@in_account(Right.RENAME)
def settings(here: Here) -> ResponseReturnValue:
    """Change an account's name or address."""
    form = SettingsForm(name=here.account.name, slug=here.account.slug)
    if form.validate_on_submit():
        with refusals_beside(form):
            renamed = rename(here.access, text_of(form.name), form.slug.data)
            return done("Saved.", "settings", slug=renamed.slug)
    return page("settings/settings.html", form)
