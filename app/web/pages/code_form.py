"""Codes of a second factor, as forms ask for them. Codes may be pasted, spaces and all."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.web.pages.form import Form

MISSING = "Write the code."
LONGEST = 60
PLAIN = {"autocapitalize": "none", "spellcheck": "false"}
ONE_TIME = PLAIN | {"autocomplete": "one-time-code"}
EITHER = "The six digits that your device shows now, or one of your recovery codes."


class CodeForm(Form):
    """A code of the device."""

    code = StringField(
        "Code",
        [DataRequired(MISSING), Length(max=LONGEST)],
        description="Six digits. A new code comes every half minute, and each counts once.",
        render_kw=ONE_TIME | {"inputmode": "numeric"},
    )


class RecoveryCodeForm(Form):
    """A recovery code: letters and digits, so that a phone shows all its keys."""

    code = StringField(
        "Recovery code",
        [DataRequired(MISSING), Length(max=LONGEST)],
        description="Such as k7wq-m3xd-9fhz-t2ra. Each works once.",
        render_kw=PLAIN | {"autocomplete": "off"},
    )


def either_code() -> StringField:
    """Make a field for a code of the device or a recovery code."""
    return StringField(
        "Code", [DataRequired(MISSING), Length(max=LONGEST)], description=EITHER, render_kw=ONE_TIME
    )
