"""How plugins are called: in a thread of their own, with copies, for so long and no longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from app.plugin_manager.plugin import Failed, Hook, LeftAlone

# What is given as it is; everything else is copied for each plugin.
LENT = "host"
LONGEST_REASON = 500
LOOK_SECONDS = 0.1


def called(hook: Hook, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Call a hook with copies of the arguments that it takes."""
    copies = deepcopy({name: arguments[name] for name in hook.arguments if name != LENT})
    copies[LENT] = arguments.get(LENT)
    return hook.function(*(copies[name] for name in hook.arguments))


def in_time(
    work: Callable[[], Any],
    seconds: float,
    *,
    finally_: Callable[[], None] | None = None,
    meanwhile: Callable[[], bool] | None = None,
) -> Any:  # noqa: ANN401 - whatever the plugin answers
    """Run work in a thread of its own; `Failed` when it raises or is not done in time.

    The thread is a daemon: one that hangs holds up neither the caller nor the process's end.
    `meanwhile` is called again and again while the caller waits; it is `LeftAlone` when that is
    false.
    """
    done: list[Any] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - not even SystemExit may get through
            done.append(Failed(_words(error)))
        finally:
            if finally_ is not None:
                finally_()

    thread = threading.Thread(target=run, daemon=True, name="plugin")
    thread.start()
    if meanwhile is None:
        thread.join(seconds)
    elif not _watched(thread, time.monotonic() + seconds, meanwhile):
        return LeftAlone("nobody waits for it any more")
    return done[0] if done else Failed(f"it took longer than {seconds:g} s")


def _watched(thread: threading.Thread, until: float, meanwhile: Callable[[], bool]) -> bool:
    """Wait for a thread until an instant; False when nobody wants to wait any more."""
    while thread.is_alive() and time.monotonic() < until:
        if not meanwhile():
            return False
        thread.join(LOOK_SECONDS)
    return True


def _words(error: BaseException) -> str:
    """Say what a plugin raised; even that may raise again."""
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - an exception of a plugin's own making
        text = "it can't say what"
    return f"{type(error).__name__}: {text}"[:LONGEST_REASON]
