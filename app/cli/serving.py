"""Commands that run Coffer: the server, the scheduler, the demonstration."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from app.cli.terms import installation

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask


@click.command()
@click.option("--host", help="Address to listen on; default is COFFER_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default is COFFER_PORT.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Server processes; default is two with PostgreSQL and one with SQLite.",
)
@click.option("--no-scheduler", is_flag=True, help="Leave the jobs to `coffer scheduler`.")
def serve(host: str | None, port: int | None, workers: int | None, no_scheduler: bool) -> None:
    """Serve the portal, with the scheduler beside it, until SIGTERM or Ctrl-C."""
    import os

    from app.cli import server
    from app.cli.beside import scheduler_beside
    from app.sources import variable

    # What is said here comes before what the environment says, in all processes.
    for name, value in (("host", host), ("port", port), ("workers", workers)):
        if value is not None:
            os.environ[variable(name)] = str(value)

    with ExitStack() as stack:
        stack.enter_context(server.shared_metrics())
        with installation() as portal:
            settings = portal.settings
            _tell_what_fails(portal.clock.now())
        _require_free(settings.host, settings.port)
        if not no_scheduler:
            stack.enter_context(scheduler_beside())
        click.echo(f"Coffer listens on {settings.host}:{settings.port}. Ctrl-C stops it.")
        server.serve(
            served,
            settings.host,
            settings.port,
            workers=settings.workers or server.usual_workers(settings),
            threads=settings.threads + settings.ai_calls,
        )


def served() -> Flask:
    """Build what one process of the server serves, and begin what it does beside."""
    from app import create_app
    from app.jobs.pulse import begin_pulse
    from app.jobs.timetable import each_process

    app = create_app()
    begin_pulse(app, each_process(app.extensions["coffer"]))
    return app


@click.command()
def scheduler() -> None:
    """Run the scheduler alone, until SIGTERM or Ctrl-C. Several may run at once."""
    import signal

    from app.cli.beside import schedule_until

    with installation():
        pass
    click.echo("The scheduler runs.")
    schedule_until(signal.SIGTERM, signal.SIGINT)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default is 8000, or the next free.")
def demo(port: int | None) -> None:
    """Serve a throw-away installation with people, workspaces, apps and a history."""
    from app.demo.show import run

    if port is not None:
        _require_free("127.0.0.1", port)
    run(port)


def _tell_what_fails(now: datetime) -> None:
    """Say at once what people would only meet when they sign in."""
    from app.services.sso.start_up import what_fails

    for words in what_fails(now):
        click.echo(words, err=True)


def _require_free(host: str, port: int) -> None:
    from app.cli.server import require_free

    try:
        require_free(host, port)
    except OSError as error:
        raise click.ClickException(f"Can't listen on {host}:{port}: {error.strerror}.") from error


COMMANDS = (demo, serve, scheduler)
