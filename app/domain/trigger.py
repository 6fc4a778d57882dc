"""Triggers: what may begin a run over the pools that are due."""

from __future__ import annotations

from enum import StrEnum


class Trigger(StrEnum):
    """What began a run."""

    SCHEDULER = "scheduler"
    COMMAND = "command"
    PAGE = "page"
