"""VERB: write a line of the audit log, in the transaction of what it tells.

    note("member.role_changed", access, now, about=email, before={...}, after={...})

Who did it and from where is known from the door (`door.py`); `by` names the person where the
door can't, as when somebody signs in. One INSERT, no lock: writers never wait for each other.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from app.domain.audit_line import (
    INSTALLATION,
    LONGEST_ABOUT,
    Actor,
    AuditFacts,
    Facts,
    Origin,
    spelled_facts,
    tidy,
)
from app.domain.role import Access
from app.services.audit.door import origin
from app.services.plugins.installed import lent
from app.services.sealing import mark_of
from app.store.audit_lines import add_line
from app.store.people import person_by_id
from app.store.tokens import token_by_id

PLACE = "line of the audit log"


def note(  # noqa: PLR0913 - all but three are by name and left out mostly
    kind: str,
    place: Access | int | None,
    now: datetime | None = None,
    *,
    about: str = "",
    before: Facts | None = None,
    after: Facts | None = None,
    by: int | None = None,
    provider: str | None = None,
    connection: Any = None,  # noqa: ANN401 - a connection of the store's
) -> None:
    """Note what is done, inside a running transaction.

    `place` is the account, or None for what concerns the installation as a whole. `about` names
    what or whom it was done to. Never give secrets in `before` and `after`. `provider` did it when
    nobody is known at the door. `connection` is that of a transaction that is not the session's.
    """
    account_id, person_id = _place(place)
    who = _who(by if by is not None else person_id, provider)
    facts = AuditFacts(
        chain=account_id,
        nonce=secrets.token_hex(16),
        at=now or lent().now(),
        kind=kind,
        actor=who.actor.value,
        actor_name=who.name,
        person_id=who.person_id,
        token_id=who.token_id,
        door=who.door.value,
        address=who.address,
        browser=who.browser,
        about=tidy(about, LONGEST_ABOUT),
        before=spelled_facts(before),
        after=spelled_facts(after),
    )
    add_line(asdict(facts) | {"mark": mark_of(facts.spelled(), PLACE)}, connection)


def _place(place: Access | int | None) -> tuple[int, int | None]:
    if isinstance(place, Access):
        return place.account_id, place.person_id
    return place or INSTALLATION, None


def _who(person_id: int | None, provider: str | None) -> Origin:
    """The one at the door. A verb's own person counts where the door knows nobody better."""
    here = origin()
    if here.actor is Actor.COFFER and provider is not None:
        here = replace(here, actor=Actor.PROVIDER, name=provider)
    elif here.actor in (Actor.PERSON, Actor.COFFER) and person_id not in (None, here.person_id):
        here = replace(here, actor=Actor.PERSON, name="", person_id=person_id)
    return replace(here, name=here.name or _name(here)).tidied()


def _name(here: Origin) -> str:
    """What they are called now, with the token that they came with."""
    person = person_by_id(here.person_id) if here.person_id is not None else None
    token = token_by_id(here.token_id) if here.token_id is not None else None
    names = [f"{person.name} <{person.email}>"] if person else []
    return ", ".join(names + ([f"{token.kind} token “{token.name}”"] if token else []))
