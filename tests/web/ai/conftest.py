"""Fixtures of the AI proxy's tests: the official client, an app with a key, and a real upstream."""

import openai
import pytest

from app.domain.ai_model import AiModel, ModelKind, TokenPrice
from app.domain.role import Access, Role
from app.services.ai.models import offer_model
from app.services.ai.upstream import call_upstream
from app.services.apps.edit import create_app
from app.services.credits.read import TransactionFilter, pool, transactions
from app.services.tokens.make_token import make_app_key
from tests.conftest import START
from tests.web.ai.faulty import running
from tests.web.ai.proxy import served


@pytest.fixture
def upstream(app, ai_upstream):
    """Call the real upstream; say otherwise within a test."""

    def call(url, **more):
        chosen = {"ai_url": url, "ai_key": "sk-upstream", "ai_silence_seconds": 20, **more}
        call_upstream(app.extensions["coffer"].settings.model_copy(update=chosen))

    call(ai_upstream)
    return call


@pytest.fixture
def faulty(upstream):
    """Call an upstream that fails as it is told."""
    with running() as server:
        upstream(server.url, ai_silence_seconds=0.4, ai_call_seconds=1)
        yield server


class Desk:
    """An app of Acme with a key, and what its pool has."""

    def __init__(self, app, acme):
        self.app, self.account = app, acme.account
        self.access = Access(acme.account.id, acme.alice.id, Role.OWNER)
        self.made = create_app(self.access, "Shop", "", START)
        self.token, self.key = make_app_key(self.access, self.made.id, "web", START)
        self.url = ""

    def client(self, key=None, **options):
        """The official client, unchanged."""
        options = {"max_retries": 0, "timeout": 30, **options}
        return openai.OpenAI(base_url=f"{self.url}/ai/v1", api_key=key or self.key, **options)

    def spent(self):
        """What was taken, the newest first, and what is held."""
        now = self.app.extensions["coffer"].clock.now()
        lines = transactions(self.account, TransactionFilter(), 200, None, now)
        taken = [-line.credits for line in lines if line.kind == "deduction"]
        return taken, pool(self.account, now).held

    def lines(self):
        """The deductions, the newest first."""
        now = self.app.extensions["coffer"].clock.now()
        found = transactions(self.account, TransactionFilter(), 200, None, now)
        return [line for line in found if line.kind == "deduction"]


@pytest.fixture
def desk(app, acme, models, upstream):
    """The app, on a real socket."""
    made = Desk(app, acme)
    with served(app) as url:
        made.url = url
        yield made


@pytest.fixture
def models(app, acme):
    """Offer what the tests call: by call, by tokens, under another name, and for images."""
    for name in ("gpt-4.1", "gpt-4.1:mock-500", "gpt-4.1:mock-429", "gpt-4.1:mock-400"):
        offer_model(AiModel(name, ModelKind.CHAT, "ai.completion", name), START)
    rate = TokenPrice(100, 300, 1000)
    offer_model(
        AiModel("metered", ModelKind.CHAT, "ai.completion", "gpt-4.1", rate, 8000, 100), START
    )
    offer_model(AiModel("pictures", ModelKind.IMAGE, "ai.image", "gpt-image-1"), START)
    offer_model(
        AiModel("vectors", ModelKind.EMBEDDING, "ai.completion", "text-embedding-3-small"), START
    )
