"""The verbs of money note what happened with it, through the money history."""

from datetime import timedelta

import pytest

from app.hookspecs import DisputeClosed, DisputeOpened, Money
from app.services.billing.auto_top_up import set_auto_top_up, stop_auto_top_up
from app.services.billing.change_plan import cancel_plan, change_plan, resume_plan
from app.services.billing.charge_due import charge_due_periods
from app.services.billing.events import take_event
from app.services.billing.invoices.details import Details, set_details
from app.services.billing.look_after import ask_about_due, give_up
from app.services.billing.manage import pay_by
from app.services.billing.purchase import buy_business
from app.services.billing.read import plan_of
from app.services.billing.refund import refund_as_operator, refund_pack
from app.services.credits.settle import close_due_periods
from app.services.workspaces.access import access_to
from app.services.workspaces.open import open_workspace
from app.store.database import db
from app.store.people import person_by_email
from tests.conftest import START
from tests.services.audit.log import lines
from tests.services.billing.engine import conftest as engine

bank, till, alice = engine.bank, engine.till, engine.alice
own, bob = engine.own, engine.bob
MONEY = Money(2500, "EUR")
PENDING = "stay pending until the payer pays or gives up"


def told(till, event, **facts):
    """Have the bank tell something."""
    take_event("bank", event(**facts), till.clock.now())


@pytest.fixture
def operator(cast):
    """Ben runs the installation."""
    person_by_email(cast.email("ben")).is_operator = True
    db.session.commit()
    return cast.email("ben")


def test_money(cast, alice, bob, till, operator, later, story):
    with story("money"):
        set_details(alice, Details(name="Acme Ltd", address="1 Road"))
        first, second, third = (till.pack(alice).key for _ in range(3))
        refund_pack(alice, first, START)
        refund_as_operator(second, "by mistake", START)
        paid = till.attempt(third).reference
        told(till, DisputeOpened, id="e1", charge=paid, dispute="d1", money=MONEY, reason="no")
        told(till, DisputeClosed, id="e2", dispute="d1", won=True)
        till.plan(bob, "pro")
        buy_business(cast.ids["charlie"], "business", "bank", engine.BACK, START)
        pay_by(bob, "bank", START)
        set_auto_top_up(alice, 1_000, "pack-500", "bank", 10_000, START)
        stop_auto_top_up(alice, START)
        till.fate(PENDING)
        give_up(alice, till.pack(alice).key, START)
        till.fate(PENDING)
        late = till.pack(alice).key
        till.bank.write(("UPDATE charges SET state = 'processed' WHERE key = ?", late))
        ask_about_due(later(minutes=30))
    found = {line.kind: line for line in lines(cast.acme.id)}
    assert found["billing.processed"].about == "Top-up of 500 credits"
    disputed = found["billing.dispute_opened"]
    assert (disputed.actor, disputed.actor_name) == ("provider", "bank")


def test_plans(cast, bob, till, clock, story):
    charlie = cast.ids["charlie"]
    with story("plans"):
        buy_business(charlie, "business", "bank", engine.BACK, START)
        account = open_workspace(charlie, "Charlie & Co", "charlies", START)
        access = access_to(charlie, "charlies")[1]
        cancel_plan(access, START)
        resume_plan(access, START)
        change_plan(bob, "pro", START)
        for fate, days in (("process", (0,)), ("decline", (0, 1, 3, 5))):
            till.fate(fate, always=True)
            end = plan_of(account, clock.now()).period.end
            for day in days:
                clock.set(end + timedelta(days=day, seconds=20))
                close_due_periods(clock.now())
                charge_due_periods(clock.now())
        till.fate("process", always=True)
        till.plan(access, "business")
    changed = [line for line in lines(account.id) if line.kind == "subscription.changed"]
    assert changed[1].before == '{"plan":"business","provider":"bank","state":"active"}'
    assert changed[1].after == '{"plan":"business","provider":"bank","state":"cancelled"}'
