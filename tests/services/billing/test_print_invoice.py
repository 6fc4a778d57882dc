"""Invoices on paper, read back: every name in its letters, and the same bytes each time."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from pypdf import PdfReader

from app.domain.invoice import Invoice, InvoiceKind, Line, Party, Tax
from app.hookspecs import Money
from app.services.billing.invoices.fonts import stand_ins
from app.services.billing.invoices.read import InvoiceState, InvoiceView
from app.services.billing.invoices.render import print_invoice, print_receipt

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER = Party("Example GmbH", ("Weg 2", "Köln"), "DE123456789", "ask@example.test", "HRB 1")
SAID = Invoice(
    InvoiceKind.INVOICE,
    AT,
    SELLER,
    Party("Łukasz Ærø", ("Hauptstraße 1",), "ATU12345678"),
    "EUR",
    (Line("2,000 credits", 2, 9000),),
    (Tax("VAT 19 %", 2874),),
    "Please transfer 180.00 EUR.\nReference: RF18 5390 0754 7034.",
)


def view(said=SAID, **other):
    number = "INV-2026-00001" if said.credits is None else "CN-2026-00001"
    total = Money(said.total, said.currency)
    nothing = Money(0, said.currency)
    shown = InvoiceView(1, number, said, total, InvoiceState.PAID, nothing, AT, "Card")
    return replace(shown, **other)


def read(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_an_invoice_says_it_all():
    text = read(print_invoice(view()))
    for words in (
        "Number INV-2026-00001",
        "Date 23 November 2026",
        "Łukasz Ærø",
        "Hauptstraße 1",
        "Tax number ATU12345678",
        "Tax number DE123456789",
        "2,000 credits 2 90.00 EUR 180.00 EUR",
        "Net 151.26 EUR",
        "VAT 19 % 28.74 EUR",
        "Total 180.00 EUR",
        "RF18 5390 0754 7034",
        "ask@example.test",
        "HRB 1",
        "Page 1 of 1",
    ):
        assert words in text


def test_a_credit_note_names_its_invoice_and_takes_away():
    note = replace(SAID, kind=InvoiceKind.CREDIT_NOTE, credits="INV-2026-00001", payment="Sorry.")
    text = read(print_invoice(view(note)))
    assert "Credits invoice INV-2026-00001" in text
    assert "Total \u2212180.00 EUR" in text


def test_a_receipt_says_when_it_was_paid_and_there_is_none_before():
    text = read(print_receipt(view()))
    assert "For invoice INV-2026-00001" in text
    assert "180.00 EUR was paid on 23 November 2026: Card." in text
    assert print_receipt(view(paid_at=None)) is None


@pytest.mark.parametrize(
    ("currency", "total"), [("JPY", "18,000 JPY"), ("KWD", "18.000 KWD"), ("EUR", "180.00 EUR")]
)
def test_each_currency_has_its_decimals(currency, total):
    assert f"Total {total}" in read(print_invoice(view(replace(SAID, currency=currency))))


@pytest.mark.parametrize(
    ("name", "reads_as"),
    [
        ("Общество «Ромашка»", "Общество «Ромашка»"),
        ("株式会社さくら", "株式会社さくら"),
        ("北京张三有限公司", "北京张三有限公司"),
        ("주식회사 한국", "주식회사 한국"),
        ("חברת אלפא", "אלפא חברת"),
        ("شركة النور", "النور شركة"),
        ("Fox \U000f0000", "Fox \u25a1"),
    ],
)
def test_any_name_can_be_read(name, reads_as):
    """A right-to-left name is drawn from the right, so a reader of the drawing finds it turned."""
    said = replace(SAID, buyer=Party(name))
    assert reads_as in read(print_invoice(view(said)))


def test_large_fonts_are_taken_only_where_they_are_needed():
    assert stand_ins("Łukasz Ærø, Ωmega, Жук \n") == []
    assert [font.stem for font in stand_ins("株式会社さくら")] == ["KurintoSansJP-Rg"]


def printed_digest():
    said = replace(SAID, buyer=Party("Ærø さくら"))
    return sha256(print_invoice(view(said)) + print_receipt(view(said))).hexdigest()


@pytest.mark.slow
def test_the_same_invoice_gives_the_same_bytes_in_any_process_at_any_time(monkeypatch):
    monkeypatch.setattr("time.time", (datetime.now(UTC) + timedelta(days=400)).timestamp)
    code = "from tests.services.billing.test_print_invoice import *; print(printed_digest())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == printed_digest()


def test_printed_twice_it_is_the_same():
    assert print_invoice(view()) == print_invoice(view())


def test_whatever_is_long_is_printed_whole():
    long = Party(
        "W" * 100, ("X" * 83,) * 6, "9" * 40, f"{'e' * 240}@x.test", f"{'N' * 290} end of it"
    )
    said = replace(SAID, seller=long, buyer=long, lines=(Line(f"{'Y' * 190} last", 10**6, 10**9),))
    text = read(print_invoice(view(said)))
    for words in ("end of it", "last", "@x.test", "Total", "RF18"):
        assert words in text


def test_many_lines_go_on_on_the_next_page():
    said = replace(SAID, lines=tuple(Line(f"line {index}", 1, 100) for index in range(60)), tax=())
    pdf = print_invoice(view(said))
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 3
    assert "line 59 1 1.00 EUR" in read(pdf)
