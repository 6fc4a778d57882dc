"""OpenAI: apps are generated and refined by any model that speaks OpenAI's wire format.

The SDK is loaded late, with the first task: who doesn't generate, pays nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.hookspecs import AppRunner, Manifest, SettingField, hookimpl
from plugins.runner_openai.runner import OpenAiRunner

manifest = Manifest(
    name="runner_openai",
    version="1.0",
    summary="Generates and refines apps with any model that speaks OpenAI's wire format.",
    settings=(
        SettingField(
            "base_url",
            "text",
            "Where the models are, such as https://api.openai.com/v1 or http://localhost:11434/v1.",
            "https://api.openai.com/v1",
        ),
        SettingField("api_key", "secret", "The key that the models ask for.", ""),
        SettingField("model", "text", "The model that writes apps.", ""),
        SettingField("connect_seconds", "integer", "How long to wait for a connection.", 10),
        SettingField("silence_seconds", "integer", "How long the model may say nothing.", 120),
    ),
    conformance="plugins.runner_openai.conformance",
)


@hookimpl
def app_runners(settings: Mapping[str, Any]) -> Sequence[AppRunner]:
    """Bring the runner."""
    return [OpenAiRunner(settings)]
