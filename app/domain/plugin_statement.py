"""A statement of a plugin: it names the plugin's own tables, and nobody else's.

A guard-rail, not a wall: a plugin runs inside Coffer's process. It keeps an honest plugin from
resting on tables that change without notice, and finds a mistake before it does harm.
"""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import pairwise

READS = frozenset({"select", "with"})
WRITES = frozenset({"insert", "update", "delete", "with"})
CHANGES = frozenset({"insert", "update", "delete", "into", "merge"})
BEFORE_A_TABLE = frozenset({"from", "join", "into", "update", "table", "only"})
INSIDE = re.compile(r"pg_|sqlite_|information_schema$|query_to_xml|table_to_xml|cursor_to_xml|lo_")

# Text with escapes (E'…', U&'…') is refused: where it ends differs between databases.
TOKEN = re.compile(
    r"""(?P<refused>\b[eu]&?(?=['"])|--|/\*|;|\$|\\)"""
    r"""|(?P<text>'(?:[^']|'')*')|"(?P<quoted>(?:[^"]|"")*)"|(?P<value>::?\w+)"""
    r"""|(?P<word>[^\W\d]\w*)|(?P<sign>\d+|\S)""",
    re.IGNORECASE,
)


class NotOwn(Exception):  # noqa: N818 - the reason why a statement is refused
    """The statement is not one on the plugin's own tables; the text says why, for its author."""


def table_prefix(plugin: str) -> str:
    """What the names of a plugin's tables begin with."""
    return f"{plugin}_"


def require_read(sql: str, foreign: Container[str]) -> None:
    """Raise `NotOwn` unless it is one SELECT. `foreign` names what is not the plugin's."""
    tokens = _tokens(sql)
    _require_first(tokens, READS)
    for kind, text in tokens:
        if kind == "word" and text in CHANGES:
            raise NotOwn(f"{text.upper()} changes rows: give it to `write`.")
    _require_own(tokens, foreign)


def require_write(sql: str, foreign: Container[str]) -> None:
    """Raise `NotOwn` unless it is one INSERT, UPDATE or DELETE on the plugin's tables."""
    tokens = _tokens(sql)
    _require_first(tokens, WRITES)
    _require_own(tokens, foreign)


def _tokens(sql: str) -> list[tuple[str, str]]:
    """Split a statement into its parts, in small letters: so SQL reads words without quotes."""
    parts = [(match.lastgroup or "", match.group()) for match in TOKEN.finditer(sql)]
    for kind, text in parts:
        if kind == "refused":
            raise NotOwn(f"`{text}` is not taken: one plain statement, its values as :name.")
    return [
        (kind, text.strip('"').lower() if kind == "quoted" else text.lower())
        for kind, text in parts
    ]


def _require_first(tokens: list[tuple[str, str]], allowed: frozenset[str]) -> None:
    if not tokens or tokens[0][1] not in allowed:
        expected = ", ".join(sorted(word.upper() for word in allowed))
        raise NotOwn(f"A statement begins with one of {expected} here.")


def _require_own(tokens: list[tuple[str, str]], foreign: Container[str]) -> None:
    for (_, before), (kind, text) in pairwise([("sign", ""), *tokens]):
        named = text.strip("'") if kind == "text" and before in BEFORE_A_TABLE else None
        if kind in {"word", "quoted"} and before != ".":
            named = text
        if named is not None and (named in foreign or INSIDE.match(named)):
            raise NotOwn(
                f"“{named}” is not this plugin's. A column of that name is written with its "
                f"table before it: t.{named}."
            )
