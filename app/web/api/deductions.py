"""DOORS, API: deductions. The hot one is one function, which Flask and the fast lane both call."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.refusals import (
    Conflict,
    IdempotencyConflict,
    InsufficientCredits,
    InvalidRequest,
    LimitReached,
    Refusal,
    RefusedByPlugin,
    WorkspaceSuspended,
)
from app.services.credits.answers import Answer, Deduction, Refund
from app.services.credits.caller import Caller
from app.services.credits.finish import refund
from app.services.credits.spend import Spending, deduct, deduct_many
from app.web.access import is_app, is_service
from app.web.api import credit_shapes
from app.web.api.bodies import NewBatch, NewDeduction, NumberedDeduction, RefundBody
from app.web.api.gate import caller_from
from app.web.api.operation import Operations
from app.web.api.reading import invalid, read_json, read_key, require_json
from app.web.api.writing import Plain, answer, refuse
from app.web.portal import portal
from app.web.problems import InternalError, problem_of, status_of

SPENDING = (
    InsufficientCredits,
    LimitReached,
    WorkspaceSuspended,
    RefusedByPlugin,
    IdempotencyConflict,
)
log = logging.getLogger(__name__)
operations = Operations("Deductions", "Taking credits from a pool, and giving them back.")


def deduct_door(raw: bytes, header: Callable[[str], str | None]) -> Plain:
    """Answer one deduction. Whatever happens becomes an answer."""
    try:
        now = portal().clock.now()
        caller = caller_from(header("Authorization"), now, checked_later=True)
        key = read_key(header("Idempotency-Key"))
        require_json(header("Content-Type"))
        done = create_deduction(caller, key, read_json(NewDeduction, raw), now)
        return answer(201, done.value, replayed=done.replayed)
    except Refusal as refusal:
        return refuse(refusal)
    except Exception:
        log.exception("a deduction broke")
        return refuse(InternalError())


@operations.post(
    "/deductions", status=201, answer=credit_shapes.Deduction, refusals=SPENDING, door=deduct_door
)
def create_deduction(
    caller: Caller, key: str, body: NewDeduction, now: datetime
) -> Answer[Deduction]:
    """Take credits from the pool for one action.

    Send a new random `Idempotency-Key` with each new deduction and the same one with each repeat:
    a repeat changes nothing and gets the first answer.
    """
    return deduct(caller, spending_of(caller, body), key, now)


@operations.post("/deductions/batch", answer=credit_shapes.Batch, large=True)
def create_deductions(caller: Caller, body: NewBatch, now: datetime) -> dict[str, Any]:
    """Take credits for many actions at once.

    The results are in order. A line that is refused doesn't disturb the others.
    """
    asked = [_asked(caller, line) for line in body.lines]
    done = iter(deduct_many(caller, [one for one in asked if isinstance(one, tuple)], now))
    outcomes = [next(done) if isinstance(one, tuple) else one for one in asked]
    return {"results": [_result(outcome) for outcome in outcomes]}


def _asked(
    caller: Caller, line: NumberedDeduction | InvalidRequest
) -> tuple[Spending, str] | InvalidRequest:
    if isinstance(line, InvalidRequest):
        return line
    try:
        return spending_of(caller, line), line.idempotency_key
    except InvalidRequest as refusal:
        return refusal


def _result(outcome: Answer[Deduction] | Refusal) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return {"status": status_of(outcome), "problem": problem_of(outcome)}
    return {"status": 201, "deduction": outcome.value}


@operations.post(
    "/transactions/{transaction_id}/refund",
    status=201,
    answer=credit_shapes.Refund,
    body_optional=True,
    refusals=(Conflict, IdempotencyConflict),
)
def refund_transaction(
    caller: Caller, transaction_id: str, body: RefundBody, optional_key: str | None, now: datetime
) -> Answer[Refund]:
    """Give back a deduction, or a part of it, to the very grants that paid.

    All refunds of a deduction together never exceed it. An `Idempotency-Key` makes repeats safe.
    """
    return refund(caller, transaction_id, body.credits, body.reason, optional_key, now)


def spending_of(caller: Caller, body: NewDeduction) -> Spending:
    """Say in the service's words what the body says; an app key implies its account."""
    if body.account is None and not is_app(caller):
        raise invalid([("account", "is missing; name the account whose pool pays")])
    if body.member is None and body.app is None and is_service(caller):
        raise invalid([("member", "is missing; name the member who acts, or the app")])
    return Spending(body.account, body.member, body.app, body.action, body.quantity, body.metadata)
