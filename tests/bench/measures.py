"""The measures. Each returns rows for the table: what, figure, unit, floor, goal."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from statistics import median

import httpx
import orjson
import psutil

from app.domain.command import Deduct
from app.domain.transaction import Attribution
from app.services.credits.ledger import commit
from app.services.credits.post import Entry
from app.services.workspaces.open import start_workspace
from app.store.database import db
from tests.bench import crowd, pages, renewal
from tests.bench.installation import OWNER, START, Installation, database, fill, installed, served
from tests.bench.load import Load, Target, press

DEDUCT, EMPTY, ORM, ALONE = "/api/v1/deductions", "/bench/empty", "/bench/orm", "/bench/alone"
SLOW_FLUSH_US = 2_500


@dataclass(frozen=True)
class Row:
    """One line of the table. `at_least` tells whether floor and goal are minima or maxima."""

    measure: str
    figure: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    at_least: bool = True

    def verdict(self) -> str:
        """Tell whether floor and goal are reached."""
        if self.floor is None or self.goal is None:
            return ""
        sign = 1 if self.at_least else -1
        if sign * self.figure >= sign * self.goal:
            return "goal"
        return "floor" if sign * self.figure >= sign * self.floor else "BELOW THE FLOOR"


@dataclass(frozen=True)
class Effort:
    """How long and how often to measure."""

    seconds: float
    rounds: int
    lines: int
    pools: int
    due: int
    page_lines: int = 1_000_000


def hot_pool(kind: str, effort: Effort) -> Iterator[Row]:
    """Single deductions over HTTP on one pool, against doing nothing and against objects."""
    floor = 0.35 if kind == "postgresql" else 0.30
    with database(kind) as url, installed(url) as installation, served(installation) as target:
        best = 0.0
        for connections in (32, 128):
            paths = (EMPTY, DEDUCT, ORM)
            runs = _interleaved(target, paths, connections, effort)
            ours, nothing, objects = (_rate(runs[path]) for path in (DEDUCT, EMPTY, ORM))
            best = max(best, ours)
            where = f"{kind}, hot pool, {connections} connections"
            yield Row(f"{where}: deductions", ours, "/s")
            yield Row(f"{where}: against the empty endpoint", ours / nothing, "x", floor, 0.8)
            yield Row(f"{where}: against objects per request", ours / objects, "x", 10, 25)
            yield Row(f"{where}: p50", median(run.p50 for run in runs[DEDUCT]), "ms")
            yield Row(f"{where}: errors", sum(run.errors for run in runs[DEDUCT]), "", 0, 0, False)
        yield _p99_at_half_load(kind, target, best, effort)
        yield _batches(kind, target, effort)


def slow_flush(effort: Effort) -> Iterator[Row]:
    """Group commit against one commit per request, where a flush takes 2.5 ms longer."""
    slow = {"commit_delay": str(SLOW_FLUSH_US), "commit_siblings": "0"}
    with (
        database("postgresql", **slow) as url,
        installed(url) as installation,
        served(installation) as target,
    ):
        runs = _interleaved(target, (DEDUCT, ALONE), 128, effort)
        ratio = _rate(runs[DEDUCT]) / _rate(runs[ALONE])
        name = "postgresql, flush 2.5 ms longer: group commit against one commit each"
        yield Row(name, ratio, "x", 10, 20)


def spread(kind: str, effort: Effort) -> Iterator[Row]:
    """Single deductions over a thousand pools, against one pool."""
    with database(kind) as url, installed(url) as installation:
        for number in range(1, effort.pools + 1):
            name = f"hot-{number}"
            fill(start_workspace(OWNER, name, name, "business", START, START).id, START)
        db.session.remove()
        with served(installation) as target:
            wide = replace(target, accounts=effort.pools)
            press(wide, DEDUCT, 64, effort.seconds)
            one, many = [], []
            for _ in range(effort.rounds):
                one.append(press(target, DEDUCT, 64, effort.seconds))
                many.append(press(wide, DEDUCT, 64, effort.seconds))
            ratio = _rate(many) / _rate(one)
            yield Row(f"{kind}, {effort.pools} pools against one", ratio, "x", 0.6, 1.0)


def growth(kind: str, effort: Effort) -> Iterator[Row]:
    """Latency of a deduction as the history grows."""
    with database(kind) as url, installed(url) as installation:
        young = _latency(installation)
        crowd.crowd(installation)
        crowd.deduct_for_a_month(installation, effort.lines)
        old = _latency(installation)
        where = f"{kind}, {effort.lines:,} transactions"
        yield Row(f"{where}: latency against a young pool", old / young, "x", 1.3, 1.05, False)


def page_speed(kind: str, effort: Effort) -> Iterator[Row]:
    """The server's time for pages of a workspace with many lines and ten thousand members."""
    with database(kind) as url, installed(url) as installation:
        pages.prepare(installation, effort.page_lines)
        where = f"{kind}, {effort.page_lines:,} transactions, {crowd.MEMBERS:,} members"
        client = installation.signed_in()
        for name, path in pages.PAGES.items():
            yield Row(f"{where}: {name}", pages.time_of(client, path), "ms", 100, 30, False)


def cycle(kind: str, effort: Effort) -> Iterator[Row]:
    """Pools renewed per second when many are due at once, and how long one is locked."""
    floor, goal = (8_000, 22_000) if kind == "postgresql" else (20_000, 65_000)
    with database(kind) as url, installed(url):
        at = renewal.workspaces(effort.due)
        db.session.remove()
        with_objects = renewal.renew_with_objects(at)
        done = renewal.renew(at)
    where = f"{kind}, {effort.due:,} pools due at once"
    yield Row(f"{where}: renewed", done.per_second, "/s", floor, goal)
    yield Row(f"{where}: against objects, one commit each", done.per_second / with_objects, "x")
    longest = done.longest_chunk * 1_000
    yield Row(f"{where}: longest lock of a pool", longest, "ms", 250, 60, False)


def footprint() -> Iterator[Row]:
    """Import time of the command, and memory of one worker at rest."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "app.cli", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        times.append(time.perf_counter() - began)
    yield Row("`coffer --help`", median(times), "s", 1.0, 0.4, False)
    with database("sqlite") as url, installed(url) as installation, served(installation) as target:
        httpx.get(f"http://127.0.0.1:{target.port}/healthz").raise_for_status()
        workers = [
            child.memory_info().rss
            for process in psutil.Process().children()
            for child in process.children()
        ]
        yield Row("memory of one worker at rest", max(workers) / 2**20, "MiB", 120, 80, False)


def _interleaved(
    target: Target, paths: tuple[str, ...], connections: int, effort: Effort
) -> dict[str, list[Load]]:
    runs: dict[str, list[Load]] = {path: [] for path in paths}
    for path in paths:
        press(target, path, connections, 1)
    for _ in range(effort.rounds):
        for path in paths:
            runs[path].append(press(target, path, connections, effort.seconds))
    return runs


def _rate(runs: list[Load]) -> float:
    return median(run.per_second for run in runs)


def _p99_at_half_load(kind: str, target: Target, best: float, effort: Effort) -> Row:
    """Measure with as many connections as give about half of the highest load."""
    found = press(target, DEDUCT, 1, effort.seconds)
    for connections in (2, 4, 8, 16):
        if found.per_second >= best / 2:
            break
        found = press(target, DEDUCT, connections, effort.seconds)
    return Row(f"{kind}, hot pool at half load: p99", found.p99, "ms", 50, 20, False)


def _batches(kind: str, target: Target, effort: Effort) -> Row:
    """Deductions per second through the batch endpoint, 1,000 per call, from four callers."""
    deadline = time.monotonic() + effort.seconds * effort.rounds

    def send(_: int) -> int:
        done = 0
        headers = {"Authorization": f"Bearer {target.token}", "Content-Type": "application/json"}
        with httpx.Client(base_url=f"http://127.0.0.1:{target.port}", headers=headers) as client:
            while time.monotonic() < deadline:
                answer = client.post(
                    "/api/v1/deductions/batch", content=_batch(target), timeout=60
                ).raise_for_status()
                statuses = [result["status"] for result in orjson.loads(answer.content)["results"]]
                assert set(statuses) == {201}
                done += len(statuses)
        return done

    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(send, range(4)))
    rate = done / (time.monotonic() - began)
    bounds = (20_000, 75_000) if kind == "postgresql" else (None, None)
    return Row(f"{kind}, batches of 1,000, one pool", rate, "/s", *bounds)


def _batch(target: Target) -> bytes:
    nonce = uuid.uuid4().hex
    return orjson.dumps(
        {
            "deductions": [
                {
                    "account": target.account,
                    "member": target.member,
                    "action": "deploy",
                    "idempotency_key": f"{nonce}-{number}",
                }
                for number in range(1_000)
            ]
        }
    )


def _latency(installation: Installation) -> float:
    """The median time of one deduction in this process, in milliseconds."""
    now = START + timedelta(days=1)

    def once(number: int) -> None:
        entry = Entry(Deduct(1, Attribution(1, None, "deploy", 1)), uuid.uuid4().hex, "bench")
        commit({installation.hot_pool: [entry]}, now + timedelta(seconds=number))

    return median(crowd.timed(lambda number=number: once(number)) for number in range(300))  # type: ignore[misc]


def as_json(row: Row) -> dict[str, object]:
    """Spell a row for bench.json."""
    return {**asdict(row), "verdict": row.verdict()}
