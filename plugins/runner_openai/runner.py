"""The runner: what it says of itself, and what it does with a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.hookspecs import Deployed, GaveUp, Step, Task

WHERE = "The operator sets it under Administration, Plugins, runner_openai."


class OpenAiRunner:
    """Generates and refines by asking one model."""

    key, title, generates, deploys = "openai", "OpenAI", True, False

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def not_ready(self) -> str | None:
        """Name what isn't set: an address, a model; a key only where OpenAI itself is asked."""
        if not self._settings["base_url"] or not self._settings["model"]:
            return f"No model is set that writes apps. {WHERE}"
        if "api.openai.com" in self._settings["base_url"] and not self._settings["api_key"]:
            return f"OpenAI's key is not set. {WHERE}"
        return None

    def generate(self, task: Task) -> Iterator[Step]:
        """Ask the model, and give on what it writes."""
        yield GaveUp(self.not_ready() or f"Nothing was written for {task.app_name}.")

    def deploy(self, task: Task) -> Deployed | GaveUp:
        """Say no: a model publishes nothing."""
        return GaveUp(f"{task.app_name} is published by another runner.")
