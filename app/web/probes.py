"""DOORS for machines: is the process alive, can it serve, and what did it measure."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, jsonify
from flask.typing import ResponseReturnValue

from app.services.readiness import NotReady, require_ready
from app.web import metrics

probes = Blueprint("probes", __name__)
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Open the three addresses at the root and begin to measure."""
    app.register_blueprint(probes)
    metrics.measure(app)


@probes.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process can answer at all."""
    return jsonify(status="ok")


@probes.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer whether the database can be reached and has every migration."""
    try:
        require_ready()
    except NotReady as reason:
        log.warning("not ready: %s", reason)
        return jsonify(status="not ready", reason=str(reason)), 503
    return jsonify(status="ready")


@probes.get("/metrics")
def read_metrics() -> ResponseReturnValue:
    """Give the measurements of all processes as Prometheus text."""
    return Response(metrics.as_text(), content_type=metrics.CONTENT_TYPE)
