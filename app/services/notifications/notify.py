"""VERB: tell people something in the page, in the transaction of the verb that causes it.

    notify([person_id], NotificationKind.ACTION_FINISHED, now, account_id=…, link="/…", action=…)

`facts` are the parts of its words (`templates/notifications/words.html`): texts and numbers as
they are then. `link` is the path that it leads to, if not the kind's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.domain.notification import NotificationKind, Way
from app.store.notifications import (
    Notification,
    add_notifications,
    managers_of,
    those_who_want,
)
from app.store.people import Person

Fact = str | int | None


def notify(
    people: Iterable[int],
    kind: NotificationKind,
    now: datetime,
    *,
    account_id: int | None = None,
    link: str | None = None,
    **facts: Fact,
) -> None:
    """Tell those of these people who want to be told, inside a running transaction."""
    wanting = those_who_want(list(dict.fromkeys(people)), kind, Way.PAGE)
    add_notifications(
        Notification(
            person_id=one, kind=kind, account_id=account_id, facts=facts, link=link, at=now
        )
        for one in wanting
    )


def notify_managers(
    account_id: int,
    kind: NotificationKind,
    now: datetime,
    *,
    but: int | None = None,
    link: str | None = None,
    **facts: Fact,
) -> None:
    """Tell the owner and the admins of an account, but not the one who did it."""
    people = [person.id for person in managers_of(account_id) if person.id != but]
    notify(people, kind, now, account_id=account_id, link=link, **facts)


def managers_to_mail(account_id: int, kind: NotificationKind) -> list[Person]:
    """List the owner and the admins of an account who want mails of that kind."""
    people = {person.id: person for person in managers_of(account_id)}
    return [people[one] for one in those_who_want(list(people), kind, Way.MAIL)]
