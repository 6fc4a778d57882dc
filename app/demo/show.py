"""DEMO, the show: makes the installation, prints who can sign in, and serves until Ctrl-C."""

from __future__ import annotations

import socket
import tempfile
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, cast

import click
from flask import Flask

from app import create_app
from app.cli.server import require_free, serve
from app.demo.actions import deploy_once_more
from app.demo.ai import let_apps_call
from app.demo.app_files import write_files
from app.demo.echo import open_echo
from app.demo.history import DAYS, Historian
from app.demo.limits import draw_lines
from app.demo.mailbox import Mailbox
from app.demo.people import ALICE, BOB, CAROL, CHARLIE, OLGA, PASSWORD, gather, leave_open
from app.demo.sites import put_on_the_web
from app.demo.webhook import hook_up, take_all
from app.jobs.scheduler import running
from app.jobs.timetable import timetable
from app.jobs.workbench import working
from app.services.catalogue import ship_catalogue
from app.services.credits.caller import caller_of
from app.services.credits.settle import close_due_periods
from app.services.plugins.installed import installed
from app.services.plugins.migrate import migrate_plugins
from app.services.tokens.make_token import make_service_token
from app.store.database import db
from app.store.revision import run_migrations
from app.web.portal import Portal

HOST = "127.0.0.1"
PORTS = range(8000, 8050)


def run(port: int | None) -> None:
    """Make an installation in a folder that is thrown away, and serve it."""
    port = port or _first_free(PORTS)
    with tempfile.TemporaryDirectory(prefix="coffer-demo-") as folder:
        mail_port, ai_port = _any_free_port(), _any_free_port()
        overrides = {
            "instance": Path(folder),
            "public_url": f"http://{HOST}:{port}",
            "database_url": f"sqlite:///{folder}/coffer.db",
            "mail_url": f"smtp://{HOST}:{mail_port}",
            "ai_url": f"http://{HOST}:{ai_port}/v1",
            "sites_host": f"apps.localhost:{port}",
            "trusted_proxies": 0,
            "log_level": "warning",
        }
        click.echo("Making three months of history …")
        token, key = _make(create_app(**overrides))
        click.echo(_welcome(f"http://{HOST}:{port}", token, key))
        load = partial(_load, overrides, mail_port, ai_port)
        serve(load, HOST, port, workers=1, threads=64)


def tell(now: datetime) -> str:
    """Tell the whole story up to `now`; give a service token of the installation."""
    began = (now - timedelta(days=DAYS)).replace(hour=8, minute=0, second=0, microsecond=0)
    ship_catalogue()
    cast = gather(began)
    _, token = make_service_token("Demonstration", began)
    write_files(cast, began)
    hook = hook_up(cast.accesses["acme"], began)
    Historian(caller_of(token, began), cast).tell(began, now)
    leave_open(cast, now)
    put_on_the_web(cast, now)
    deploy_once_more(cast, now)
    draw_lines(cast, caller_of(token, now), now)
    close_due_periods(now)
    take_all(cast.accesses["acme"], hook, now)
    return token


def _make(app: Flask) -> tuple[str, str]:
    with app.app_context():
        run_migrations(app)
        migrate_plugins(installed())
        now = cast(Portal, app.extensions["coffer"]).clock.now()
        token, key = tell(now), let_apps_call(now)
        db.engine.dispose()
    return token, key


def _load(overrides: dict[str, Any], mail_port: int, ai_port: int) -> Flask:
    """Build what is served: the portal, its mail server and its jobs, all in one process."""
    app = create_app(**overrides)
    mailbox = Mailbox()
    mailbox.open(mail_port)
    mailbox.show_in(app)
    open_echo(ai_port)
    with ExitStack() as stack:
        with app.app_context():
            jobs = timetable(app.extensions["coffer"])
        stack.enter_context(running(app, jobs))
        stack.enter_context(working(app, app.extensions["coffer"]))
        # The server calls nobody when this process ends, and jobs must end before threads do.
        Finalize(app, stack.pop_all().close, exitpriority=1)
    return app


def _welcome(address: str, token: str, key: str) -> str:
    return f"""
Coffer is at {address}  (this machine only; Ctrl-C stops it and throws it away)

  sign in as          who is                                        password for all
  {ALICE:<19} owner of Acme, member of Acme Research        {PASSWORD}
  {CAROL:<19} admin of Acme, owner of Acme Research
  {BOB:<19} member of Acme, owner of Night Shift (nearly empty)
  {CHARLIE:<19}
                      outside; invited to Acme; may open a workspace
  {OLGA:<19} operator: /admin has plugins, cycles and invoices to mark paid

  mails arrive at     {address}/demo/mail
  the API is at       {address}/api/docs

  curl {address}/api/v1/deductions -H 'Authorization: Bearer {token}' \\
       -H 'Content-Type: application/json' -H 'Idempotency-Key: try-1' \\
       -d '{{"account": "acme", "member": "{BOB}", "action": "deploy"}}'

  AI models, here an echo that asks nothing outside; Acme pays:

  curl -N {address}/ai/v1/chat/completions -H 'Authorization: Bearer {key}' \\
       -H 'Content-Type: application/json' \\
       -d '{{"model": "echo", "stream": true, "messages": [{{"role": "user", "content": "Hi"}}]}}'
"""


def _first_free(ports: range) -> int:
    for port in ports:
        try:
            require_free(HOST, port)
        except OSError:
            continue
        return port
    raise click.ClickException(f"No port from {ports[0]} to {ports[-1]} is free; name one: --port")


def _any_free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
