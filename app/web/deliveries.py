"""DOOR for billing providers: `POST /plugins/<name>/events`. Whoever has no signature is nobody.

What can't be read or taken now is answered so that the provider sends it again.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue

from app.domain.refusals import NotFound
from app.extensions import csrf
from app.services.billing.events import NotBelieved, NotTaken, read_delivery
from app.web.portal import portal

deliveries = Blueprint("deliveries", __name__)
log = logging.getLogger(__name__)

TAKEN, NOT_BELIEVED, NOT_HERE, LATER = 200, 400, 404, 503


def register(app: Flask) -> None:
    """Open the address; it needs no token of a form, since nothing is done for a visitor."""
    csrf.exempt(deliveries)
    app.register_blueprint(deliveries)


@deliveries.post("/plugins/<name>/events")
def take_delivery(name: str) -> ResponseReturnValue:
    """Take what a provider sends."""
    now = portal().clock.now()
    try:
        count = read_delivery(name, request.get_data(), dict(request.headers), now)
    except NotFound:
        return _said("There is nothing here.", NOT_HERE)
    except NotBelieved:
        return _said("The signature is not right.", NOT_BELIEVED)
    except NotTaken as reason:
        log.warning("A delivery for the plugin %s could not be read: %s", name, reason)
        return _said("It can't be read now. Send it again later.", LATER)
    return _said(f"Taken: {count}.", TAKEN)


def _said(words: str, status: int) -> ResponseReturnValue:
    return words + "\n", status, {"Content-Type": "text/plain; charset=utf-8"}
