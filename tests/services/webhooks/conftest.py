"""What the tests of webhooks share: a receiver, and Acme's endpoint that leads there."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.happening import MemberWent
from app.services.fetch_safely import SafeFetch
from app.services.outbox.write import tell
from app.services.webhooks.deliver import deliver_webhooks
from app.services.webhooks.fan_out import fan_out
from app.services.webhooks.manage import add_webhook
from app.store.database import transaction
from tests.services.webhooks.receiver import receiving

PRIVATE = SafeFetch(private=True)


@pytest.fixture
def receiver():
    """A program on this machine."""
    with receiving() as running:
        yield running


@pytest.fixture
def now(clock):
    """The real time, which signatures are compared with."""
    clock.set(datetime.now(UTC))
    return clock.now()


class Story:
    """Acme's webhooks, and time that stands still until it is moved."""

    def __init__(self, cast, clock):
        self.cast, self.clock = cast, clock

    @property
    def now(self):
        return self.clock.now()

    @property
    def owner(self):
        return self.cast.access("alice")

    def later(self, **span):
        self.clock.set(self.now + timedelta(**span))
        return self.now

    def add(self, url, *events):
        """Add an endpoint; returns it and its secret."""
        events = events or ("member.left",)
        return add_webhook(self.owner, url, events, "", self.now, PRIVATE)

    def happen(self, count=1, account=None):
        """Let somebody leave so often, as far as anybody is told."""
        for _ in range(count):
            with transaction():
                gone = MemberWent(self.now, self.cast.ids["bob"], None)
                tell(account or self.cast.acme.id, gone, self.now)
        fan_out(self.clock.now)

    def deliver(self, fetch=PRIVATE):
        """Lay down and send what is due; returns how many arrived."""
        fan_out(self.clock.now)
        return deliver_webhooks(fetch, self.clock.now)


@pytest.fixture
def story(cast, clock, now):
    """Acme, whose owner likes to be told."""
    return Story(cast, clock)
