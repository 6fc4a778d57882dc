"""What a runner says while it works, as far as it may be believed: judged step by step, bounded.

The plugin's thread puts steps in; the worker's thread takes out what is to be shown.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.action_run import ActionKind, Size, short_of, sound
from app.domain.app_file import MOST_VERSION_BYTES, path_from, require_size, require_total
from app.domain.refusals import Refusal
from app.hookspecs import AppRunner, GaveUp, Piece, Progress, Removed, Task, Wrote
from app.store.action_runs import Said

LONGEST_SHOWN = 300_000  # letters of one action's progress
LONGEST_LINE = 300
MOST_LINES = 2_000
MOST_STEPS = 1_000_000
STEPS = (Progress, Piece, Wrote, Removed, GaveUp)


class Gathered:
    """What came of a generation so far. `gave_up` is the reason why nothing will come of it."""

    def __init__(self, base: Mapping[str, bytes], size: Size) -> None:
        self.changes: dict[str, bytes | None] = {}
        self.gave_up: str | None = None
        self.cancelled = threading.Event()
        self._base, self._size = base, size
        self._lock = threading.Lock()
        self._said: list[Said] = []
        self._shown = self._lines = 0

    def generate(self, runner: AppRunner, task: Task) -> str | None:
        """Let a runner generate; returns what is wrong with its answers. Runs in its thread."""
        steps: Any = runner.generate(task)
        if not isinstance(steps, Iterator):
            return f"`generate` answered with {type(steps).__name__}; answer an iterator of steps"
        for count, step in enumerate(steps):
            mistake = _wrong(step)
            if mistake is not None or count > MOST_STEPS:
                return mistake or "it never ends"
            self._take(step)
            if self.gave_up is not None or self.cancelled.is_set():
                break
        close = getattr(steps, "close", None)
        if close is not None:
            close()
        return None

    def outcome(self, kind: ActionKind) -> str | None:
        """Say why nothing can be kept of what was made; None when it can."""
        if self.gave_up is not None:
            return self.gave_up
        changed = {p: c for p, c in self.changes.items() if self._base.get(p) != c}
        if not changed:
            return "Nothing was written." if kind is ActionKind.GENERATE else "Nothing was changed."
        return None

    def say(self, kind: str, text: str) -> None:
        """Have something shown to whoever waits."""
        with self._lock:
            if self._shown >= LONGEST_SHOWN or self._lines >= MOST_LINES:
                return
            text = sound(text)[: LONGEST_SHOWN - self._shown]
            self._shown += len(text)
            last = self._said[-1] if self._said else None
            if kind == "piece" and last is not None and last.kind == "piece":
                self._said[-1] = Said(kind, last.text + text)
            elif text:
                self._lines += 1
                self._said.append(Said(kind, text))

    def shown(self) -> list[Said]:
        """Take what is to be shown and was not taken yet."""
        with self._lock:
            said, self._said = self._said, []
        return said

    def _take(self, step: Any) -> None:  # noqa: ANN401 - one of the five, judged before
        match step:
            case Progress(text):
                self.say("progress", short_of(text, LONGEST_LINE))
            case Piece(text):
                self.say("piece", text)
            case GaveUp(reason):
                self.gave_up = short_of(reason) or "It gave no reason."
            case Wrote(path, content):
                self._change(path, content)
            case Removed(path):
                self._change(path, None)

    def _change(self, path: str, content: bytes | None) -> None:
        try:
            path = path_from(sound(path))
            if content is not None:
                require_size(path, len(content))
            self.changes[path] = content
            require_total(sum(len(one) for one in self.changes.values() if one is not None))
        except Refusal as refusal:
            self.gave_up = short_of(f"What was written can't be kept: {refusal.detail}")
            return
        if len(self.changes) > self._size.most_files:
            self.gave_up = _too_many(self._size)
            return
        self.say("file", path if content is not None else f"{path} (removed)")


def _too_many(size: Size) -> str:
    most = "one file" if size.most_files == 1 else f"{size.most_files} files"
    return f"This needs more than {most}, which is what {size.action} makes. Choose a larger size."


def _wrong(step: Any) -> str | None:  # noqa: ANN401 - whatever a plugin answers
    """Say what is wrong with a step. Exact types: a subclass may bite when read."""
    if type(step) not in STEPS:
        return f"it answered with {type(step).__name__}; answer Progress, Piece, Wrote or GaveUp"
    for name in ("text", "reason", "path"):
        if hasattr(step, name) and type(getattr(step, name)) is not str:
            return f"the {name} of its {type(step).__name__} is no text"
    if isinstance(step, Wrote):
        if type(step.content) is not bytes:
            return "the content of what it wrote is no bytes"
        if len(step.content) > MOST_VERSION_BYTES:
            return "what it wrote is larger than any version"
    return None
