"""DEMO, a program of Acme's that is told who comes and goes, and when credits run low."""

from __future__ import annotations

from datetime import datetime

from app.domain.role import Access
from app.domain.webhook import Attempt
from app.services.fetch_safely import SafeFetch
from app.services.webhooks.fan_out import fan_out
from app.services.webhooks.log import list_deliveries
from app.services.webhooks.manage import add_webhook
from app.services.webhooks.record import record
from app.services.webhooks.replay import send_test

URL = "https://hooks.acme.example/coffer"
EVENTS = ("credits.low", "credits.exhausted", "cycle.closed", "member.joined", "member.left")
TAKEN = Attempt(204, "", None, 87)


def hook_up(access: Access, now: datetime) -> int:
    """Add the webhook; returns its number."""
    return add_webhook(access, URL, EVENTS, "Tells our channel #credits", now, SafeFetch())[0].id


def take_all(access: Access, hook: int, now: datetime) -> None:
    """Let a test and all that happened arrive, but for the latest: the program was down then."""
    test = send_test(access, hook, now)
    record(hook, test.id, TAKEN, now, 0, now)
    fan_out(lambda: now)
    waiting = [one for one in list_deliveries(access, hook, limit=200) if one.due_at is not None]
    down = Attempt(503, "Service Unavailable", None, 112)
    for number, each in reversed(list(enumerate(waiting))):
        record(hook, each.id, TAKEN if number else down, now, 0, now)
