"""VERB: print a statement as PDF; the same one gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from app.services.billing.invoices.fonts import SANS, SANS_BOLD, readable, stand_ins
from app.services.billing.invoices.render import LARGE, LINE, MARGIN, NORMAL, Sheet
from app.services.usage.statement import Part, Statement

HALF_A_LINE = LINE / 2
BALANCE, PARTS = (60, 80, 30), (110, 30, 30)
SOURCES = {"allocation": "Allocation", "top_up": "Top-up", "adjustment": "Adjustment"}


def print_statement(drawn: Statement, account: str) -> bytes:
    """Print a statement of an account of that name."""
    sheet = _sheet(drawn, account)
    _text(sheet, "Statement", "B", LARGE, 12)
    _text(sheet, readable(account), "B", NORMAL, LINE)
    _text(sheet, f"{_at(drawn.of.since)} to {_at(drawn.until)}", "", NORMAL, 2 * LINE)
    _balance(sheet, drawn)
    for words, parts in (
        ("By member", drawn.members),
        ("By app", drawn.apps),
        ("By action", drawn.actions_used),
    ):
        sheet.ln(LINE)
        _text(sheet, words, "B", NORMAL, LINE + HALF_A_LINE)
        _parts(sheet, parts, drawn)
    printed = bytes(sheet.output())
    sheet.close_fonts()
    return printed


def _sheet(drawn: Statement, account: str) -> Sheet:
    sheet = Sheet("All numbers are credits; times are in UTC.")
    sheet.set_margin(MARGIN)
    sheet.add_font("sans", "", SANS)
    sheet.add_font("sans", "B", SANS_BOLD)
    names = [part.name for part in (*drawn.members, *drawn.apps)]
    reasons = [each.reason or "" for each in drawn.entered]
    others = stand_ins("\n".join((account, *names, *reasons)))
    for font in others:
        sheet.add_font(font.stem, "", font)
    if others:
        sheet.set_fallback_fonts([font.stem for font in others], exact_match=False)
        sheet.set_text_shaping(use_shaping_engine=True, features={"liga": False})
    sheet.make_room()
    sheet.set_creation_date(drawn.until)
    sheet.set_title(f"Statement {drawn.of.key}")
    sheet.set_creator("Coffer")
    sheet.set_lang("en")
    sheet.add_page()
    return sheet


def _text(sheet: Sheet, words: str, style: str, size: float, height: float) -> None:
    sheet.set_font("sans", style, size)
    sheet.multi_cell(0, height, words, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _balance(sheet: Sheet, drawn: Statement) -> None:
    rows = [("Opening balance", "", drawn.opening)]
    rows += [
        (SOURCES[each.kind], f"{_at(each.at)} {each.reason or ''}", each.credits)
        for each in drawn.entered
    ]
    rows.append(("Used", f"{drawn.actions:,} actions", -drawn.deducted))
    rows.append(("Refunded", "", drawn.refunded))
    rows.append(("Expired", "", -drawn.expired))
    _table(sheet, BALANCE, ("Balance", "", "Credits"), rows, ("Closing balance", "", drawn.closing))


def _parts(sheet: Sheet, parts: Sequence[Part], drawn: Statement) -> None:
    rows = [(part.name, f"{part.count:,}", part.credits) for part in parts]
    total = ("All", f"{drawn.actions:,}", drawn.used)
    _table(sheet, PARTS, ("Name", "Actions", "Credits"), rows, total)


def _table(
    sheet: Sheet,
    widths: tuple[int, int, int],
    heads: tuple[str, str, str],
    rows: Sequence[tuple[str, str, int]],
    total: tuple[str, str, int],
) -> None:
    sheet.set_font("sans", "", NORMAL)
    bold = FontFace(emphasis="BOLD")
    second = "LEFT" if widths == BALANCE else "RIGHT"
    with sheet.table(
        col_widths=widths,
        text_align=("LEFT", second, "RIGHT"),
        borders_layout="HORIZONTAL_LINES",
        headings_style=bold,
        line_height=1.3 * LINE,
    ) as table:
        table.row(heads)
        for words, more, credits in rows:
            table.row((readable(words), readable(more), f"{credits:,}"))
        table.row((total[0], total[1], f"{total[2]:,}"), style=bold)


def _at(at: datetime) -> str:
    instant = at.astimezone(UTC)
    return f"{instant.day} {instant:%B %Y, %H:%M}"
