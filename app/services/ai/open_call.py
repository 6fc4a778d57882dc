"""VERB: hold what a call of a model can cost, for whoever owns the app now, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.ai_model import AiModel
from app.domain.ai_request import AiRequest
from app.domain.ai_terms import Share
from app.domain.reference import numbers_of
from app.domain.refusals import InsufficientCredits, NotFound
from app.domain.transaction import OWN_MARK, Attribution
from app.services.ai.call import MARGIN, Call, Surroundings
from app.services.ai.purse import begin_call, look_for_room, subject_of_key
from app.services.ai.upstream import Upstream
from app.services.credits.answers import HoldView
from app.services.credits.caller import Caller
from app.services.credits.spend import Spending, place_priced_hold
from app.services.directory import View, directory, looked_up
from app.services.plugins.prices import price_of


@dataclass(slots=True)
class _Pricing:
    """Prices a request; remembers the model as it was when the hold was placed."""

    request: AiRequest
    model: AiModel = field(init=False)
    most: int = 0

    def __call__(self, view: View) -> int:
        """What the request can cost at most, in credits."""
        self.model = model_for(view, self.request)
        if self.model.price is not None:
            self.most = self.model.most_it_could_cost(self.request.asked)
        else:
            self.most = price_of(view, self.model.action) * self.request.asked.choices
        return self.most


def model_for(view: View, request: AiRequest) -> AiModel:
    """Find the model that a request names, or raise `NotFound`."""
    model = view.ai_models().get(request.model)
    if model is None:
        raise NotFound(f"There is no model {request.model[:100]!r} here; GET /ai/v1/models.")
    if model.kind is not request.kind:
        raise NotFound(f"The model {model.name} is for {model.kind}, and can't be called here.")
    return model


def open_call(
    caller: Caller,
    request: AiRequest,
    subject: str | None,
    upstream: Upstream,
    here: Surroundings,
    stack: ExitStack,
    shares: Sequence[Share] = (),
) -> Call:
    """Hold the credits of a call. `subject` has the budget; None is the key's own.

    Raises what a hold raises, and `LimitReached` or `RateLimited` by the subject's terms or those
    of a share.
    """
    now = here.now()
    pricing = _Pricing(request)
    subject = subject or subject_of_key(caller.token_id)
    credits = _looked_up_anew(pricing, now)
    for share in (*_own(subject, now), *shares):
        pool = looked_up(lambda view: _pool_of(view, caller), now)
        look_for_room(*share, pool, credits, now)
    lasts = timedelta(seconds=upstream.silence_seconds) + MARGIN
    hold = _held(caller, pricing, lasts, now)
    call = Call(hold, _attribution(hold), pricing.model, pricing.most, subject, lasts, here, stack)
    for share in (*_own(subject, now), *shares):  # as it was when it was held
        _count(call, share, now)
    return call


def _own(subject: str, now: datetime) -> list[Share]:
    terms = looked_up(lambda view: view.ai_terms(subject), now)
    return [Share(subject, terms)] if terms.are_set else []


def _looked_up_anew(pricing: _Pricing, now: datetime) -> int:
    """Price a request; that there is no such model must rest on the present directory."""
    try:
        return looked_up(pricing, now)
    except NotFound:
        directory().fresh(now)
        return looked_up(pricing, now)


def _pool_of(view: View, caller: Caller) -> int:
    app = view.app(caller.app_id or 0)
    return app.account_id if app is not None else 0


def _held(caller: Caller, pricing: _Pricing, lasts: timedelta, now: datetime) -> HoldView:
    model, asked = pricing.model, pricing.request.asked
    metadata: dict[str, object] = {"model": model.name, OWN_MARK: "ai"}
    if caller.token_id:
        metadata["key"] = caller.token_id
    quantity = asked.choices if model.price is None else 1
    spending = Spending(None, None, None, model.action, quantity, metadata)
    try:
        return place_priced_hold(caller, spending, pricing, lasts, now)
    except InsufficientCredits as refusal:
        if model.price is not None:
            refusal.detail += " That is the most it could cost; a lower max_tokens needs less."
        raise


def _count(call: Call, share: Share, now: datetime) -> None:
    """Write the call down for its subject; when that is refused, nothing is held any more."""
    hold = (call.pool, call.number_of_hold)
    try:
        number = begin_call(*share, hold, call.hold.credits, now, now + call.lasts)
        call.counted.append((share.subject, number))
    except BaseException:
        call.end(None)
        raise


def _attribution(hold: HoldView) -> Attribution:
    app = numbers_of("app", hold.app, 1)[0] if hold.app else None
    return Attribution(None, app, hold.action, hold.quantity, hold.metadata)
