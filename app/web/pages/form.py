"""Forms: the base of all of them, and how a refusal is written beside the field it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from app.domain.refusals import (
    BusinessPlanRequired,
    Conflict,
    InvalidRequest,
    Refusal,
    Unauthenticated,
    WorkspaceSuspended,
)

# In a read-only workspace, too, what was typed stays in the form.
OF_THE_INPUT = (
    InvalidRequest,
    Conflict,
    Unauthenticated,
    BusinessPlanRequired,
    WorkspaceSuspended,
)


class Form(FlaskForm):  # type: ignore[misc]
    """Base of all forms; alone it is a button with a CSRF token."""


def text_of(field: StringField | SelectField) -> str:
    """What was written into a field; nothing is the empty text."""
    return str(field.data or "")


def options(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """The choices of a field: what is sent and what is shown."""
    return [SelectChoice(value, label) for value, label in pairs]


@contextmanager
def refusals_beside(form: Form, *also: type[Refusal]) -> Iterator[None]:
    """Show what is wrong with the input at its field; other refusals become error pages."""
    try:
        yield
    except Refusal as refusal:
        if not isinstance(refusal, (*OF_THE_INPUT, *also)):
            raise
        _place(refusal, form)


def _place(refusal: Refusal, form: Form) -> None:
    named = refusal.errors if isinstance(refusal, InvalidRequest) else []
    for field, message in named:
        if field in form and field != "csrf_token":
            form[field].errors = [*form[field].errors, message]
        else:
            form.form_errors.append(message)
    if not named:
        form.form_errors.append(refusal.detail)
