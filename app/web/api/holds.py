"""DOORS, API: holds, which set credits aside while an action runs."""

from __future__ import annotations

from datetime import datetime

from app.domain.refusals import HoldNotActive
from app.services.credits import finish, spend
from app.services.credits.answers import Answer, Deduction, HoldView
from app.services.credits.caller import Caller
from app.web.api import credit_shapes
from app.web.api.bodies import CaptureBody, ExtendBody, NewHold, ReleaseBody
from app.web.api.deductions import SPENDING, spending_of
from app.web.api.operation import Operations

operations = Operations("Holds", "Only success costs: hold, then capture or release.")


@operations.post("/holds", status=201, answer=credit_shapes.Hold, refusals=SPENDING)
def place_hold(caller: Caller, key: str, body: NewHold, now: datetime) -> Answer[HoldView]:
    """Set credits aside for an action that starts.

    Account, member, app and price stay as they are at this moment.
    """
    return spend.place_hold(caller, spending_of(caller, body), key, body.expires_in, now)


@operations.get("/holds/{hold_id}", answer=credit_shapes.Hold)
def show_hold(caller: Caller, hold_id: str, now: datetime) -> HoldView:
    """Show a hold."""
    return finish.hold(caller, hold_id, now)


@operations.post(
    "/holds/{hold_id}/capture",
    answer=credit_shapes.Deduction,
    body_optional=True,
    refusals=(HoldNotActive,),
)
def capture_hold(
    caller: Caller, hold_id: str, body: CaptureBody, now: datetime
) -> Answer[Deduction]:
    """Take what is held, or a part of it: the action succeeded."""
    return finish.capture(caller, hold_id, body.credits, now)


@operations.post(
    "/holds/{hold_id}/release",
    answer=credit_shapes.Hold,
    body_optional=True,
    refusals=(HoldNotActive,),
)
def release_hold(
    caller: Caller,
    hold_id: str,
    body: ReleaseBody,  # noqa: ARG001 - it is read, so that nothing is sent in vain
    now: datetime,
) -> Answer[HoldView]:
    """Let the held credits go: the action failed, and costs nothing."""
    return finish.release(caller, hold_id, now)


@operations.post(
    "/holds/{hold_id}/extend",
    answer=credit_shapes.Hold,
    body_optional=True,
    refusals=(HoldNotActive,),
)
def extend_hold(caller: Caller, hold_id: str, body: ExtendBody, now: datetime) -> Answer[HoldView]:
    """Keep the credits held for longer, up to a day after the hold began."""
    return finish.extend(caller, hold_id, body.expires_in, now)
