"""The conformance kit over the plugin, which needs nobody outside."""

from __future__ import annotations

import pytest

from app.conformance.running import RunnerBench, RunnerConformance
from app.hookspecs import AppRunner
from plugins.runner_static import StaticRunner


class StaticBench:
    """The runner as it is: nothing is to be set, nobody can be away."""

    prompt = "a shop"
    unready: AppRunner | None = None

    def __init__(self) -> None:
        self.runner: AppRunner = StaticRunner()

    def go_away(self) -> bool:
        """It needs nobody."""
        return False


class TestStatic(RunnerConformance):
    """What is published as it is."""

    @pytest.fixture
    def bench(self) -> RunnerBench:
        """Give the runner."""
        return StaticBench()
