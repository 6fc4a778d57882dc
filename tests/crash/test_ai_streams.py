"""AI models through real servers: many streams at once, clients that leave, and kill -9."""

import asyncio
import json
import socket
import threading
from datetime import UTC, datetime, timedelta

import openai
import pytest

from app.domain.ai_model import AiModel, ModelKind, TokenPrice
from app.domain.role import Access, Role
from app.services.ai.models import offer_model
from app.services.apps.edit import create_app
from app.services.credits.read import pool
from app.services.tokens.make_token import make_app_key
from app.store.accounts import account_by_slug, owner_of
from tests.cli.running import eventually
from tests.crash.site import kill
from tests.web.ai.faulty import DONE, chunk, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
STREAMS = 200
LONG = "word " * 200


@pytest.fixture
def ai_site(site, ai_upstream):
    """Acme's app has a key for two models: one paid a call, one by tokens."""
    site.environment["COFFER_AI_URL"] = ai_upstream
    with site.inside():
        now = datetime.now(UTC)
        slow = "gpt-4.1:mock-delay"
        offer_model(AiModel("slow", ModelKind.CHAT, "ai.completion", slow), now)
        rate = TokenPrice(1, 1, 1000)
        offer_model(
            AiModel("metered", ModelKind.CHAT, "ai.completion", slow, rate, 9000, 1000), now
        )
        account = account_by_slug("acme")
        access = Access(account.id, owner_of(account.id).person_id, Role.OWNER)
        app = create_app(access, "Shop", "", now)
        site.key = make_app_key(access, app.id, "web", now)[1]
    return site


def held(site, later=timedelta(0)):
    """What Acme's pool holds, now or later, and what is left of it."""
    with site.inside():
        seen = pool(account_by_slug("acme"), datetime.now(UTC) + later)
        return seen.held, seen.available


def spent(site):
    return sum(-line.credits for line in site.require_sound() if line.kind == "deduction")


async def stream(client, model, pieces=None):
    """Read a stream to its end, or leave after so many pieces."""
    messages = [{"role": "user", "content": LONG}]
    made = await client.chat.completions.create(model=model, messages=messages, stream=True)
    said = 0
    async for piece in made:
        said += bool(piece.choices and piece.choices[0].delta.content)
        if pieces is not None and said >= pieces:
            await made.close()
            return False
    return True


async def crowd(site, port, count):
    """Let so many stream at once from one app; every third leaves in mid-stream."""
    async with openai.AsyncOpenAI(
        base_url=f"http://127.0.0.1:{port}/ai/v1", api_key=site.key, timeout=120, max_retries=0
    ) as client:
        models = ("slow", "metered")
        return await asyncio.gather(
            *(stream(client, models[i % 2], 3 if i % 3 == 0 else None) for i in range(count))
        )


def test_200_streams_at_once_none_stuck_and_the_pool_exact(ai_site):
    with ai_site.served() as (_, port):
        ended = asyncio.run(crowd(ai_site, port, STREAMS))
        assert ended.count(False) == len(range(0, STREAMS, 3))
        eventually(lambda: held(ai_site)[0] == 0, "no stream holds anything")
    assert spent(ai_site) == STREAMS


def request(site, model="slow", **more):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": LONG}], **more})
    return (
        f"POST /ai/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def test_clients_that_leave_at_every_stage(ai_site):
    said, go_on = threading.Event(), threading.Event()

    def act(handler):
        if handler.server.stage == "silent":
            said.set()
            go_on.wait(20)
        first = [chunk("")] * 3 if handler.server.stage == "nothing said" else [chunk("Hi")]
        pieces = [piece for _ in range(40) for piece in (*first, lambda: go_on.wait(0.05))]
        handler.stream(*pieces, chunk(finish="stop"), DONE)

    with running() as faulty:
        ai_site.environment["COFFER_AI_URL"] = faulty.url
        faulty.act = act
        with ai_site.served() as (_, port):

            def leave(stage, sent, *, wait=None, until=b""):
                faulty.server.stage = stage
                with socket.create_connection(("127.0.0.1", port)) as client:
                    client.sendall(sent)
                    if wait:
                        assert wait.wait(20)
                    got = b""
                    while until not in got:
                        got += client.recv(4096)
                go_on.set()
                eventually(lambda: held(ai_site)[0] == 0, f"nothing is held: {stage}")
                go_on.clear()
                said.clear()
                return spent(ai_site)

            whole = request(ai_site, stream=True)
            assert leave("headers only", whole[:60]) == 0
            assert leave("half a body", whole[:-50]) == 0
            assert leave("nothing said", whole, until=b"data:") == 0
            assert leave("in mid-stream", whole, until=b"Hi") == 1
            metered = request(ai_site, model="metered", stream=True, max_tokens=10)
            assert leave("in mid-stream, by tokens", metered, until=b"Hi") == 2
            assert leave("silent", request(ai_site, stream=True), wait=said) in (2, 3)


def test_a_killed_server_leaves_holds_that_end_by_their_own_time(ai_site):
    before = held(ai_site)[1]
    with ai_site.served() as (process, port):
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for client in clients:
            client.sendall(request(ai_site, stream=True))
        for client in clients:
            assert client.recv(1024).startswith(b"HTTP/1.1 200")
        assert held(ai_site)[0] == len(clients)
        kill(process)
        for client in clients:
            client.close()
    assert held(ai_site) == (len(clients), before - len(clients))
    assert held(ai_site, later=timedelta(minutes=5)) == (0, before)
    with ai_site.served() as (_, port):
        assert asyncio.run(crowd(ai_site, port, 4)).count(True) == 2
