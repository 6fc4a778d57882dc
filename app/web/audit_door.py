"""DOORS, for the audit log: says once for each request from where it came.

Who came is said where that is found out: by the session (`login.py`), by a token (`api/gate.py`),
by a directory's token (`scim/answers.py`).
"""

from __future__ import annotations

from flask import Flask, request

from app.domain.audit_line import Door
from app.services.audit.door import come_through, go_out

BLUEPRINTS = {"api": Door.API, "scim": Door.SCIM, "deliveries": Door.EVENT}
SSO = "/sso/"


def register(app: Flask) -> None:
    """Stand at every door, before anything else does."""
    app.before_request_funcs.setdefault(None, []).insert(0, _come)
    app.teardown_request(_go)


def _come() -> None:
    door = BLUEPRINTS.get(request.blueprint or "")
    if door is None:
        door = Door.SSO if request.path.startswith(SSO) else Door.PAGE
    come_through(door, request.remote_addr or "", request.headers.get("User-Agent", ""))


def _go(_error: BaseException | None) -> None:
    go_out()
