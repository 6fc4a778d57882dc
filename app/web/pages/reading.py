"""How one reads: the time zone and the way to write numbers, chosen on a page of its own."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_login import login_required
from wtforms import SelectField

from app.domain.reading import NumberStyle, Reading, zones
from app.services.people.reading import choose_reading
from app.web.login import current_person
from app.web.pages.form import Form, options, refusals_beside
from app.web.pages.page import done, page, pages
from app.web.pages.wording import reading

SAMPLE = 12_345
WAYS = [
    (
        style.value,
        f"{Reading(numbers=style).number(SAMPLE)} and {Reading(numbers=style).decimal(6.7, 1)}",
    )
    for style in NumberStyle
]


class ReadingForm(Form):
    """A time zone, and a way to write numbers."""

    zone = SelectField("Time zone", choices=options((zone, zone) for zone in zones()))
    numbers = SelectField("Numbers", choices=options(WAYS))


@pages.route("/profile/reading", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
def choose_how_to_read() -> ResponseReturnValue:
    """Choose how one reads instants and numbers."""
    form = ReadingForm(zone=reading().zone, numbers=reading().numbers.value)
    if form.validate_on_submit():
        with refusals_beside(form):
            choose_reading(current_person().id, form.zone.data, form.numbers.data)
            return done("Times and numbers are written so from now on.", "choose_how_to_read")
    return page("profile/reading.html", form)
