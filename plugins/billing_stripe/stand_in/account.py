"""One account at the stand-in: its objects, its events, and what tests do to it."""

from __future__ import annotations

import itertools
import json
import secrets
import threading
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import stripe

from app.hookspecs import Delivery
from plugins.billing_stripe.stand_in.wire import Json, missing

DAY = 24 * 3600


class Account:
    """What belongs to one secret key. Hold `lock` to look or change."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.objects: dict[str, Json] = {}
        self.events: list[Json] = []
        self.webhook_secrets = ["whsec_" + secrets.token_hex(16)]
        # What the next charge meets with, in the words of the conformance kit.
        self.fate = "process"
        self.requests: list[tuple[str, str, Json]] = []
        # Faults of the way: nothing arrives; so many answers get lost; answers by status.
        self.is_away = False
        self.answers_to_lose = 0
        self.failures: list[tuple[int, Json, dict[str, str]]] = []
        self.seconds_of_delay = 0.0
        self._numbers = itertools.count(1)
        self._delivered = 0

    def seconds(self) -> int:
        """Tell the time as Stripe does."""
        return int(self.now().timestamp())

    def add(self, prefix: str, kind: str, **values: Any) -> Json:  # noqa: ANN401 - JSON
        """Make an object."""
        name = f"{prefix}_{next(self._numbers):06}{secrets.token_hex(6)}"
        made = {"id": name, "object": kind, "created": self.seconds(), "livemode": False, **values}
        self.objects[name] = made
        return made

    def get(self, kind: str, name: str, param: str = "id") -> Json:
        """Give an object, or refuse as Stripe does."""
        found = self.objects.get(name)
        if found is None or found["object"] != kind:
            raise missing(kind, name, param)
        return found

    def all(self, kind: str, **values: Any) -> list[Json]:  # noqa: ANN401
        """List objects with these values, the newest first."""
        return [
            each
            for each in reversed(self.objects.values())
            if each["object"] == kind and all(each.get(k) == v for k, v in values.items())
        ]

    def emit(self, kind: str, thing: Json) -> None:
        """Write an event of an object as it is now."""
        self.events.append(
            {
                "id": f"evt_{next(self._numbers):06}{secrets.token_hex(6)}",
                "object": "event",
                "api_version": stripe.api_version,
                "created": self.seconds(),
                "data": {"object": deepcopy(thing)},
                "livemode": False,
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
                "type": kind,
            }
        )

    def deliveries(self) -> list[Delivery]:
        """Hand over the events since this was asked last."""
        with self.lock:
            fresh, self._delivered = self.events[self._delivered :], len(self.events)
        return [self.delivery_of(event) for event in fresh]

    def delivery_of(self, event: Json) -> Delivery:
        """Sign an event as Stripe does: once for each secret that is in use."""
        at, body = self.now(), json.dumps(event, indent=2)
        stamp = int(at.timestamp())
        signed = (
            stripe.WebhookSignature.generate_signature_header(body, secret, stamp)
            for secret in self.webhook_secrets
        )
        header = f"t={stamp}," + ",".join(each.partition(",")[2] for each in signed)
        headers = {"Stripe-Signature": header, "Content-Type": "application/json; charset=utf-8"}
        return Delivery(body.encode(), headers, at)

    def with_key(self, kind: str, key: str) -> Json | None:
        """Find an object by the key that Coffer wrote on it."""
        found: Iterable[Json] = self.all(kind)
        return next((each for each in found if each["metadata"].get("coffer_key") == key), None)


def at_second(seconds: int) -> datetime:
    """Read a time as Stripe tells it."""
    return datetime.fromtimestamp(seconds, UTC)
