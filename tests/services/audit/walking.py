"""Finds every verb that changes something, and watches which lines are noted while it runs."""

import ast
import importlib
import sys
from collections import defaultdict
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from app.services.audit import note as note_module

SERVICES = Path(__file__).resolve().parents[3] / "app" / "services"
OPENERS = {"transaction", "write_connection", "post_between", "change", "with_code"}


@cache
def mutating_verbs():
    """The public functions of services that open a transaction, themselves or in their module."""
    return frozenset(name for path in sorted(SERVICES.rglob("*.py")) for name in _in(path))


def _in(path):
    module = ".".join(path.relative_to(SERVICES).with_suffix("").parts)
    if module.startswith("audit."):
        return
    tree = ast.parse(path.read_text("utf-8"))
    named = {each.name: _names(each) for each in tree.body if isinstance(each, ast.FunctionDef)}
    opening = {name for name, names in named.items() if names & OPENERS - {name}}
    while more := {name for name, names in named.items() if names & opening} - opening:
        opening |= more
    yield from (f"{module}.{name}" for name in sorted(opening) if not name.startswith("_"))


def _names(function):
    return {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}


class Walk:
    """What was noted while each verb ran."""

    def __init__(self, monkeypatch):
        self.noted, self.kinds = [], defaultdict(set)
        self._open, self._codes = [], {}
        for name in mutating_verbs():
            module, _, verb = name.rpartition(".")
            code = getattr(importlib.import_module(f"app.services.{module}"), verb).__code__
            self._codes[code] = name
        add_line = note_module.add_line

        def counted(values, connection=None):
            add_line(values, connection)
            self.noted.append(values["kind"])

        monkeypatch.setattr(note_module, "add_line", counted)

    @contextmanager
    def watched(self):
        """Watch the verbs that run inside."""
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _see(self, frame, event, _argument):
        if frame.f_code not in self._codes:
            return
        if event == "call":
            self._open.append(len(self.noted))
        elif event == "return":
            self.kinds[self._codes[frame.f_code]] |= set(self.noted[self._open.pop() :])
