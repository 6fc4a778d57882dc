"""The demonstration: its story holds together, and the show starts, works and leaves nothing."""

import re
import signal
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.clock import Clock
from app.demo.people import BOB, CHARLIE, NAMES, TEAMS
from app.demo.show import tell
from app.services.credits.answers import PoolView
from app.services.credits.caller import caller_of
from app.services.credits.read import pool, pools_of, usage
from app.services.credits.spend import Spending, deduct
from app.services.credits.verify import verify_ledger
from app.store.accounts import Account, account_by_slug
from app.store.history import UsageBy
from app.store.mails import waiting_mails
from app.store.people import person_by_email
from app.store.subscriptions import free_business_subscription
from tests.cli.running import all_gone, eventually, family_of, free_port, started, status_of


def account(slug: str) -> Account:
    found = account_by_slug(slug)
    assert found is not None
    return found


def test_the_story_holds_together(app: Flask, clock: Clock):
    token, now = tell(clock.now()), clock.now()
    proofs = list(verify_ledger())
    assert [proof.difference for proof in proofs] == [None] * (len(NAMES) + len(TEAMS))
    assert sum(proof.lines for proof in proofs) > 3_000
    views: dict[str, PoolView] = {team.slug: pool(account(team.slug), now) for team in TEAMS}
    assert [slug for slug, view in views.items() if view.low] == ["night-shift"]
    assert views["acme"].held > 0
    assert {grant.source for grant in views["acme"].grants} == {"allocation", "top_up"}
    by_member = usage(account("acme"), UsageBy.MEMBER, None, None).items
    assert (by_member[0].key, by_member[0].share > 0.4) == (BOB, True)
    assert len(usage(account("acme"), UsageBy.DAY, None, None).items) > 90
    _finds_something_to_do(CHARLIE, token, now)


def _finds_something_to_do(email: str, token: str, now: datetime) -> None:
    newcomer = person_by_email(email)
    assert newcomer is not None
    assert [context.kind for context in pools_of(newcomer.id, now)] == ["personal"]
    assert free_business_subscription(newcomer.id) is not None
    assert email in {mail.recipient for mail in waiting_mails(now, 100)}
    task = Spending("acme", BOB, None, "deploy")
    assert deduct(caller_of(token, now), task, "try-1", now).value.credits == 1


@pytest.mark.slow
def test_the_show(tmp_path: Path):
    port, log = free_port(), tmp_path / "log"
    environment = {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    address = f"http://127.0.0.1:{port}"
    with started("demo", "--port", str(port), environment=environment, log=log) as process:
        eventually(lambda: status_of(f"{address}/readyz") == 200, "it serves", 60)
        assert "alice@acme.example" in log.read_text()
        eventually(lambda: CHARLIE in _read(f"{address}/demo/mail"), "mail arrives")
        link = re.search(rf'href="({address}/invitations/[^"]+)"', _read(f"{address}/demo/mail"))
        assert link is not None
        assert "Acme" in _read(link[1])
        assert list(tmp_path.glob("coffer-demo-*"))
        family = family_of(process.pid)
        process.send_signal(signal.SIGINT)
        eventually(lambda: all_gone(family), "it ends")
    assert list(tmp_path.glob("coffer-demo-*")) == []
    assert "Traceback" not in log.read_text()


def test_no_other_installation_shows_mail(app: Flask):
    assert app.test_client().get("/demo/mail").status_code == 404


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as response:
        text: str = response.read().decode()
        return text
