"""JOBS of money: ask for what is due, ask what became of it, compare the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from app.services.billing.auto_top_up import top_up_what_is_low
from app.services.billing.charge_due import charge_due_periods
from app.services.billing.events import take_waiting
from app.services.billing.look_after import ask_about_due, let_fall_overdue
from app.services.billing.reconcile import reconcile_all
from app.services.billing.refund import ask_about_due_refunds

Named = tuple[str, int, Callable[[], object]]
A_DAY = 86_400


def payment_jobs(now: Callable[[], datetime]) -> Iterator[Named]:
    """List them with their paces in seconds."""
    yield "charge due periods", 15, lambda: charge_due_periods(now())
    yield "top up what is low", 5, lambda: top_up_what_is_low(now())
    yield "ask about payments", 15, lambda: ask_about_due(now())
    yield "ask about refunds", 60, lambda: ask_about_due_refunds(now())
    yield "take what waited", 60, lambda: take_waiting(now())
    yield "let payments fall overdue", 3_600, lambda: let_fall_overdue(now())
    yield "compare the books", A_DAY // 4, lambda: reconcile_all(now())
