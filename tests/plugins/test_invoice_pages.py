"""The operator's desk of the invoice provider, through the portal's own pages."""

import io
import re

import pytest

from app.hookspecs import Money
from app.services.people.sign_up import create_person
from app.services.plugins.configure import switch
from app.services.plugins.installed import installed
from plugins.billing_invoice.reference import spaced
from tests.conftest import PASSWORD, START
from tests.plugins.invoice_world import World
from tests.web.pages.browser import Browser

DESK = "/plugins/billing_invoice"


@pytest.fixture
def database_url(sqlite_url):
    """SQLite alone: what the pages read and write is tested on both in test_invoice_books."""
    return sqlite_url


@pytest.fixture
def world(app, clock):
    switch("billing_invoice", on=True)
    manager = installed()
    tables = manager.lend(manager.plugins["billing_invoice"]).tables
    return World(tables, now=clock.now())


@pytest.fixture
def operator(app, world):
    create_person("op@coffer.test", "Olga Operator", PASSWORD, START, verified=True, operator=True)
    return Browser(app).sign_in("op@coffer.test")


def one(owed):
    return f"{DESK}/receivable?reference={owed.reference}"


def fill(browser, path, deed, **fields):
    """Send the form of that deed, as the page has it."""
    page = browser.get(path)
    (form,) = [each for each in page.tree.forms if each.fields.get("deed") == deed]
    values = {name: value or "" for name, value in form.fields.items() if name}
    answer = browser.ask(form.get("action"), "POST", data=values | fields)
    return browser.follow(answer, form.get("action"))


def upload(browser, content, currency="EUR"):
    data = {
        "csrf_token": browser.token(),
        "currency": currency,
        "statement": (io.BytesIO(content), "statement.csv"),
    }
    answer = browser.ask(f"{DESK}/import", "POST", data=data)
    return browser.follow(answer, f"{DESK}/import")


def take_over(browser, preview):
    (form,) = [each for each in preview.tree.forms if "lines" in each.fields]
    return browser.follow(
        browser.ask(form.get("action"), "POST", data=dict(form.fields)), form.get("action")
    )


def statement(*lines):
    return "\n".join(("Buchungstag;Betrag;Währung;Text", *lines)).encode("cp1252")


def test_it_is_the_operators_alone(app, world, acme):
    for path in ("receivables", "receivable", "import", "refunds"):
        assert Browser(app).sign_in(acme.alice.email).get(f"{DESK}/{path}").status == 404
        assert Browser(app).get(f"{DESK}/{path}").path.startswith("/sign-in")


def test_empty_desks_say_what_comes_next(operator):
    assert "Nothing is owed" in operator.get(f"{DESK}/receivables").main
    assert "No refund waits" in operator.get(f"{DESK}/refunds").main
    assert "Nothing fits" in operator.get(f"{DESK}/receivables?shown=paid&sought=x").main
    assert operator.get(f"{DESK}/receivable?reference=RF00").status == 404
    assert "Nothing fits" not in operator.get(f"{DESK}/receivables?shown=%27%3B").main


def test_open_invoices_with_totals_and_search(operator, world):
    owed = world.charge(name="Zeta <b>Ltd</b>", account="zeta")
    world.charge(amount=900, currency="JPY")
    page = operator.get(f"{DESK}/receivables")
    assert {row[0] for row in page.rows("rows")} >= {spaced(owed.reference)}
    assert "Zeta <b>Ltd</b>" in page.main
    assert "Still to come 1 open invoice25.00 EUR1 open invoice900 JPY" in page.main
    typed = spaced(owed.reference).lower().replace(" ", "+")
    (row,) = operator.get(f"{DESK}/receivables?sought={typed}").rows("rows")
    assert row[4] == "25.00 EUR"


def test_money_is_noted_in_parts_and_once(operator, world):
    owed = world.charge()
    page = fill(operator, one(owed), "money", amount="10,00", day="2026-01-14")
    assert "10.00 EUR noted." in page.source
    (receipt,) = page.rows("receipts")
    assert receipt[1:] == ["noted by hand", "op@coffer.test", "10.00 EUR"]
    form = next(each for each in page.tree.forms if each.fields.get("deed") == "money")
    assert form.fields["amount"] == "15.00"
    for words in ("15.00 EUR noted.", "That was noted before."):
        answer = operator.ask(form.get("action"), "POST", data=dict(form.fields))
        assert words in operator.follow(answer, DESK).source
    after = world.books.by_key(owed.key)
    assert (after.state, after.received) == ("paid", Money(2500, "EUR"))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"amount": "0"}, "above zero"),
        ({"amount": "-5"}, "above zero"),
        ({"amount": "much"}, "no amount"),
        ({"amount": "5 USD"}, "not USD"),
        ({"amount": "1.234"}, "two ways"),
        ({"day": "soon"}, "Write a day"),
        ({"day": "2026-01-16"}, "still to come"),
    ],
)
def test_what_can_not_be_noted(operator, world, fields, problem):
    owed = world.charge()
    page = fill(operator, one(owed), "money", **fields)
    assert page.status == 422
    assert any(problem in error for error in page.errors())
    assert world.books.receipts(owed.reference) == []


def test_a_surplus_is_sent_back(operator, world):
    owed = world.charge()
    page = fill(operator, one(owed), "money", amount="30.00")
    assert "Too much, to be sent back5.00 EUR" in page.main
    assert len(operator.get(f"{DESK}/receivables?shown=surplus").rows("rows")) == 1
    page = fill(operator, one(owed), "return", amount="6.00")
    assert "At most 5.00 EUR" in page.errors()[0]
    page = fill(operator, one(owed), "return", amount="5.00")
    assert "Too much" not in page.main
    assert world.books.by_key(owed.key).surplus.amount == 0


def test_giving_up_says_what_it_destroys(operator, world):
    owed = world.charge()
    assert "can't be undone" in operator.get(one(owed)).main
    page = fill(operator, one(owed), "give_up")
    assert "Cancelled" in page.main
    assert world.books.by_key(owed.key).state == "cancelled"
    page = fill(operator, one(owed), "money", amount="25.00")
    assert "Too much, to be sent back25.00 EUR" in page.main


def test_a_statement_is_looked_at_and_taken_over_once(operator, world):
    exact, less = world.charge(amount=102500), world.charge()
    content = statement(
        f"14.01.2026;1.025,00;EUR;SVWZ+{spaced(exact.reference)}",
        f"14.01.2026;24,00;EUR;{less.reference}",
        "14.01.2026;-12,00;EUR;Miete",
    )
    preview = upload(operator, content)
    (row,) = preview.rows("matched")
    assert row[2] == "1,025.00 EUR"
    assert "24.00 EUR came; 25.00 EUR are missing" in preview.rows("ours")[0][3]
    assert "Money that went out" in preview.rows("others")[0][3]
    assert world.books.by_key(exact.key).state == "open"
    done = take_over(operator, preview)
    assert "1 payment was taken over." in done.source
    assert world.books.by_key(exact.key).state == "paid"
    assert world.books.by_key(less.key).received.amount == 0
    again = take_over(operator, preview)
    assert "0 payments were taken over. 1 changed meanwhile" in again.source
    preview = upload(operator, content)
    assert preview.rows("matched") == []
    assert "Taken over before." in preview.main
    assert world.books.by_key(exact.key).received == Money(102500, "EUR")


def test_what_changed_since_the_preview_is_left_out(operator, world):
    owed = world.charge()
    preview = upload(operator, statement(f"14.01.2026;25,00;EUR;{owed.reference}"))
    world.provider.cancel_charge(owed.key, None)
    done = take_over(operator, preview)
    assert "0 payments were taken over. 1 changed meanwhile" in done.source
    assert world.books.by_key(owed.key).received.amount == 0


@pytest.mark.parametrize(
    ("content", "currency", "problem"),
    [
        (b"", "EUR", "Choose the file"),
        (b"hello", "EUR", "No row names a date"),
        (b"Date,Amount", "euros", "three letters"),
    ],
)
def test_files_that_are_no_statement(operator, content, currency, problem):
    page = upload(operator, content, currency)
    assert page.status == 422
    assert problem in page.errors()[0]


@pytest.mark.parametrize("lines", ["", "{}", "[[1]]", '[["x","RF","1","EUR","2026-01-01"]]', "[["])
def test_a_preview_that_was_tampered_with(operator, world, lines):
    page = operator.follow(operator.send(f"{DESK}/import", lines=lines), f"{DESK}/import")
    assert "0 payments" in page.source or page.status == 422


def test_refunds_are_noted_as_sent(operator, world):
    owed = world.paid()
    key, _ = world.refund(owed, 1000)
    page = operator.get(f"{DESK}/refunds")
    (row,) = page.rows("rows")
    assert "10.00 EUR" in row
    assert "By mistake." in row
    data = {"csrf_token": operator.token(), "key": key, "day": "2027-01-01"}
    late = operator.ask(f"{DESK}/refunds", "POST", data=data)
    assert late.status_code == 422
    page = operator.submit(f"{DESK}/refunds")
    assert "10.00 EUR noted as sent." in page.source
    assert "No refund waits" in page.main
    assert world.books.owed(key).state == "sent"
    assert re.search(r"10\.00 EUR, sent", operator.get(one(owed)).main)
