"""Whether an object that a plugin brings is what the contract's Protocol asks for, by its names.

What the object does is the conformance kit's matter; here it is only made sure that Coffer finds
each attribute and may call each method as it will.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from app.plugin_manager.finding import NAME


def wrong_with(brought: object, protocol: type) -> str | None:
    """Say what an object lacks of a Protocol; None when nothing."""
    for name, member in _members(protocol):
        if not hasattr(brought, name):
            return f"its {protocol.__name__} {type(brought).__name__} has no `{name}`"
        if isinstance(member, FunctionType):
            mistake = _wrong_call(getattr(brought, name), member)
            if mistake is not None:
                return f"`{name}` of its {type(brought).__name__} {mistake}"
    return None


def wrong_key(brought: Any) -> str | None:  # noqa: ANN401 - whatever a plugin brings
    """Say what is wrong with the key and title by which it is known."""
    if not isinstance(brought.key, str) or not NAME.fullmatch(brought.key):
        return f"its key {brought.key!r} must be small letters, digits and _, 2 to 40 of them"
    if not isinstance(brought.title, str) or not brought.title.strip():
        return f"its title {brought.title!r} is no text"
    return None


def _members(protocol: type) -> Iterator[tuple[str, object]]:
    for name, member in vars(protocol).items():
        if not name.startswith("_") and isinstance(member, property | FunctionType):
            yield name, member


def _wrong_call(method: Any, asked: FunctionType) -> str | None:  # noqa: ANN401
    """Say why a method can't be called as the Protocol's is."""
    if not callable(method):
        return "can't be called"
    wanted = list(inspect.signature(asked).parameters.values())[1:]
    given = [each.name for each in wanted if each.kind is not each.KEYWORD_ONLY]
    named = {each.name: None for each in wanted if each.kind is each.KEYWORD_ONLY}
    try:
        inspect.signature(method).bind(*given, **named)
    except TypeError:
        return f"doesn't take ({', '.join(each.name for each in wanted)})"
    except ValueError:
        return None  # made elsewhere than in Python: nobody can tell
    return None
