"""Webhooks when the server that sends them is killed, and when several send at once."""

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import create_app
from app.domain.webhook import DeliveryState
from app.services.fetch_safely import SafeFetch
from app.services.webhooks.find import counts
from app.services.webhooks.log import list_deliveries
from app.services.webhooks.manage import add_webhook
from app.services.workspaces.access import access_to
from app.store.database import db
from app.store.people import person_by_email
from tests.cli.running import eventually
from tests.crash.site import ALICE, CREATED, PATIENCE, kill
from tests.services.webhooks.receiver import receiving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
LEASE_SECONDS = 60
EVENTS = 20


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


@pytest.fixture
def hook(site, receiver):
    """Acme's webhook that is told of every deduction, sealed under the server's own secret."""
    site.environment["COFFER_WEBHOOKS_TO_PRIVATE_NETWORKS"] = "true"
    app, fetch = (
        create_app(database_url=site.url, instance=served_from(site)),
        SafeFetch(private=True),
    )
    with app.app_context():
        now = datetime.now(UTC)
        made, _ = add_webhook(access(), receiver.url, ["deduction.created"], "", now, fetch)
        db.session.remove()
        db.engine.dispose()
        return made.id


def served_from(site):
    """The folder of the installation that is served."""
    return Path(site.environment["COFFER_INSTANCE"])


def access():
    return access_to(person_by_email(ALICE).id, "acme")[1]


def laid_down(site, hook):
    """The ids of the events of the log, in order, and how many of each state there are."""
    with site.inside():
        found = list_deliveries(access(), hook, limit=200)
        return [each.event for each in reversed(found)], counts(access(), hook)


def test_a_server_killed_while_it_waits_for_an_answer_sends_again(site, receiver, hook):
    """It was sent and not noted: the next one sends it again under its id, and loses none."""
    arrived, killed = threading.Event(), threading.Event()

    def hold(_):
        arrived.set()
        killed.wait(PATIENCE)

    receiver.on_request = hold
    with site.served(scheduler=True) as (process, port):
        for number in range(EVENTS):
            assert site.deduct(port, f"ask {number}").status == CREATED
        assert arrived.wait(PATIENCE)
        kill(process)
        killed.set()
    assert len(receiver.ids) == 1
    receiver.on_request = lambda _: None
    # What a process that was killed had taken is free again when its lease is over.
    site.environment["COFFER_CLOCK_SHIFT_SECONDS"] = str(LEASE_SECONDS)
    with site.served(scheduler=True):
        all_arrived(site, hook)
    events, _ = laid_down(site, hook)
    assert receiver.ids == [events[0], *events]


def all_arrived(site, hook):
    delivered = {DeliveryState.DELIVERED.value: EVENTS}
    eventually(lambda: laid_down(site, hook)[1] == delivered, "all arrived", PATIENCE)


def test_several_schedulers_send_each_event_once_and_in_order(site, receiver, hook):
    with site.served() as (_, port):
        for number in range(EVENTS):
            assert site.deduct(port, f"ask {number}").status == CREATED
    with ExitStack() as several:
        for _ in range(2):
            several.enter_context(site.served(scheduler=True))
        all_arrived(site, hook)
    assert receiver.ids == laid_down(site, hook)[0]
