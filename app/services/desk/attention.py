"""VERB that reads: what an operator has to look at, each with where it is mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.services.billing.attention import attention as money_attention
from app.services.desk.job_runs import jobs_seen
from app.services.plugins.backlog import backlogs
from app.services.plugins.listing import list_plugins
from app.services.readiness import NotReady, require_ready
from app.store.database import read_connection
from app.store.desk_accounts import (
    MOST_COUNTED,
    AccountsSought,
    AccountState,
    count_accounts,
    count_all,
    count_ill_webhooks,
)
from app.store.desk_mails import count_overdue_mails, count_troubled_mails
from app.store.ledger_audits import latest_audits

SCHEDULER_SILENT = timedelta(minutes=5)
MAIL_PATIENCE = timedelta(minutes=10)
ILL = ("refused", "quarantined", "missing")


class Urgency(StrEnum):
    """How much something hurts: people are harmed now, or will be soon."""

    NOW = "now"
    SOON = "soon"


class Place(StrEnum):
    """Where something is mended. Which page that is, the pages know."""

    ACCOUNTS = "accounts"
    PAYMENTS = "payments"
    PLUGIN = "plugin"
    HEALTH = "health"
    MAILS = "mails"
    LEDGER = "ledger"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to look at. `which` is the plugin's name or the state of the accounts."""

    urgency: Urgency
    words: str
    advice: str
    place: Place
    which: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is, and what of it has to be looked at, the most urgent first."""

    matters: Sequence[Matter]
    people: int
    personal_accounts: int
    workspaces: int

    @property
    def is_calm(self) -> bool:
        """Tell whether there is nothing to look at."""
        return not self.matters


def overview(now: datetime) -> Overview:
    """Gather what operators have to look at, and count people and accounts."""
    with read_connection() as connection:
        counts = count_all(connection)
    found = [*_installation(now), *_money(now), *_pools(now), *_plugins(now), *_mails(now)]
    return Overview(sorted(found, key=lambda each: each.urgency is not Urgency.NOW), *counts)


def _installation(now: datetime) -> Iterator[Matter]:
    try:
        require_ready()
    except NotReady as reason:
        yield Matter(Urgency.NOW, str(reason), "Bring the database up to date.", Place.HEALTH)
    jobs = jobs_seen(now)
    if not any(now - job.ended_at < SCHEDULER_SILENT for job in jobs):
        words = "No job has run for five minutes: the scheduler is not running."
        advice = "Start “coffer scheduler”, or “coffer serve” without --no-scheduler."
        yield Matter(Urgency.NOW, words, advice, Place.HEALTH)
        return
    for job in jobs:
        if job.is_ill:
            how = "is late" if job.late else f"failed {job.failures} times in a row"
            yield Matter(Urgency.NOW, f"The job “{job.name}” {how}.", job.error or "", Place.HEALTH)


def _money(now: datetime) -> Iterator[Matter]:
    found = money_attention(now)
    for count, words in (
        (len(found.payments), "of unknown end or without effect"),
        (len(found.disputes), "taken back by the payer's bank"),
        (len(found.differences), "that the provider's books show otherwise"),
        (len(found.waiting), "that a provider told of and nobody knows here"),
    ):
        if count:
            advice = "Each says what is known of it, and what can be done."
            said = f"{_several(count, 'payment')} {words}."
            yield Matter(Urgency.NOW, said, advice, Place.PAYMENTS)
    if (audits := latest_audits(1)) and audits[0].differences:
        words = f"The last ledger audit found {_several(audits[0].differences, 'difference')}."
        yield Matter(Urgency.NOW, words, audits[0].first or "", Place.LEDGER)


def _pools(now: datetime) -> Iterator[Matter]:
    told = (
        (AccountState.PAST_DUE, Urgency.NOW, "with a payment missing", "Days of grace run."),
        (AccountState.SUSPENDED, Urgency.NOW, "suspended", "The subscription lapsed."),
        (AccountState.EMPTY, Urgency.NOW, "with an empty pool", "Nobody there can spend."),
        (AccountState.LOW, Urgency.SOON, "low on credits", "Under a tenth of the plan's."),
    )
    with read_connection() as connection:
        for state, urgency, words, advice in told:
            count = count_accounts(connection, AccountsSought(state=state), now)
            if count:
                said = f"{_several(count, 'account')} {words}."
                yield Matter(urgency, said, advice, Place.ACCOUNTS, state.value)


def _plugins(now: datetime) -> Iterator[Matter]:
    for plugin in list_plugins(now):
        if plugin.state in ILL:
            words = f"The plugin {plugin.name} is {plugin.state}."
            yield Matter(Urgency.NOW, words, plugin.reason or "", Place.PLUGIN, plugin.name)
    with read_connection() as connection:
        count = count_ill_webhooks(connection)
    if count:
        words = f"{_several(count, 'webhook')} can't be reached or were switched off."
        advice = "Owners see them under their account's webhooks; the log says what changed."
        yield Matter(Urgency.SOON, words, advice, Place.AUDIT, "webhook")
    for name, backlog in backlogs().items():
        if backlog.parked:
            words = f"{_several(backlog.parked, 'event')} of {name} failed too often."
            advice = "They wait until they are told again."
            yield Matter(Urgency.SOON, words, advice, Place.PLUGIN, name)


def _mails(now: datetime) -> Iterator[Matter]:
    if count := count_troubled_mails():
        words = f"{_several(count, 'mail')} could not be delivered."
        yield Matter(Urgency.NOW, words, "See why, and let them be tried again.", Place.MAILS)
    elif count := count_overdue_mails(now - MAIL_PATIENCE):
        words = f"{_several(count, 'mail')} waited for more than ten minutes."
        yield Matter(Urgency.SOON, words, "The job “deliver mail” sends them.", Place.MAILS)


def _several(count: int, noun: str) -> str:
    if count > MOST_COUNTED:
        return f"More than {MOST_COUNTED:,} {noun}s"
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
