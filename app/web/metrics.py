"""DOORS, measurements: how many requests, of which route and outcome, and how long they took."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask, Response, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_TYPE = CONTENT_TYPE_LATEST
ROUTE = "coffer.route"
# `coffer serve` names a folder here, in which its processes add up what each of them measured.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = Histogram(
    "coffer_request_seconds",
    "Requests and the seconds until their answer began.",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
# Looking a child up by its labels costs more than observing: each is looked up once.
_children: dict[tuple[str, str, str], Histogram] = {}


class Measured:
    """A WSGI application around another. A thin route names itself in `environ[ROUTE]`."""

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self._wsgi_app = wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on and note when its answer began."""
        began = perf_counter()

        def noting(status: str, *rest: Any) -> Any:  # noqa: ANN401 - as WSGI has it
            _observe(environ, status[0], perf_counter() - began)
            return start_response(status, *rest)

        return self._wsgi_app(environ, noting)


def measure(app: Flask) -> None:
    """Measure every request of the application."""

    @app.after_request
    def name_route(response: Response) -> Response:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else "none"
        return response

    app.wsgi_app = Measured(app.wsgi_app)  # type: ignore[method-assign]


def as_text() -> bytes:
    """Spell the measurements of all processes as Prometheus text."""
    if SHARED_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return generate_latest(shared)


class Served(NamedTuple):
    """What all processes served since they began; `slow` are requests that took over a second."""

    requests: int
    failed: int
    slow: int
    mean_ms: float


def summary() -> Served:
    """Add the measurements of all processes up."""
    requests = failed = in_time = 0.0
    seconds = 0.0
    for family in text_string_to_metric_families(as_text().decode()):
        for sample in family.samples if family.name == "coffer_request_seconds" else ():
            if sample.name.endswith("_count"):
                requests += sample.value
                failed += sample.value * (sample.labels["status"] == "5xx")
            elif sample.name.endswith("_sum"):
                seconds += sample.value
            elif sample.labels.get("le") in ("1.0", "1"):
                in_time += sample.value
    mean = 1000 * seconds / requests if requests else 0.0
    return Served(int(requests), int(failed), int(requests - in_time), mean)


def _observe(environ: WSGIEnvironment, status: str, seconds: float) -> None:
    method = environ["REQUEST_METHOD"]
    key = (method if method in _METHODS else "other", environ.get(ROUTE, "none"), f"{status}xx")
    child = _children.get(key)
    if child is None:
        child = _children[key] = _SECONDS.labels(*key)
    child.observe(seconds)
