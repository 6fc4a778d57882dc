"""The manifest: the first line, which says what the file is and what it was made by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from app.domain.refusals import InvalidRequest
from app.store.moving import SECTIONS

WHAT = "coffer workspace"
FORMAT = 1
OTHER = (
    "The file was made by another version of Coffer. Bring both installations to the same "
    "version, and export again."
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a file. `seq` is the last line's number; credits are those at the instant.

    `audit` is the number and the seal of the last sealed line of the audit log, which stays.
    """

    what: str
    format: int
    columns: dict[str, list[str]]
    slug: str
    name: str
    created_at: str
    exported_at: str
    balance: int
    held: int
    seq: int
    audit: list[Any] | None


def columns() -> dict[str, list[str]]:
    """The columns of each section as this version knows them."""
    return {section.kind: section.columns for section in SECTIONS}


def spelled(manifest: Manifest) -> dict[str, Any]:
    """Spell a manifest for its line."""
    return asdict(manifest)


def read_manifest(line: list[Any]) -> Manifest:
    """Read the first line; `InvalidRequest` if this version can't read the rest."""
    if line[0] != "manifest" or len(line) != 2 or not isinstance(line[1], dict):  # noqa: PLR2004
        raise InvalidRequest("The file is no export of a workspace.")
    if (line[1].get("what"), line[1].get("format")) != (WHAT, FORMAT):
        raise InvalidRequest(OTHER)
    try:
        manifest = Manifest(**line[1])
    except TypeError:
        raise InvalidRequest(OTHER) from None
    if manifest.columns != columns():
        raise InvalidRequest(OTHER)
    return manifest
