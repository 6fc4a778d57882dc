"""VERB: write a workspace with its ledger into one file, as it is at one instant.

Everything is read in one snapshot, some rows at a time, while the installation is in use.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.domain.refusals import Conflict, NotFound
from app.services.audit.note import note
from app.services.moving.container import Lines, writing
from app.services.moving.manifest import FORMAT, WHAT, Manifest, columns, spelled
from app.store.accounts import AccountKind
from app.store.database import read_connection, transaction
from app.store.history import read_pool
from app.store.moving import SECTIONS, audit_head, find_account, read_people, read_rows


@dataclass(frozen=True, slots=True)
class Moving:
    """What was written or read: rows by what they are, and the pool's figures."""

    slug: str
    balance: int
    held: int
    counts: dict[str, int]


def export_workspace(slug: str, path: Path, now: datetime) -> Moving:
    """Write the workspace to a new file; `NotFound`, or `Conflict` when the file is there."""
    with read_connection(snapshot=True) as connection:
        account = find_account(connection, slug)
        if account is None:
            raise NotFound(f"There is no workspace “{slug}”, or it is deleted.")
        if account.kind is AccountKind.PERSONAL:
            raise Conflict("This is a personal account. Only workspaces are exported.")
        manifest = _manifest(connection, account, now)
        with writing(path) as lines:
            lines.write("manifest", spelled(manifest))
            counts = _write(connection, account.id, lines)
            lines.write("end", dict(counts))
    with transaction():
        note("account.exported", account.id, now, about=slug, after={"lines": manifest.seq})
    return Moving(slug, manifest.balance, manifest.held, dict(counts))


def _manifest(connection: Any, account: Any, now: datetime) -> Manifest:  # noqa: ANN401
    pool = read_pool(connection, account.id)
    assert pool is not None, "every account has a pool"
    head = audit_head(connection, account.id)
    return Manifest(
        what=WHAT,
        format=FORMAT,
        columns=columns(),
        slug=account.slug,
        name=account.name,
        created_at=account.created_at.isoformat(),
        exported_at=now.isoformat(),
        balance=pool.balance,
        held=pool.held,
        seq=pool.seq,
        audit=list(head) if head else None,
    )


def _write(connection: Any, account_id: int, lines: Lines) -> Counter[str]:  # noqa: ANN401
    counts: Counter[str] = Counter()
    for person in read_people(connection, account_id):
        lines.write("person", *person)
        counts["person"] += 1
    for section in SECTIONS:
        for row in read_rows(connection, section, account_id):
            lines.write(section.kind, *row)
            counts[section.kind] += 1
    return counts
