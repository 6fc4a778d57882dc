"""References, amounts, terms and statements of the invoice provider: rules without tables."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hookspecs import Money
from plugins.billing_invoice.amounts import (
    decimal_sign,
    split_amount,
    typed_amount,
)
from plugins.billing_invoice.matching import judge
from plugins.billing_invoice.receivable import Receivable
from plugins.billing_invoice.reference import (
    is_right,
    reference_for,
    references_in,
    spaced,
    tidied,
)
from plugins.billing_invoice.statement import NotAStatement, read_statement
from plugins.billing_invoice.terms import terms_in
from tests.plugins.invoice_world import SETTINGS

ONE, OTHER = reference_for("one"), reference_for("other")


def test_the_check_digits_are_those_of_the_standard():
    """ISO 11649's own example, and one that banks publish."""
    assert is_right("RF18539007547034")
    assert is_right("RF471234567890")
    assert not is_right("RF19539007547034")


@given(key=st.text(max_size=60), turn=st.integers(0, 4))
def test_a_reference_belongs_to_its_key(key, turn):
    reference = reference_for(key, turn)
    assert len(reference) == 16
    assert is_right(reference)
    assert reference == reference_for(key, turn)


@given(key=st.text(max_size=20), place=st.integers(2, 15), more=st.integers(1, 9))
def test_a_wrong_digit_is_found_out(key, place, more):
    reference = reference_for(key)
    digit = (int(reference[place]) + more) % 10
    assert not is_right(f"{reference[:place]}{digit}{reference[place + 1 :]}")


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        spaced(ONE),
        spaced(ONE).lower(),
        f"SVWZ+{ONE} EREF+NOTPROVIDED",
        f"Rechnung/{spaced(ONE).replace(' ', '-')}, danke",
        f"{ONE[:9]}\n{ONE[9:]}",
        f"Ref: {ONE}; {ONE}",
    ],
)
def test_a_reference_is_found_in_a_banks_text(text):
    assert references_in(text) == [ONE]


@pytest.mark.parametrize("text", ["", "RF18", ONE[:-1], f"{ONE}7", f"X{ONE}", "no reference"])
def test_what_is_no_reference(text):
    assert references_in(text) == []


def test_typed_references_are_tidied():
    assert tidied(f" {spaced(ONE).lower()} ") == ONE


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("25", "EUR", 2500),
        ("25.00", "EUR", 2500),
        ("25,00", "EUR", 2500),
        ("25,5", "EUR", 2550),
        ("1.234,56", "EUR", 123456),
        ("1,234.56", "EUR", 123456),
        ("1 234,56 €", "EUR", 123456),
        ("1'234.56", "CHF", 123456),
        ("EUR 1,234.0", "EUR", 123400),
        ("1.234.567", "EUR", 123456700),
        ("\u22125.00", "EUR", -500),
        ("5,00-", "EUR", -500),
        ("(5.00)", "EUR", -500),
        ("+5.00", "EUR", 500),
        ("490", "JPY", 490),
        ("1,490", "JPY", 1490),
        ("490.00", "JPY", 490),
        ("1.230", "KWD", 1230),
        ("1,230.500", "KWD", 1230500),
        (".50", "EUR", 50),
    ],
)
def test_amounts_as_they_are_written(text, currency, amount):
    assert typed_amount(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "free",
        "1,2,3",
        "1.2.3",
        "12,34.56,7",
        "25.005",
        "1e5",
        "25 USD",
        "--5",
        "9" * 16,
        "1,23,456.00",
    ],
)
def test_what_is_no_amount_in_euros(text):
    with pytest.raises(ValueError, match=r"\w"):
        typed_amount(text, "EUR")


@pytest.mark.parametrize(
    ("numbers", "sign"),
    [
        (["1,234", "5,00"], ","),
        (["1,234", "5.00"], "."),
        (["1.234,50"], ","),
        (["1,234", "5,678"], None),
        (["12", "-7"], None),
    ],
)
def test_one_file_has_one_decimal_sign(numbers, sign):
    assert decimal_sign(numbers) == sign


def test_the_currency_beside_a_number():
    assert split_amount("US$ 5.00") == ("5.00", "USD")
    assert split_amount("£5") == ("5", "GBP")


def test_terms_say_where_the_money_goes():
    terms = terms_in(SETTINGS | {"bic": "COBADEFFXXX", "tax_percent": "8,1 %"})
    assert terms.instructions(Money(2500, "EUR"), ONE, date(2026, 12, 7)).splitlines() == [
        "Please transfer 25.00 EUR by 7 December 2026.",
        "Account holder: Example GmbH.",
        "IBAN: DE89 3704 0044 0532 0130 00.",
        "BIC: COBADEFFXXX.",
        f"Reference: {spaced(ONE)}.",
    ]
    assert (terms.tax_percent, terms.tax_words()) == (Decimal("8.1"), "VAT 8.1 %")


@pytest.mark.parametrize("iban", ["de89 3704 0044 0532 0130 00", "GB82WEST12345698765432"])
def test_an_iban_may_be_typed_as_people_do(iban):
    assert terms_in(SETTINGS | {"iban": iban}).iban == iban.replace(" ", "").upper()


def test_an_account_without_an_iban_is_told_in_words():
    terms = terms_in(SETTINGS | {"iban": "", "bank": "Routing 021000021, account 12345"})
    lines = terms.instructions(Money(2500, "USD"), ONE, date(2026, 12, 7)).splitlines()
    assert lines[2:] == ["Bank: Routing 021000021, account 12345.", f"Reference: {spaced(ONE)}."]


@pytest.mark.parametrize(
    ("percent", "amount", "tax"),
    [("19", 2500, 399), ("8.1", 10000, 749), ("0", 2500, 0), ("19", 1, 0), ("99.9", 1, 0)],
)
def test_tax_is_contained_and_rounded_half_up(percent, amount, tax):
    assert terms_in(SETTINGS | {"tax_percent": percent}).tax_in(amount) == tax


@pytest.mark.parametrize(
    "wrong",
    [
        {"payment_days": -1},
        {"payment_days": 366},
        {"tax_percent": "much"},
        {"tax_percent": "-1"},
        {"tax_percent": "100"},
        {"tax_percent": "nan"},
        {"iban": "DE88370400440532013000"},
        {"iban": "DE8937040044053201300"},
        {"iban": "12345678"},
    ],
)
def test_settings_that_can_not_be(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        terms_in(SETTINGS | wrong)


def statement(*lines, start="", encoding="utf-8"):
    return (start + "\n".join(lines)).encode(encoding)


COMMA = statement("Date,Amount,Currency,Details", f'2026-11-20,"1,025.00",EUR,{spaced(ONE)} thanks')
GERMAN = statement(
    "Kontoauszug;;;",
    "Konto;DE89370400440532013000;;",
    "",
    "Buchungstag;Verwendungszweck;Betrag;Währung",
    f"20.11.2026;SVWZ+{ONE};1.025,00;EUR",
    encoding="cp1252",
)
MARKED = statement("Date;Amount;Text", f"20.11.26;1025,00 €;{ONE}", encoding="utf-8-sig")
TABS = statement("Booking Date\tAmount\tText", f"20/11/2026\t+1025.00\t{ONE}", encoding="utf-16")
SEPARATE = statement(
    "Date,Paid out,Paid in,Text", f"20 Nov 2026,,1025.00,{ONE}", "20 Nov 2026,5.00,,Fee"
)
TIMED = statement("Completed Date,Amount,Currency,Text", f"2026-11-20 09:30:00,1025.00,EUR,{ONE}")
DENSE = statement("Buchung;Betrag;Text", f"20261120;1025,00;{ONE}")


@pytest.mark.parametrize("content", [COMMA, GERMAN, MARKED, TABS, SEPARATE, TIMED, DENSE])
def test_dialects_of_banks(content):
    line = read_statement(content, "EUR")[0]
    assert line.number == (5 if content is GERMAN else 2)
    assert (line.problem, line.money, line.booked_on) == (
        None,
        Money(102500, "EUR"),
        date(2026, 11, 20),
    )
    assert references_in(line.text) == [ONE]


def test_the_side_that_went_out_is_no_money_that_came():
    assert [line.money.amount for line in read_statement(SEPARATE, "EUR")] == [102500, 0]


def test_one_line_proves_that_the_month_comes_first():
    content = statement("Date,Amount", "03/04/2026,1.00", "11/20/2026,2.00")
    assert [line.booked_on for line in read_statement(content, "USD")] == [
        date(2026, 3, 4),
        date(2026, 11, 20),
    ]
    day_first = read_statement(statement("Date,Amount", "03/04/2026,1.00"), "EUR")
    assert day_first[0].booked_on == date(2026, 4, 3)


def test_lines_have_an_id_of_what_they_say():
    whole = statement(
        "Date,Amount,Text", "2026-11-20,5.00,a", "2026-11-20,5.00,a", "2026-11-21,5.00,a"
    )
    part = statement("Date,Amount,Text", "2026-11-21,5.00,a")
    ids = [line.id for line in read_statement(whole, "EUR")]
    assert len(set(ids)) == 3
    assert [line.id for line in read_statement(part, "EUR")] == ids[2:]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"a,b\n1,2", b"\x00\xff\x00", b"Date\n2026-11-20", b'"' * 200_000]
)
def test_what_is_no_statement(content):
    with pytest.raises(NotAStatement):
        read_statement(content, "EUR")


def test_a_statement_has_a_bound():
    with pytest.raises(NotAStatement, match="in parts"):
        read_statement(b"Date,Amount\n" + b"2026-11-20,1.00\n" * 5001, "EUR")


def test_lines_that_can_not_be_read_say_why():
    content = statement(
        "Date,Amount,Text", f"soon,25.00,{ONE}", "2026-13-40,1.00,x", "2026-11-20,much,y"
    )
    problems = [line.problem for line in read_statement(content, "EUR")]
    assert problems == ["“soon” is no date.", "“2026-13-40” is no date.", "“MUCH” is no amount."]


def owed(reference=ONE, amount=102500, currency="EUR", state="open", received=0):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Receivable(
        key="one",
        reference=reference,
        account="acme",
        name="Acme",
        email="a@acme.test",
        money=Money(amount, currency),
        words="",
        tax_words="",
        tax=Money(0, currency),
        instructions="",
        state=state,
        received=Money(received, currency),
        created_at=at,
        due_on=date(2026, 12, 1),
        settled_at=None,
    )


def judged(text, amount="1025.00", known=(), **receivable):
    content = statement("Date,Amount,Text", f'2026-11-20,"{amount}","{text}"')
    found = owed(**receivable)
    find = {found.reference: found}.get
    (verdict,) = judge(read_statement(content, "EUR"), known, find)
    return verdict


def test_exact_reference_amount_and_currency_match():
    assert judged(f"Thanks {spaced(ONE)}").matches
    assert judged(ONE, amount="25.00", received=100000).matches


@pytest.mark.parametrize(
    ("text", "given", "why"),
    [
        ("Rent", {}, "no payment reference"),
        (OTHER, {}, "No invoice has the reference"),
        (f"{ONE[:-1]}{(int(ONE[-1]) + 1) % 10}", {}, "wrong check digits"),
        (f"{ONE} {OTHER}", {}, "several references"),
        (ONE, {"amount": "1000.00"}, "1,000.00 EUR came; 1,025.00 EUR are missing"),
        (ONE, {"amount": "1025.01"}, "1,025.01 EUR came"),
        (ONE, {"currency": "USD"}, "the invoice is in USD"),
        (ONE, {"state": "paid"}, "paid already"),
        (ONE, {"state": "cancelled"}, "cancelled already"),
        (ONE, {"amount": "-1025.00"}, "went out"),
        (ONE, {"amount": "a lot"}, "can't be read"),
    ],
)
def test_what_does_not_match_says_why(text, given, why):
    verdict = judged(text, **given)
    assert not verdict.matches
    assert why in verdict.why


def test_the_same_reference_twice_in_one_statement():
    content = statement("Date,Amount,Text", f"2026-11-20,5.00,{ONE}", f"2026-11-21,5.00,{ONE}")
    found = owed(amount=500)
    verdicts = judge(read_statement(content, "EUR"), (), lambda _: found)
    assert [verdict.matches for verdict in verdicts] == [True, False]
    assert "twice" in verdicts[1].why


def test_a_line_that_was_taken_over_before():
    content = statement("Date,Amount,Text", f"2026-11-20,5.00,{ONE}")
    lines = read_statement(content, "EUR")
    (verdict,) = judge(lines, {lines[0].id}, lambda _: owed(amount=500))
    assert verdict.why == "Taken over before."
