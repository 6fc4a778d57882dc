"""Actions on apps: what they may be, which price they are paid by, and how they go on and end.

Source: PRODUCT, "Plans, prices and packs" and "The pool", 5. An action costs what its size says,
and makes no more than its size allows. The size is chosen before it starts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from app.domain.name import is_plain
from app.domain.refusals import Conflict, InvalidRequest

LONGEST_PROMPT = 20_000
LONGEST_ERROR = 500
MOST_WAITING = 10  # actions of one account that are queued or running
MOST_ATTEMPTS = 3
LEASE = timedelta(seconds=60)
LONGEST_QUEUE = timedelta(minutes=30)
HOLD_MARGIN = timedelta(minutes=15)  # a hold outlives what it pays for by so much


class ActionKind(StrEnum):
    """What is done with an app."""

    GENERATE = "generate"
    REFINE = "refine"
    DEPLOY = "deploy"


class RunState(StrEnum):
    """How an action stands. Of the last three exactly one is final, and then its hold is over."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.FAILED, RunState.CANCELLED}),
    RunState.RUNNING: frozenset(
        {RunState.QUEUED, RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}
    ),
}


def moved(state: RunState, to: RunState) -> RunState:
    """Move on, or raise `Conflict` where that can't be."""
    if to not in MOVES.get(state, frozenset()):
        raise Conflict(f"This action is {state} already.")
    return to


def after_crash(kind: ActionKind, attempts: int) -> RunState:
    """What becomes of an action whose process died.

    To deploy again changes nothing more, so it is tried again, some times. A generation may have
    cost its maker something already, and whoever waits should say whether they want it again.
    """
    again = kind is ActionKind.DEPLOY and attempts < MOST_ATTEMPTS
    return RunState.QUEUED if again else RunState.FAILED


def after_stop(attempts: int) -> RunState:
    """What becomes of an action whose process was told to stop: another takes it, some times."""
    return RunState.QUEUED if attempts < MOST_ATTEMPTS else RunState.FAILED


@dataclass(frozen=True, slots=True)
class Size:
    """How much an action may make, and the key of the price that it is paid by.

    `most_files` is how many files it may write or remove.
    """

    action: str
    words: str
    most_files: int


SIZES: Mapping[ActionKind, tuple[Size, ...]] = {
    ActionKind.GENERATE: (
        Size("generate.simple", "One file", 1),
        Size("generate.standard", "Several files, up to 30", 30),
        Size("generate.fullstack", "Backend and database too, up to 200 files", 200),
    ),
    ActionKind.REFINE: (
        Size("refine.simple", "A small change, in up to 3 files", 3),
        Size("refine.complex", "A larger change, in up to 200 files", 200),
    ),
    ActionKind.DEPLOY: (Size("deploy", "Put it on the web", 0),),
}

_LARGE = re.compile(
    r"\b(database|backend|back-end|server|api|login|log in|sign in|accounts?|users?|sql|rest)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(pages|files|components?|routes|tests?|multi-?page|modules?|stylesheet)\b", re.IGNORECASE
)
_SMALL_PROMPT = 300
_FEW_FILES = 3


class Suggestion(NamedTuple):
    """The size that fits what is asked, and why."""

    size: Size
    why: str


def size_named(kind: ActionKind, action: str) -> Size:
    """Find a size by the key of its price, or raise `InvalidRequest`."""
    for size in SIZES[kind]:
        if size.action == action:
            return size
    keys = ", ".join(size.action for size in SIZES[kind])
    raise InvalidRequest.of("action", f"To {kind} choose one of {keys}.")


def suggest(kind: ActionKind, prompt: str, files: int) -> Suggestion:
    """Suggest a size from what is asked and how many files there are; anybody may choose another.

    Generate: `fullstack` where the request names a server's matters (a database, an API, people
    who sign in); `standard` where it names several pages or files or is long; else `simple`.
    Refine: `simple` for a short request on an app of few files, else `complex`.
    """
    if kind is ActionKind.DEPLOY:
        return Suggestion(SIZES[kind][0], "There is one price.")
    if kind is ActionKind.REFINE:
        return _to_refine(len(prompt) > _SMALL_PROMPT, files)
    return _to_generate(prompt)


def _to_refine(is_long: bool, files: int) -> Suggestion:
    small, large = SIZES[ActionKind.REFINE]
    if is_long or files > _FEW_FILES:
        why = "the request is long" if is_long else f"the app has {files} files"
        return Suggestion(large, f"Suggested because {why}.")
    return Suggestion(small, "Suggested because the request is short and the app small.")


def _to_generate(prompt: str) -> Suggestion:
    simple, standard, fullstack = SIZES[ActionKind.GENERATE]
    for size, pattern in ((fullstack, _LARGE), (standard, _SEVERAL)):
        if found := pattern.search(prompt):
            return Suggestion(size, f"Suggested because the request says “{found[0]}”.")
    if len(prompt) > _SMALL_PROMPT:
        return Suggestion(standard, "Suggested because the request is long.")
    return Suggestion(simple, "Suggested because the request is short.")


def prompt_from(text: str, kind: ActionKind) -> str:
    """Read what is asked for; to deploy nothing has to be said."""
    prompt = text.replace("\r\n", "\n").strip()
    if kind is ActionKind.DEPLOY:
        return ""
    if not prompt:
        raise InvalidRequest.of("prompt", "Say what you want, in your own words.")
    if len(prompt) > LONGEST_PROMPT:
        raise InvalidRequest.of("prompt", f"Use at most {LONGEST_PROMPT:,} characters.")
    if sound(prompt) != prompt or not all(x in "\n\t" or is_plain(x) for x in prompt):
        raise InvalidRequest.of("prompt", "Use no control characters.")
    return prompt


def why_of(kind: ActionKind, prompt: str, longest: int) -> str:
    """What the new version says of itself: one line."""
    words = "Generated" if kind is ActionKind.GENERATE else "Refined"
    line = " ".join("".join(x if is_plain(x) else " " for x in sound(prompt)).split())
    said = unicodedata.normalize("NFC", f"{words}: {line}")
    return said if len(said) <= longest else said[: longest - 1].rstrip() + "…"


def sound(text: str) -> str:
    """A text that can be kept: halves of letters and what ends texts elsewhere become “?”."""
    return text.replace("\x00", "?").encode("utf-8", "replace").decode()


def short_of(text: str, longest: int = LONGEST_ERROR) -> str:
    """A reason that somebody else's program gave, as one line that may be shown."""
    line = " ".join("".join(x if is_plain(x) else " " for x in sound(text)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
