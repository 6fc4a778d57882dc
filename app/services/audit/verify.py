"""VERBS: prove that the audit log is whole, and give its heads away so that it can be proven later.

What can't be found this way stands in the README: who has the installation's secret and the
database can write another log, unless a head was kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.audit_line import (
    BEGINNING,
    INSTALLATION,
    AuditFacts,
    seal_after,
    spelled_head,
)
from app.services.audit.note import PLACE
from app.services.sealing import is_marked
from app.store import audit_reading
from app.store.audit_lines import slugs_of_chains
from app.store.database import read_connection

CHUNK = 2_000
NAMES = AuditFacts.__slots__


@dataclass(frozen=True, slots=True)
class Verified:
    """One chain: how many lines are sealed and how many wait, and what is wrong with it if so.

    `account` is the slug, or "(installation)". `seq` is where the chain breaks, if that is known.
    """

    chain: int
    account: str
    sealed: int
    waiting: int
    broken: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain was sealed, and with which seal. Kept elsewhere, it proves what was there."""

    chain: int
    account: str
    seq: int
    seal: str


class _Broken(Exception):  # noqa: N818 - told, not raised to anybody
    def __init__(self, words: str, seq: int | None = None) -> None:
        super().__init__(words)
        self.seq = seq


def verify_audit(kept: Mapping[int, tuple[int, str]] | None = None) -> Iterator[Verified]:
    """Prove each chain, the installation's first; `kept` are heads by chain that were given away.

    All of it is read as it stood at one moment, so that it may be at work meanwhile.
    """
    kept = kept or {}
    with read_connection(snapshot=True) as connection:
        heads = audit_reading.read_heads(connection)
        chains = sorted({*audit_reading.read_chains(connection), *heads, *kept})
        names = names_of(chains)
        doubled = audit_reading.read_doubled(connection)
        for chain in chains:
            counts = [0, 0]
            try:
                if doubled is not None and doubled[0] == chain:
                    raise _Broken("A line is there twice.")
                _prove(connection, chain, heads.get(chain), kept.get(chain), counts)
            except _Broken as broken:
                yield Verified(chain, names[chain], counts[0], counts[1], str(broken), broken.seq)
            else:
                yield Verified(chain, names[chain], counts[0], counts[1])


def heads() -> list[Head]:
    """The heads of all chains, to be kept where nobody of this installation can change them."""
    with read_connection(snapshot=True) as connection:
        found = audit_reading.read_heads(connection)
    names = names_of(found)
    return [Head(chain, names[chain], row.seq, row.seal) for chain, row in sorted(found.items())]


def names_of(chains: Any) -> dict[int, str]:  # noqa: ANN401 - any chains
    """What the accounts of chains are called in addresses."""
    slugs = slugs_of_chains(chains)
    known = {chain: slugs[chain][0] if chain in slugs else f"account {chain}" for chain in chains}
    return known | ({INSTALLATION: "(installation)"} if INSTALLATION in known else {})


def _prove(
    connection: Any,  # noqa: ANN401 - a connection of the store's
    chain: int,
    head: Any,  # noqa: ANN401 - a row
    kept: tuple[int, str] | None,
    counts: list[int],
) -> None:
    seal, seq = BEGINNING, 0
    for line in _chunks(connection, chain, sealed=True):
        seal, seq = _link(line, seal, seq), seq + 1
        counts[0] = seq
        if kept is not None and kept[0] == seq and kept[1] != seal:
            raise _Broken("It is another line than the one that the kept head names.", seq)
    if kept is not None and kept[0] > seq:
        raise _Broken(f"The kept head has {kept[0]} lines, and here are {seq}.", seq + 1)
    _prove_head(chain, head, seq, seal)
    for line in _chunks(connection, chain, sealed=False):
        _require_mark(line)
        counts[1] += 1


def _link(line: Any, previous: str, last: int) -> str:  # noqa: ANN401 - a row
    if line.seq != last + 1:
        what = "is there twice" if line.seq == last else "is missing"
        raise _Broken(f"Line {last if line.seq == last else last + 1} {what}.", last + 1)
    _require_mark(line)
    expected = seal_after(previous, line.seq, line.mark, _facts(line))
    if line.seal != expected:
        raise _Broken(
            f"Line {line.seq} does not follow the one before it: something was taken out, put in "
            "or moved.",
            line.seq,
        )
    return expected


def _require_mark(line: Any) -> None:  # noqa: ANN401 - a row
    if not is_marked(_facts(line).spelled(), line.mark, PLACE):
        which = f"Line {line.seq}" if line.seq else f"A line that waits for its seal (id {line.id})"
        raise _Broken(f"{which} was changed, or not written by this installation.", line.seq)


def _prove_head(chain: int, head: Any, seq: int, seal: str) -> None:  # noqa: ANN401 - a row
    if head is None:
        if seq:
            raise _Broken("The chain has sealed lines, but its head is gone.")
        return
    if head.seq == 0 and seq == 0:
        return
    if not is_marked(spelled_head(chain, head.seq, head.seal), head.mark, PLACE):
        raise _Broken("The head was changed, or not written by this installation.")
    if (head.seq, head.seal) != (seq, seal):
        raise _Broken(f"The head names line {head.seq}, and the chain ends with {seq}.", seq + 1)


def _facts(line: Any) -> AuditFacts:  # noqa: ANN401 - a row
    return AuditFacts(**{name: getattr(line, name) for name in NAMES})


def _chunks(connection: Any, chain: int, *, sealed: bool) -> Iterator[Any]:  # noqa: ANN401
    read = audit_reading.read_sealed if sealed else audit_reading.read_unsealed
    after = 0 if not sealed else -(2**62)
    while rows := read(connection, chain, after, CHUNK):
        yield from rows
        after = rows[-1].seq if sealed else rows[-1].id
