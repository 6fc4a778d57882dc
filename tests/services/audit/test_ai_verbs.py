"""Verbs about AI models and the keys that call them note what they do, and never a secret."""

from app.domain.ai_model import AiModel, ModelKind
from app.domain.ai_terms import Terms
from app.services.ai.models import offer_model, withdraw_model
from app.services.ai.terms import set_key_terms
from app.services.apps.edit import create_app
from app.services.tokens.make_token import make_app_key
from app.services.tokens.rotate_token import end_former_secret, rotate_app_key
from tests.services.audit.log import lines


def test_ai_models(cast, story):
    now, owner = cast.now, cast.access("alice")
    app = create_app(owner, "Shop", "", now)
    key, first = make_app_key(owner, app.id, "key", now)
    with story("AI models"):
        offer_model(AiModel("gpt", ModelKind.CHAT, "ai.completion", "gpt"), now)
        withdraw_model("gpt", now)
        set_key_terms(owner, key.id, Terms(budget=9), now)
        _, second = rotate_app_key(owner, key.id, 1, now)
        end_former_secret(owner, key.id, now)
    said = "".join(line.before + line.after for line in lines())
    assert first not in said
    assert second not in said
