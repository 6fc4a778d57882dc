"""A range of days, as history and usage ask for it in their addresses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from wtforms import DateField
from wtforms.validators import Optional, ValidationError

from app.domain.refusals import InvalidRequest
from app.web.pages.form import Form

USUAL = timedelta(days=29)
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


def in_our_time(_form: Form, field: DateField) -> None:
    """Refuse days on which nothing can have happened."""
    if field.data and not EARLIEST <= field.data <= LATEST:
        raise ValidationError("Choose a day of this millennium.")


class RangeForm(Form):
    """From one day through another. It changes nothing, so it needs no CSRF token."""

    class Meta:
        """Settings of WTForms."""

        csrf = False

    since = DateField("From", [Optional(), in_our_time])
    until = DateField("To", [Optional(), in_our_time])

    def validate_until(self, field: DateField) -> None:
        """Refuse a range that ends before it begins."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("This is before the first day.")

    def chosen(self) -> dict[str, str]:
        """The days that were chosen, as addresses spell them."""
        days = {} if self.errors else {"since": self.since.data, "until": self.until.data}
        return {name: day.isoformat() for name, day in days.items() if day}

    def show(self, since: date, until: date) -> None:
        """Fill in the days that are shown, unless there is something to mend."""
        if not self.errors:
            self.since.data, self.until.data = since, until

    def require_valid(self) -> None:
        """Raise `InvalidRequest` for what can't be shown beside the fields."""
        if not self.validate():
            raise InvalidRequest(" ".join(map(str, chain.from_iterable(self.errors.values()))))

    def instants(self) -> tuple[datetime | None, datetime | None]:
        """The range as instants: from the first midnight to the one after the last day."""
        since, until = self.since.data, self.until.data
        return _midnight(since), _midnight(until + timedelta(days=1) if until else None)


def usual_range(form: RangeForm, today: date) -> tuple[date, date]:
    """The days that were asked for; without them the thirty that end today."""
    if not form.validate():
        return today - USUAL, today
    until = form.until.data or today
    return form.since.data or min(until, today) - USUAL, until


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
