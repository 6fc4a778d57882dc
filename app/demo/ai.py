"""DEMO, AI models: some that the operator offers, and a key with which an app of Acme calls."""

from __future__ import annotations

from datetime import datetime

from app.domain.ai_model import AiModel, ModelKind, TokenPrice
from app.domain.ai_terms import BudgetPer, Terms
from app.services.ai.models import offer_model
from app.services.ai.terms import set_key_terms
from app.services.apps.listing import apps_in
from app.services.tokens.make_token import make_app_key
from app.services.workspaces.on_behalf import access_as_owner

BY_TOKENS = TokenPrice(input=1, output=3, per=1_000)


def let_apps_call(now: datetime) -> str:
    """Offer models, and give Acme's first app a key with a budget; returns the key's text."""
    chat, action = ModelKind.CHAT, "ai.completion"
    offer_model(AiModel("echo", chat, action, "echo"), now)
    offer_model(AiModel("echo-by-tokens", chat, action, "echo", BY_TOKENS, 8_000, 1_000), now)
    offer_model(AiModel("echo-image", ModelKind.IMAGE, "ai.image", "echo-image"), now)
    _, access = access_as_owner("acme")
    app = apps_in(access)[0]
    key, text = make_app_key(access, app.id, "AI models", now)
    set_key_terms(access, key.id, Terms(50, BudgetPer.DAY, calls_per_minute=60), now)
    return text
