"""VERB: tell people that a pool runs short or that a limit was met, as a consumer of the outbox.

What is told is claimed by a row in the transaction that writes the notifications and the mails:
any number of processes tell it once, and one that dies in between loses and doubles nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.happening import Shortage
from app.domain.limit import LimitWho
from app.domain.notification import NotificationKind
from app.domain.period import Renews
from app.domain.shortage import shortage_of
from app.services.directory import directory
from app.services.mail.queue_mail import mail_of, queue_mails
from app.services.notifications.notify import managers_to_mail, notify, notify_managers
from app.services.outbox.hand_out import Clock, hand_out
from app.services.outbox.topic import Topic
from app.services.outbox.wanted import PEOPLE
from app.store.accounts import Account, account_by_id
from app.store.apps import app_by_id
from app.store.database import read_connection, transaction
from app.store.history import read_pool
from app.store.notifications import claim_telling, managers_of
from app.store.outbox import Message
from app.store.people import person_by_id

DEGREES = {
    Topic.CREDITS_SCARCE: "scarce",
    Topic.CREDITS_LOW: "low",
    Topic.CREDITS_EXHAUSTED: "exhausted",
}
DEGREES_BY_SHORTAGE = {
    Shortage.ENOUGH: "",
    Shortage.SCARCE: "scarce",
    Shortage.LOW: "low",
    Shortage.EXHAUSTED: "exhausted",
}
MEMBERS = (LimitWho.EACH_MEMBER, LimitWho.MEMBER)


def tell_people(clock: Clock) -> int:
    """Tell what is due, for at most a few seconds; returns how many messages there were."""
    return hand_out(People(), clock)


class People:
    """Those who look after an account, as a consumer of the outbox."""

    @property
    def name(self) -> str:
        """Its name in the outbox."""
        return PEOPLE

    def listens(self, now: datetime) -> bool:  # noqa: ARG002 - what a consumer is asked
        """People can always be told."""
        return True

    def take(self, message: Message, now: datetime) -> str | None:
        """Tell whom it concerns, unless they were told before."""
        topic = Topic(message.topic)
        if topic in DEGREES:
            _tell_shortage(message, DEGREES[topic], now)
        else:
            _tell_limit(message, topic, now)
        return None


def _tell_shortage(message: Message, degree: str, now: datetime) -> None:
    daily, allocation, renews_at = _cycle(message.pool, now)
    if degree != DEGREES_BY_SHORTAGE[shortage_of(message.facts["available"], allocation)]:
        return  # it fell further at once, and is told of that
    with transaction():
        account = _claimed(message.pool, f"{degree} {message.number}", now)
        if account is None:
            return
        available = message.facts["available"]
        kind = NotificationKind.CREDITS
        notify_managers(account.id, kind, message.at, degree=degree, available=available)
        if not daily:
            facts = {"degree": degree, "available": f"{available:,}", "renews_at": renews_at}
            _mail(account, kind, "credits_short", now, **facts)


def _tell_limit(message: Message, topic: Topic, now: datetime) -> None:
    facts = message.facts
    is_alert = topic is Topic.LIMIT_ALERTED
    about = f"{topic} {facts['limit']} {facts['subject']} {facts['since']}"
    with transaction():
        account = _claimed(message.pool, about, now)
        if account is None:
            return
        kind = NotificationKind.LIMIT_ALERT if is_alert else NotificationKind.LIMIT_BLOCK
        words: dict[str, Any] = {
            "who": facts["who"],
            "name": _name(facts),
            "credits": facts["credits"],
            "per": facts["per"],
        }
        people = [person.id for person in managers_of(account.id)]
        if not is_alert and facts["who"] in MEMBERS:
            people.append(facts["subject"])
        notify(people, kind, message.at, account_id=account.id, **words)
        words |= {"credits": f"{facts['credits']:,}", "whom": words.pop("name")}
        _mail(account, kind, "limit_met", now, is_alert=is_alert, **words)


def _claimed(account_id: int, about: str, now: datetime) -> Account | None:
    """The account, if it is there and nobody told this before."""
    account = account_by_id(account_id)
    if account is None or account.deleted_at is not None:
        return None
    return account if claim_telling(account_id, about, now) else None


def _mail(
    account: Account,
    kind: NotificationKind,
    template: str,
    now: datetime,
    **values: Any,  # noqa: ANN401 - whatever the template shows
) -> None:
    known = {"workspace": account.name, "slug": account.slug}
    queue_mails(
        mail_of(person.email, template, now, **{"name": person.name, **known, **values})
        for person in managers_to_mail(account.id, kind)
    )


def _cycle(pool: int, now: datetime) -> tuple[bool, int, datetime | None]:
    """Tell whether a pool renews each day, what its plan allocates, and when it renews next."""
    with read_connection() as connection:
        found = read_pool(connection, pool)
    cycle = found.cycle if found else None
    if cycle is None:
        return False, 0, None
    plan = directory().catalogue(now).plans.get(cycle.plan)
    daily = plan is not None and plan.renews is Renews.DAILY
    renews_at = cycle.period.end if cycle.renews else None
    return daily, plan.credits if plan else 0, renews_at


def _name(facts: dict[str, Any]) -> str:
    if facts["who"] == LimitWho.APP:
        app = app_by_id(facts["subject"])
        return app.name if app else ""
    person = person_by_id(facts["subject"]) if facts["who"] in MEMBERS else None
    return person.name if person else ""
