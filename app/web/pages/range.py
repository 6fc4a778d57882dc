"""A range of days, as history and usage ask for it in their addresses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from wtforms import DateField
from wtforms.validators import Optional, ValidationError

from app.web.pages.form import Form


class RangeForm(Form):
    """From one day through another. It changes nothing, so it needs no CSRF token."""

    class Meta:
        """Settings of WTForms."""

        csrf = False

    since = DateField("From", [Optional()])
    until = DateField("To", [Optional()])

    def validate_until(self, field: DateField) -> None:
        """Refuse a range that ends before it begins."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("This is before the first day.")

    def instants(self) -> tuple[datetime | None, datetime | None]:
        """The range as instants: from the first midnight to the one after the last day."""
        since, until = self.since.data, self.until.data
        return _midnight(since), _midnight(until + timedelta(days=1) if until else None)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
