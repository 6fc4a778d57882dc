"""A pack bought by invoice, from the first click to the refund, with the real engine and books."""

import io

import pytest
from pypdf import PdfReader

from app.domain.payment import AttemptState
from app.domain.role import Access, Role
from app.hookspecs import Money, PageRequest
from app.services.billing.charge_due import charge_due_periods
from app.services.billing.events import take_events
from app.services.billing.invoices.read import list_invoices, read_invoice
from app.services.billing.invoices.render import print_invoice, print_receipt
from app.services.billing.look_after import give_up, let_fall_overdue, payment, payments_of
from app.services.billing.purchase import buy_pack, buy_plan
from app.services.billing.read import plan_of
from app.services.billing.reconcile import reconcile
from app.services.billing.refund import refund_pack
from app.services.credits.read import pool
from app.services.credits.settle import close_due_periods
from app.services.plugins.configure import set_setting, switch
from app.services.plugins.installed import installed
from app.services.workspaces.access import access_to
from app.store.accounts import personal_account
from app.store.database import db
from app.store.mails import Mail
from plugins.billing_invoice.reference import spaced
from tests.conftest import START
from tests.plugins.invoice_world import World

BACK = "https://coffer.test/accounts/acme/billing"


@pytest.fixture
def world(app, clock):
    for setting, value in (
        ("account_holder", "Example GmbH"),
        ("iban", "DE89370400440532013000"),
        ("tax_percent", "19"),
    ):
        set_setting("billing_invoice", setting, value)
    switch("billing_invoice", on=True)
    manager = installed()
    tables = manager.lend(manager.plugins["billing_invoice"]).tables
    return World(tables, now=clock.now())


@pytest.fixture
def owner(acme):
    return Access(acme.account.id, acme.alice.id, Role.OWNER)


def press(answer, now=START, **form):
    query = {"reference": form.pop("reference", "")}
    request = PageRequest("POST", "", query, form, {}, "op@coffer.test", None, None)
    went = answer(request)
    take_events("billing_invoice", went.events, now)
    return went


def note(world, owed, amount):
    day, receipt = START.date().isoformat(), f"{owed.reference}-{amount}"
    fields = {"deed": "money", "amount": amount, "day": day, "receipt": receipt}
    return press(world.desk.receivable, world.now, reference=owed.reference, **fields)


def text_of(pdf):
    return PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_bought_paid_in_parts_and_given_back(world, owner, acme):
    before = pool(acme.account, START).available
    view = buy_pack(owner, "pack-500", "invoice", BACK, START)
    owed = world.books.by_key(view.key)
    assert view.state is AttemptState.PENDING
    assert spaced(owed.reference) in view.instructions

    (shown,) = list_invoices(owner)
    text = text_of(print_invoice(shown))
    assert shown.state == "open"
    for words in (
        "INV-2026-00001",
        "Acme",
        spaced(owed.reference),
        "DE89 3704 0044 0532 0130 00",
        "VAT 19 % 3.99 EUR",
        "Total 25.00 EUR",
    ):
        assert words in text

    assert note(world, owed, "10.00").events == ()
    assert pool(acme.account, START).available == before
    note(world, owed, "15.00")
    assert pool(acme.account, START).available == before + 500
    paid = read_invoice(owner, "INV-2026-00001")
    assert (paid.state, paid.provider) == ("paid", "Invoice and bank transfer")
    assert "25.00 EUR was paid on 15 January 2026" in text_of(print_receipt(paid))
    assert text_of(print_invoice(paid)) == text

    assert refund_pack(owner, view.key, START) is AttemptState.PENDING
    (refund,) = world.books.to_send(10)
    assert refund.money == Money(2500, "EUR")
    press(world.back_desk.refunds, key=refund.key, day=START.date().isoformat())
    assert pool(acme.account, START).available == before
    note_ = read_invoice(owner, "CN-2026-00001")
    assert (note_.said.credits, note_.total) == ("INV-2026-00001", Money(2500, "EUR"))
    assert "Credits invoice INV-2026-00001" in text_of(print_invoice(note_))


def test_an_event_that_was_lost_is_found_by_asking(world, owner, acme, later):
    view = buy_pack(owner, "pack-500", "invoice", BACK, START)
    owed = world.books.by_key(view.key)
    world.come(owed, owed.money)
    assert payment(owner, view.key, later(hours=1)).state is AttemptState.PROCESSED
    assert list_invoices(owner)[0].state == "paid"


def test_given_up_by_the_payer_its_invoice_is_taken_back(world, owner):
    view = buy_pack(owner, "pack-500", "invoice", BACK, START)
    assert give_up(owner, view.key, START).state is AttemptState.CANCELLED
    assert world.books.by_key(view.key).state == "cancelled"
    assert [each.state for each in list_invoices(owner)] == ["credit_note", "credited"]


def test_given_up_by_the_operator_the_payer_sees_it(world, owner):
    view = buy_pack(owner, "pack-500", "invoice", BACK, START)
    owed = world.books.by_key(view.key)
    press(world.desk.receivable, reference=owed.reference, deed="give_up")
    assert payment(owner, view.key, START).state is AttemptState.CANCELLED
    assert [each.state for each in list_invoices(owner)] == ["credit_note", "credited"]


def test_a_renewal_is_billed_and_restored_by_a_late_payment(world, alice, later):
    own = access_to(alice.id, personal_account(alice.id).slug)[1]
    first = buy_plan(own, "pro", "invoice", BACK, START)
    note(world, world.books.by_key(first.key), "20.00")
    assert [each.state for each in list_invoices(own)] == ["paid"]
    world.now = later(days=32)
    close_due_periods(world.now)
    assert charge_due_periods(world.now) == 1
    (renewal,) = [each for each in payments_of(own) if each.state == "pending"]
    owed = world.books.by_key(renewal.key)
    mail = db.session.scalars(db.select(Mail).where(Mail.template == "payment_wanted")).one()
    assert spaced(owed.reference) in str(mail.context)
    world.now = later(days=15)
    assert let_fall_overdue(world.now) == 1
    account = personal_account(alice.id)
    assert plan_of(account, world.now).state == "past_due"
    assert world.books.search("overdue", "", world.now.date(), 9) == [owed]
    note(world, owed, "20.00")
    assert plan_of(account, world.now).state == "renews"
    assert {each.state for each in list_invoices(own)} == {"paid"}


def test_the_books_agree(world, owner, later):
    view = buy_pack(owner, "pack-500", "invoice", BACK, START)
    note(world, world.books.by_key(view.key), "25.00")
    now = later(days=1)
    assert reconcile("invoice", START, now, now) == []
