"""Fixtures of money: the bank for tests as a plugin that is switched on, and who pays there."""

import pytest

from app.domain.payment import AttemptState
from app.services.billing.purchase import buy_pack, buy_plan
from app.services.credits.verify import verify_ledger
from app.services.plugins.configure import set_setting, switch
from app.services.plugins.installed import installed
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from app.store.database import db
from app.store.money_events import PaymentEvent
from app.store.payments import PaymentAttempt
from app.store.subscriptions import Subscription
from tests.conformance import bank_plugin
from tests.conformance.bank import Bank

BACK = "https://coffer.test/accounts/acme/payments/{key}"


class Till:
    """What tests of money do and look at."""

    def __init__(self, bank, clock):
        self.bank, self.clock = bank, clock

    def fate(self, fate, *, always=False):
        self.bank.say("every fate" if always else "fate", fate)

    def away(self, away=True):
        self.bank.say("away", "yes" if away else "no")

    def pack(self, access, pack="pack-500"):
        return buy_pack(access, pack, "bank", BACK, self.clock.now())

    def plan(self, access, plan):
        return buy_plan(access, plan, "bank", BACK, self.clock.now())

    def attempts(self, **fields):
        db.session.rollback()
        found = db.select(PaymentAttempt).filter_by(**fields).order_by(PaymentAttempt.id)
        return list(db.session.scalars(found))

    def attempt(self, key):
        (found,) = self.attempts(key=key)
        return found

    def states(self):
        return [row.state for row in self.attempts()]

    def charges(self):
        """What the bank has: key by key, how much really moved."""
        rows = self.bank.rows("SELECT key FROM charges ORDER BY number")
        return {row["key"]: self.bank.taken(row["key"]) for row in rows}

    def history(self, account):
        db.session.rollback()
        found = db.select(PaymentEvent).filter_by(account_id=account.id).order_by(PaymentEvent.id)
        return [row.kind for row in db.session.scalars(found)]

    def subscription(self, account):
        db.session.rollback()
        found = db.select(Subscription).filter_by(account_id=account.id)
        return db.session.scalars(found).one()

    def require_sound(self):
        """The ledger adds up, and whatever the bank took is known here, once."""
        assert [found.difference for found in verify_ledger() if found.difference] == []
        for row in self.attempts(state=AttemptState.PROCESSED):
            assert self.bank.taken(row.key) == row.amount


@pytest.fixture
def bank(app, clock, tmp_path):
    """The bank's plugin, loaded and switched on."""
    path = tmp_path / "bank.db"
    installed().load("bank", "the tests", lambda: bank_plugin)
    set_setting("bank", "path", str(path))
    switch("bank", on=True)
    return Bank(path, clock.now)


@pytest.fixture
def till(bank, clock):
    return Till(bank, clock)


@pytest.fixture
def alice(cast):
    """What Alice may in Acme, which she owns."""
    return cast.access("alice")


@pytest.fixture
def own(cast):
    """Bob's own account."""
    return personal_account(cast.ids["bob"])


@pytest.fixture
def bob(cast, own):
    """What Bob may in his own account."""
    return access_to(cast.ids["bob"], own.slug)[1]
