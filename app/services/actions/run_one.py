"""VERB of a worker: carry one action out, from the claim to its end.

No transaction is open while the runner works: it works in a thread of its own, while this one
writes its progress down, keeps the lease, and notices that the action was cancelled.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.action_run import ActionKind, RunState, short_of
from app.domain.reference import reference
from app.domain.refusals import NotFound, Refusal
from app.hookspecs import Deployed, GaveUp, Task
from app.plugin_manager import Failed, LeftAlone
from app.services.actions.claim import Claimed, claim, give_back, still_at_it
from app.services.actions.finish import Keep, Lost, fail, new_version, succeed
from app.services.actions.gather import Gathered
from app.services.actions.publish import deployment, wrong_deployment
from app.services.actions.runners import Runner, runner_of
from app.services.plugins.installed import installed
from app.store.action_runs import state_of

Clock = Callable[[], datetime]
RENEW_SECONDS = 15.0
SHOW_SECONDS = 0.4
LOOK_SECONDS = 1.0
NEVER = threading.Event()

log = logging.getLogger(__name__)


class Stopping(Exception):  # noqa: N818 - said as what it is
    """This process was told to stop."""


def run_one(worker: str, clock: Clock, minutes: int, stopping: threading.Event = NEVER) -> bool:
    """Carry out the action that has waited longest; False when none waits."""
    claimed = claim(worker, minutes, clock())
    if claimed is None:
        return False
    try:
        keep = _made(claimed, worker, clock, minutes, stopping)
        succeed(claimed.id, worker, keep, clock())
    except Lost:
        pass  # it was cancelled, or another has it: nothing of this is kept
    except Stopping:
        give_back(claimed.id, worker, clock())
    except NotFound:
        fail(claimed.id, "The app was deleted meanwhile.", clock(), worker)
    except Refusal as refusal:
        fail(claimed.id, refusal.detail, clock(), worker)
    return True


class _NotDone(Refusal):
    """The runner could not do it; the detail is for whoever waits."""

    code, title = "not_done", "It could not be done"


def _made(
    claimed: Claimed, worker: str, clock: Clock, minutes: int, stopping: threading.Event
) -> Keep:
    """Let the runner work; returns what keeps its result, or raises why there is none."""
    runner = runner_of(claimed.runner, clock())
    if runner is None:
        raise _NotDone("What was to do this is switched off or broken now.")
    gathered = Gathered(claimed.files, claimed.size)
    watch = _Watch(claimed, worker, clock, stopping, gathered)
    task = _task(claimed, gathered)
    is_deploy = claimed.kind is ActionKind.DEPLOY
    work = _deploying(runner, task) if is_deploy else _generating(runner, task, gathered)
    answer = installed().run(
        runner.plugin,
        f"{claimed.kind} by {runner.key}",
        work,
        wrong_deployment if is_deploy else _as_it_is,
        seconds=minutes * 60.0,
        meanwhile=watch.goes_on,
    )
    gathered.cancelled.set()
    if isinstance(answer, Failed):
        raise watch.why_over() if isinstance(answer, LeftAlone) else _failed(answer, minutes)
    watch.write_down()
    if is_deploy:
        if isinstance(answer, GaveUp):
            raise _NotDone(short_of(answer.reason) or "It gave no reason.")
        assert isinstance(answer, Deployed)
        return deployment(answer, reference("action", claimed.id), clock())
    reason = gathered.outcome(claimed.kind)
    if reason is not None:
        raise _NotDone(reason)
    return new_version(gathered.changes, clock())


def _task(claimed: Claimed, gathered: Gathered) -> Task:
    return Task(
        reference=reference("action", claimed.id),
        kind=claimed.kind.value,
        action=claimed.size.action,
        account=claimed.account,
        app=reference("app", claimed.app_id),
        app_name=claimed.app_name,
        prompt=claimed.prompt,
        version=None if claimed.version is None else str(claimed.version),
        files=dict(claimed.files),
        cancelled=gathered.cancelled.is_set,
    )


def _generating(runner: Runner, task: Task, gathered: Gathered) -> Callable[[], Any]:
    return lambda: gathered.generate(runner.runner, task)


def _deploying(runner: Runner, task: Task) -> Callable[[], Any]:
    return lambda: runner.runner.deploy(task)


def _as_it_is(mistake: Any) -> str | None:  # noqa: ANN401 - what `Gathered.generate` found wrong
    return mistake if isinstance(mistake, str) else None


def _failed(failure: Failed, minutes: int) -> _NotDone:
    if failure.reason.startswith("it took longer"):
        return _NotDone(f"It took longer than {minutes} minutes.")
    return _NotDone(f"What was to do this failed: {failure.reason}.")


class _Watch:
    """What is done while a runner works: progress is shown, the lease kept, the end noticed."""

    def __init__(
        self,
        claimed: Claimed,
        worker: str,
        clock: Clock,
        stopping: threading.Event,
        gathered: Gathered,
    ) -> None:
        self._claimed, self._worker, self._clock = claimed, worker, clock
        self._stopping, self._gathered = stopping, gathered
        self._last = claimed.last_step
        self._written = self._looked = time.monotonic()
        self._is_lost = False

    def goes_on(self) -> bool:
        """Look after the action; False when nobody waits for it any more."""
        try:
            self._look_after()
        except Refusal:
            raise
        except Exception:  # the database may be away for a moment; the lease says for how long
            log.exception("The action %s could not be looked after.", self._claimed.id)
        return not self._is_lost and not self._stopping.is_set()

    def write_down(self) -> None:
        """Write down what was said last."""
        self._write(self._gathered.shown())

    def why_over(self) -> Exception:
        """Say why nobody waits any more."""
        return Lost() if self._is_lost else Stopping()

    def _look_after(self) -> None:
        now = time.monotonic()
        if now - self._written >= SHOW_SECONDS:
            said = self._gathered.shown()
            if said or now - self._written >= RENEW_SECONDS:
                self._write(said)
                return
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._is_lost = state_of(self._claimed.id) != (RunState.RUNNING, self._worker)

    def _write(self, said: Any) -> None:  # noqa: ANN401 - a list of `Said`
        self._written = self._looked = time.monotonic()
        last = still_at_it(self._claimed.id, self._worker, self._last, said, self._clock())
        self._is_lost = last is None
        self._last = self._last if last is None else last
