"""The runner: what it says of itself, and how it lets a model write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from app.hookspecs import Deployed, GaveUp, Piece, Progress, Removed, Step, Task, Wrote
from plugins.runner_openai.asking import messages
from plugins.runner_openai.reading import FileRead, Reader, TooMuch

if TYPE_CHECKING:
    from openai import OpenAI

WHERE = "The operator sets it under Administration, Plugins, runner_openai."
REFUSED = f"The model's provider refuses the key. {WHERE}"
STATUSES = {
    401: REFUSED,
    403: REFUSED,
    404: f"The model's provider doesn't know this model. {WHERE}",
    429: "The model's provider has too much to do for this key. Try again later.",
}


class OpenAiRunner:
    """Generates and refines by asking one model."""

    key, title, generates, deploys = "openai", "OpenAI", True, False

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def not_ready(self) -> str | None:
        """Name what isn't set: an address, a model; a key only where OpenAI itself is asked."""
        if not self._settings["base_url"] or not self._settings["model"]:
            return f"No model is set that writes apps (base_url, api_key, model). {WHERE}"
        if "api.openai.com" in self._settings["base_url"] and not self._settings["api_key"]:
            return f"OpenAI's key is not set (api_key). {WHERE}"
        return None

    def generate(self, task: Task) -> Iterator[Step]:
        """Ask the model, and give on what it writes."""
        missing = self.not_ready()
        if missing is not None:
            yield GaveUp(missing)
            return
        from httpx2 import HTTPError, InvalidURL  # late: importing the SDK takes a second
        from openai import OpenAIError

        try:
            yield from self._written(task)
        except TooMuch:
            yield GaveUp("The model writes more than an app may have. Ask for something smaller.")
        except InvalidURL:
            yield GaveUp(f"The model's address is none. {WHERE}")
        except (OpenAIError, HTTPError, ValueError) as error:
            yield GaveUp(_words(error))

    def deploy(self, task: Task) -> Deployed | GaveUp:
        """Say no: a model publishes nothing."""
        return GaveUp(f"A model can't put {task.app_name} on the web.")

    def _written(self, task: Task) -> Iterator[Step]:
        yield Progress(f"Asking {self._settings['model']}")
        reader, finish = Reader(), None
        with self._client() as client:
            stream: Any = client.chat.completions.create(
                model=self._settings["model"],
                messages=messages(task),  # type: ignore[arg-type]
                stream=True,
            )
            with stream:
                for chunk in stream:
                    if task.cancelled():
                        return
                    for choice in chunk.choices[:1]:
                        finish = choice.finish_reason or finish
                        text = choice.delta.content or ""
                        if text:
                            yield Piece(text)
                        yield from map(_step, reader.feed(text))
        reason = _cut(finish)
        if reason is not None:
            yield GaveUp(reason)
            return
        yield from map(_step, reader.end())
        if not reader.found:
            yield GaveUp("The model wrote no file. Say more clearly what you want, and try again.")

    def _client(self) -> OpenAI:
        from openai import OpenAI, Timeout

        silence = float(max(1, self._settings["silence_seconds"]))
        connect = float(max(1, self._settings["connect_seconds"]))
        return OpenAI(
            base_url=self._settings["base_url"],
            api_key=self._settings["api_key"] or "none",
            timeout=Timeout(silence, connect=connect),
            max_retries=1,
        )


def _step(read: FileRead) -> Step:
    if read.content is None:
        return Removed(read.path)
    return Wrote(read.path, read.content.encode())


def _cut(finish: str | None) -> str | None:
    """Say why what was written is not whole; None when it is."""
    match finish:
        case "stop":
            return None
        case "length":
            return "The model reached its limit before it was done. Ask for something smaller."
        case "content_filter":
            return "The model's provider refuses to write this."
        case None:
            return "The model broke off in the middle. Try again."
    return f"The model ended with “{finish[:40]}” instead of files."


def _words(error: Exception) -> str:
    """Say what went wrong between us and the model, in words for whoever waits."""
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, APITimeoutError):
        return "The model did not answer in time. Try again."
    if isinstance(error, APIConnectionError):
        return "The model can't be reached, or broke off. Try again, or tell the operator."
    if isinstance(error, APIStatusError):
        return STATUSES.get(
            error.status_code,
            f"The model's provider failed with status {error.status_code}. Try again.",
        )
    return "The model broke off in the middle. Try again."
