"""The command's own terms: instants, answers for people or programs, the opened installation."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from app.web.portal import Portal


class Instant(click.ParamType[datetime]):
    """An instant as RFC 3339 spells it, with its zone."""

    name = "instant"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - as click has it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Read an instant."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an instant such as 2026-01-31T00:00:00Z.", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"{value!r} has no zone; write 2026-01-31T00:00:00Z for UTC.", param, ctx)
        return instant.astimezone(UTC)


INSTANT = Instant()
as_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


def answer(value: Any, text: str, *, as_json: bool) -> None:  # noqa: ANN401 - any JSON value
    """Answer with the value as JSON, or with the text that says the same."""
    click.echo(_json(value) if as_json else text)


def spell(instant: datetime | None) -> str:
    """Spell an instant for people; None never comes."""
    return "never" if instant is None else instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def installation(*, ready: bool = True) -> Iterator[Portal]:
    """Open the installation; `ready` asks for a database with every migration."""
    from app.domain.audit_line import Actor, Door
    from app.factory import build_without_doors
    from app.services.audit.door import at_work
    from app.services.readiness import require_ready
    from app.store.database import db

    app = build_without_doors()
    who, where = _operator()
    with app.app_context(), at_work(Door.CLI, Actor.OPERATOR, who, address=where):
        try:
            if ready:
                require_ready()
            yield cast("Portal", app.extensions["coffer"])
        finally:
            db.session.remove()
            db.engine.dispose()


def _operator() -> tuple[str, str]:
    """Who sits at the command line, as the machine knows them, and the machine."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        who = f"user {os.getuid()}"
    return f"operator {who}", socket.gethostname()


def _json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    import orjson

    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2).decode()
