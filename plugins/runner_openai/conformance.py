"""The conformance kit over the plugin: the real SDK, over HTTP, with the stand-in behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.conformance.running import RunnerBench, RunnerConformance
from app.hookspecs import AppRunner
from plugins.runner_openai import manifest
from plugins.runner_openai.runner import OpenAiRunner
from plugins.runner_openai.stand_in import StandIn, standing_in

DEFAULTS = {field.name: field.default for field in manifest.settings}


class OpenAiBench:
    """The runner, and a model that stands in."""

    prompt = "A page for a shop"

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        settings = {**DEFAULTS, "base_url": stand_in.base_url, "model": "stand-in"}
        self.runner: AppRunner = OpenAiRunner(settings)
        self.unready: AppRunner | None = OpenAiRunner(DEFAULTS)

    def go_away(self) -> bool:
        """Let the model fail."""
        self._stand_in.act = lambda answering: answering.refuse(401)
        return True


class TestOpenAi(RunnerConformance):
    """Any endpoint that speaks OpenAI's wire format."""

    @pytest.fixture
    def bench(self) -> Iterator[RunnerBench]:
        """Give the runner, with a model of its own."""
        with standing_in() as stand_in:
            yield OpenAiBench(stand_in)
