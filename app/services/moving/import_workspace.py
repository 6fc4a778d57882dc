"""VERB: take a workspace out of a file into this installation, or leave nothing of it.

One transaction writes all of it and proves the ledger before it commits. People are found by
address, or taken in without a password; ids are given anew, numbers within the pool stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from app.domain.proof import prove
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.slug import slug_from
from app.services.audit.note import note
from app.services.moving.container import reading
from app.services.moving.export_workspace import Moving
from app.services.moving.manifest import Manifest, read_manifest
from app.services.people.open_person import open_person
from app.store import history
from app.store.accounts import Account, AccountKind, account_by_slug
from app.store.database import UniqueTaken, add, current_connection, flush, transaction
from app.store.moving import (
    ROWS_AT_ONCE,
    SECTIONS,
    Moved,
    NotFitting,
    Section,
    app_of,
    fitting,
    known_plans,
    write_rows,
)
from app.store.people import person_by_email
from app.store.subscriptions import OPERATOR

Row = list[Any]
ORDER = {kind: place for place, kind in enumerate(["person", *(each.kind for each in SECTIONS)])}
BY_KIND = {section.kind: section for section in SECTIONS}
PLANS = {"subscription": ("plan",), "pool": ("plan", "next_plan")}
NOT_OURS = "A line of the file is not what an export writes."


@dataclass(slots=True)
class _Arrival:
    """What arrives, and how far it came."""

    moved: Moved
    now: datetime
    plans: set[str]
    counts: Counter[str] = field(default_factory=Counter)
    unproved: dict[int, str] = field(default_factory=dict)


def import_workspace(path: Path, now: datetime) -> Moving:
    """Take a workspace in.

    Raises `InvalidRequest` for a file that is damaged, of another version or not what an export
    writes, and `Conflict` when its slug is taken or its ledger doesn't prove itself.
    """
    with reading(path) as lines:
        manifest = read_manifest(next(lines, [""]))
        with transaction():
            try:
                with fitting():
                    arrival = _take_in(manifest, lines, now)
            except (KeyError, ValueError, TypeError, NotFitting) as error:
                raise InvalidRequest(NOT_OURS) from error
            _require_proof(arrival.moved.account, manifest)
            counts = dict(arrival.counts)
            after = {"exported_at": manifest.exported_at, "lines": manifest.seq}
            after |= {"audit_log_until": manifest.audit}
            note("account.imported", arrival.moved.account, now, about=manifest.slug, after=after)
    return Moving(manifest.slug, manifest.balance, manifest.held, counts)


def _take_in(manifest: Manifest, lines: Iterator[Row], now: datetime) -> _Arrival:
    account = _open(manifest)
    arrival = _Arrival(Moved(account.id), now, known_plans(current_connection()))
    place, end = 0, None
    for kind, rows in groupby(lines, key=lambda line: str(line[0])):
        if kind == "end":
            end = [*rows]
            continue
        if end is not None or ORDER[kind] < place:
            raise InvalidRequest(NOT_OURS)
        place = ORDER[kind] + 1
        while part := list(islice(rows, ROWS_AT_ONCE)):
            _write(arrival, kind, [values for _, *values in part])
    if end != [["end", dict(arrival.counts)]]:
        raise InvalidRequest("The file ends early, or goes on after its end.")
    return arrival


def _open(manifest: Manifest) -> Account:
    slug = slug_from(manifest.slug)
    taken = f"There is an account “{slug}” here already. Rename that, and import again."
    if account_by_slug(slug) is not None:
        raise Conflict(taken)
    at = datetime.fromisoformat(manifest.created_at)
    account = Account(kind=AccountKind.WORKSPACE, slug=slug, name=manifest.name, created_at=at)
    try:
        add(account)
    except UniqueTaken:
        raise Conflict(taken) from None
    return account


def _write(arrival: _Arrival, kind: str, rows: list[Row]) -> None:
    arrival.counts[kind] += len(rows)
    if kind == "person":
        for number, email, name in rows:
            arrival.moved.people[number] = _person(arrival, number, email, name)
        return
    section = BY_KIND[kind]
    if kind == "app":
        for row in rows:
            number, app = app_of(row, arrival.moved)
            add(app)
            arrival.moved.apps[number] = app.id
        return
    if kind == "membership":
        _require_proved(arrival, section, rows)
    flush()
    rows = [_fitting(arrival, section, row) for row in rows]
    write_rows(current_connection(), section, rows, arrival.moved)


def _person(arrival: _Arrival, number: int, email: str, name: str) -> int:
    found = person_by_email(email)
    if found is None:
        return open_person(email, name, None, arrival.now).id
    if found.email_verified_at is None and found.password_hash is not None:
        arrival.unproved[number] = email
    return found.id


def _require_proved(arrival: _Arrival, section: Section, rows: list[Row]) -> None:
    """Who signed up with a member's address and never proved it does not get in by that."""
    column = section.columns.index("person_id")
    unproved = sorted({row[column] for row in rows} & arrival.unproved.keys())
    if unproved:
        who = ", ".join(arrival.unproved[number] for number in unproved[:5])
        raise Conflict(f"These have an account here with an address they never confirmed: {who}.")


def _fitting(arrival: _Arrival, section: Section, row: Row) -> Row:
    """Require the plans that a row names; nobody is charged before the owner says how to pay."""
    columns = section.columns
    for name in PLANS.get(section.kind, ()):
        plan = row[columns.index(name)]
        if plan is not None and plan not in arrival.plans:
            raise Conflict(f"There is no plan “{plan}” here. Add it to the catalogue first.")
    if section.kind == "subscription":
        row[columns.index("provider")] = OPERATOR
    return row


def _require_proof(account_id: int, manifest: Manifest) -> None:
    flush()
    connection = current_connection()
    pool = history.read_pool(connection, account_id)
    if pool is None:
        raise InvalidRequest(NOT_OURS)
    difference = prove(
        pool,
        history.every_grant(connection, account_id),
        history.active_holds(connection, account_id),
        history.all_lines(connection, account_id),
        history.all_usage(connection, account_id),
    )
    if difference is not None:
        raise Conflict(f"The ledger in the file doesn't prove itself. {difference}.")
    if (pool.balance, pool.held, pool.seq) != (manifest.balance, manifest.held, manifest.seq):
        raise Conflict("The ledger in the file has other balances than its manifest says.")
