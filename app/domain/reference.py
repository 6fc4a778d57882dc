"""References: the ids that people and programs see, such as `app_12` or `tx_3_41`.

What belongs to a pool carries the pool first, so that every statement can name one pool
(DESIGN, Rules of the money path, 10).
"""

from __future__ import annotations

from app.domain.refusals import NotFound

_LARGEST = 2**63 - 1
_MOST_DIGITS = 19


def reference(kind: str, *numbers: int) -> str:
    """Spell a reference: `reference("tx", 3, 41)` is `"tx_3_41"`."""
    return "_".join((kind, *map(str, numbers)))


def numbers_of(kind: str, text: str, count: int) -> tuple[int, ...]:
    """Read a reference of that kind back; raise `NotFound` when it is none."""
    first, *rest = text.split("_")
    well_formed = all(
        part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS for part in rest
    )
    if first != kind or len(rest) != count or not well_formed:
        raise NotFound
    numbers = tuple(map(int, rest))
    if max(numbers) > _LARGEST:
        raise NotFound
    return numbers
