"""A range of days, as history and usage ask for it in their addresses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from wtforms import DateField
from wtforms.validators import Optional, ValidationError

from app.domain.refusals import InvalidRequest
from app.web.pages.form import Form

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

    def require_valid(self) -> None:
        """Raise `InvalidRequest` for what can't be shown beside the fields."""
        if not self.validate():
            raise InvalidRequest(" ".join(map(str, chain.from_iterable(self.errors.values()))))

    def instants(self) -> tuple[datetime | None, datetime | None]:
        """The range as instants: from the first midnight to the one after the last day."""
        since, until = self.since.data, self.until.data
        return _midnight(since), _midnight(until + timedelta(days=1) if until else None)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
