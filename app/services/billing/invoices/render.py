"""VERB: print an invoice, a credit note or a receipt as PDF; the same one gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from app.domain.invoice import Invoice, InvoiceKind, Party
from app.hookspecs import Money
from app.services.billing.invoices.fonts import SANS, SANS_BOLD, readable, stand_ins
from app.services.billing.invoices.read import InvoiceView

TITLES = {InvoiceKind.INVOICE: "Invoice", InvoiceKind.CREDIT_NOTE: "Credit note"}
MARGIN, HALF, LINE = 20.0, 87.5, 5.0
FOOT_WIDTH, FOOT_LINE = 140.0, 4.0
SMALL, NORMAL, LARGE = 8.5, 10.0, 20.0
QUIET = (90, 90, 90)


class Sheet(FPDF):
    """An A4 page with the seller's notes and the page's number at its foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4", unit="mm")
        self.foot = foot
        self.foot_height = FOOT_LINE

    def make_room(self) -> None:
        """Leave as much room below each page as its foot needs; the fonts are there by now."""
        self.set_font("sans", "", SMALL)
        lines = 1 + int(1.1 * self.get_string_width(self.foot) / FOOT_WIDTH)
        self.foot_height = lines * FOOT_LINE
        self.set_auto_page_break(auto=True, margin=MARGIN + self.foot_height)

    def close_fonts(self) -> None:
        """Close the files that the library keeps open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-(MARGIN - FOOT_LINE + self.foot_height))
        self.set_font("sans", "", SMALL)
        self.set_text_color(*QUIET)
        self.multi_cell(FOOT_WIDTH, FOOT_LINE, self.foot, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.cell(0, FOOT_LINE, f"Page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(0)


def print_invoice(view: InvoiceView) -> bytes:
    """Print an invoice or a credit note."""
    said = view.said
    facts = [("Number", view.number), ("Date", _day(said.issued_at))]
    if said.credits:
        facts.append(("Credits invoice", said.credits))
    return _printed(said, TITLES[said.kind], facts, said.payment, said.issued_at)


def print_receipt(view: InvoiceView) -> bytes | None:
    """Print that an invoice was paid; None for one that was not."""
    if view.paid_at is None:
        return None
    said = view.said
    facts = [("For invoice", view.number), ("Paid on", _day(view.paid_at))]
    total = Money(said.total, said.currency)
    words = f"{total} was paid on {_day(view.paid_at)}: {view.provider}. Thank you."
    return _printed(said, "Receipt", facts, words, view.paid_at)


def _printed(
    said: Invoice, title: str, facts: list[tuple[str, str]], closing: str, at: datetime
) -> bytes:
    sheet = _sheet(said, f"{title} {facts[0][1]}", at)
    _heads(sheet, said, title, facts)
    _lines(sheet, said)
    sheet.ln(LINE)
    sheet.multi_cell(0, LINE, readable(closing), align="L")
    printed = bytes(sheet.output())
    sheet.close_fonts()
    return printed


def _sheet(said: Invoice, title: str, at: datetime) -> Sheet:
    text = "\n".join(_words(said))
    seller = said.seller
    foot = " · ".join(filter(None, (seller.name, seller.email, seller.note)))
    sheet = Sheet(readable(foot))
    sheet.set_margin(MARGIN)
    sheet.add_font("sans", "", SANS)
    sheet.add_font("sans", "B", SANS_BOLD)
    others = stand_ins(text)
    for font in others:
        sheet.add_font(font.stem, "", font)
    if others:
        sheet.set_fallback_fonts([font.stem for font in others], exact_match=False)
        sheet.set_text_shaping(use_shaping_engine=True, features={"liga": False})
    sheet.make_room()
    sheet.set_creation_date(at)
    sheet.set_title(title)
    sheet.set_author(seller.name)
    sheet.set_creator("Coffer")
    sheet.set_lang("en")
    sheet.add_page()
    return sheet


def _heads(sheet: Sheet, said: Invoice, title: str, facts: list[tuple[str, str]]) -> None:
    sheet.set_font("sans", "B", LARGE)
    sheet.cell(0, 12, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    for words, value in facts:
        sheet.set_font("sans", "", NORMAL)
        sheet.cell(35, LINE, words)
        sheet.set_font("sans", "B", NORMAL)
        sheet.cell(0, LINE, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.ln(LINE)
    top = sheet.get_y()
    below = [_party(sheet, MARGIN, top, "From", said.seller), top]
    below.append(_party(sheet, MARGIN + HALF, top, "To", said.buyer))
    sheet.set_xy(MARGIN, max(below) + 2 * LINE)


def _party(sheet: Sheet, left: float, top: float, words: str, party: Party) -> float:
    number = f"Tax number {party.tax_number}" if party.tax_number else ""
    sheet.set_font("sans", "", SMALL)
    sheet.set_text_color(*QUIET)
    sheet.set_xy(left, top)
    sheet.cell(HALF - LINE, LINE, words)
    sheet.set_text_color(0)
    sheet.set_y(top + LINE)
    for line, style in [(party.name, "B"), *((each, "") for each in (*party.address, number))]:
        sheet.set_font("sans", style, NORMAL)
        sheet.set_x(left)
        if line:
            sheet.multi_cell(
                HALF - LINE, LINE, readable(line), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT
            )
    return sheet.get_y()


def _lines(sheet: Sheet, said: Invoice) -> None:
    sheet.set_font("sans", "", NORMAL)
    heads = FontFace(emphasis="BOLD")
    with sheet.table(
        col_widths=(86, 20, 32, 32),
        text_align=("LEFT", "RIGHT", "RIGHT", "RIGHT"),
        borders_layout="HORIZONTAL_LINES",
        headings_style=heads,
        line_height=1.4 * LINE,
    ) as table:
        table.row(("Description", "Quantity", "Price", "Amount"))
        for line in said.lines:
            amounts = (_money(said, line.unit), _money(said, line.amount))
            table.row((readable(line.words), str(line.quantity), *amounts))
        if said.tax:
            table.row(("Net", "", "", _money(said, said.net)))
        for tax in said.tax:
            table.row((readable(tax.words), "", "", _money(said, tax.amount)))
        table.row(("Total", "", "", _money(said, said.total)), style=heads)


def _money(said: Invoice, amount: int) -> str:
    sign = -1 if said.kind is InvoiceKind.CREDIT_NOTE else 1
    return str(Money(sign * amount, said.currency))


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _words(said: Invoice) -> Iterable[str]:
    """Everything that is printed and that somebody else chose the letters of."""
    for party in (said.seller, said.buyer):
        yield from (party.name, *party.address, party.tax_number, party.email, party.note)
    yield from (line.words for line in said.lines)
    yield from (tax.words for tax in said.tax)
    yield said.payment
