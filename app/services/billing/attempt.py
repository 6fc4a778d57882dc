"""VERBS: write an attempt down before anybody is asked, make the call, show how it stands."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.grant import NEVER
from app.domain.payment import ARRIVES_WITHIN, AttemptState, Purpose, ask_after
from app.hookspecs import Charge, Money, Outcome, Payer
from app.services.billing.history import COFFER, note
from app.services.billing.invoices.details import buyer_of
from app.services.billing.providers import ask
from app.store.accounts import account_by_id
from app.store.database import add, transaction
from app.store.payers import payer_reference
from app.store.payments import PaymentAttempt, attempt_by_key

CONTRACT_PURPOSE: Mapping[Purpose, Literal["subscription", "top_up"]] = {
    Purpose.PLAN: "subscription",
    Purpose.PERIOD: "subscription",
    Purpose.TOP_UP: "top_up",
    Purpose.AUTO_TOP_UP: "top_up",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to take money for. `subject` names it: at most one attempt for it is unresolved.

    Of a plan's period, `subscription_id` and `period` say which. `person_id` is who asked.
    """

    account_id: int
    purpose: Purpose
    subject: str
    provider: str
    words: str
    money: Money
    present: bool
    return_url: str = ""
    person_id: int | None = None
    plan: str | None = None
    subscription_id: int | None = None
    period: int | None = None
    pack: str | None = None
    credits: int = 0


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt as pages show it. With `visit` the payer goes there; `instructions` are for them.

    `reason` says why it was declined; `problem` why money that came had no effect (the operators
    were told).
    """

    id: int
    key: str
    purpose: Purpose
    state: AttemptState
    words: str
    money: Money
    provider: str
    plan: str | None
    pack: str | None
    credits: int
    visit: str | None
    instructions: str | None
    reason: str | None
    problem: str | None
    created_at: datetime
    changed_at: datetime
    retry_at: datetime | None


def mint(wanted: Wanted, now: datetime) -> str:
    """Write an attempt down inside a running transaction; returns its key, new for ever.

    Raises the store's `UniqueTaken` when another attempt for the same subject is unresolved.
    """
    key = f"pay-{secrets.token_hex(12)}"
    money = wanted.money
    row = PaymentAttempt(
        key=key,
        account_id=wanted.account_id,
        person_id=wanted.person_id,
        purpose=wanted.purpose,
        subject=wanted.subject or key,
        provider=wanted.provider,
        plan=wanted.plan,
        subscription_id=wanted.subscription_id,
        period=wanted.period,
        pack=wanted.pack,
        credits=wanted.credits,
        words=wanted.words,
        amount=money.amount,
        currency=money.currency,
        present=wanted.present,
        return_url=wanted.return_url.replace("{key}", key),
        state=AttemptState.OPEN,
        created_at=now,
        changed_at=now,
        due_at=now + ask_after(0),
    )
    add(row)
    note(row, "asked", COFFER, now, wanted.person_id, provider=wanted.provider)
    return key


def call(key: str, now: datetime) -> Outcome:
    """Ask the provider for the money of an attempt, outside any transaction."""
    with transaction():  # it ends before the call begins
        row = attempt_by_key(key)
        assert row is not None
        provider, charge = row.provider, _charge(row)
    return ask(provider, "charge", lambda desk: desk.charge(charge), now)


def is_believed_lost(row: PaymentAttempt, now: datetime) -> bool:
    """Tell whether it is believed when a provider says that an attempt never arrived.

    A call may still be on its way for a minute; where nobody sits there who would see what comes
    of it, and another attempt is to follow by itself, for ten.
    """
    if row.state is AttemptState.PENDING:
        return True
    return now - row.created_at >= (ask_after(0) if row.present else ARRIVES_WITHIN)


def view_of(row: PaymentAttempt) -> AttemptView:
    """Show an attempt."""
    return AttemptView(
        row.id,
        row.key,
        row.purpose,
        row.state,
        row.words,
        Money(row.amount, row.currency),
        row.provider,
        row.plan,
        row.pack,
        row.credits,
        row.visit,
        row.instructions,
        row.reason,
        row.problem,
        row.created_at,
        row.changed_at,
        None if row.retry_at == NEVER else row.retry_at,
    )


def payer_of(account_id: int, provider: str) -> Payer:
    """Say who pays for an account, as the provider is told."""
    account, buyer = account_by_id(account_id), buyer_of(account_id)
    assert account is not None
    return Payer(account.slug, buyer.name, buyer.email, payer_reference(account_id, provider))


def _charge(row: PaymentAttempt) -> Charge:
    return Charge(
        row.key,
        payer_of(row.account_id, row.provider),
        Money(row.amount, row.currency),
        row.words,
        CONTRACT_PURPOSE[row.purpose],
        row.present,
        row.return_url,
    )
