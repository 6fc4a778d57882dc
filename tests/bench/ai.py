"""What the AI proxy adds to a call, and how many streams one process holds at once."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from urllib.parse import urlsplit

from app.domain.ai_model import AiModel, ModelKind
from app.domain.role import Access, Role
from app.services.ai.models import offer_model
from app.services.apps.edit import create_app
from app.services.tokens.make_token import make_app_key
from app.store.accounts import owner_of
from tests.bench.installation import START, Installation, database, installed, served
from tests.bench.measures import Row
from tests.servers.ai_upstream import running

CALLS, STREAMS, WORDS = 400, 500, 2_000
PROXY, UPSTREAM = "/ai/v1/chat/completions", "/v1/chat/completions"
SLOW = "gpt-4.1:mock-delay"
END = b"data: [DONE]"
PATIENCE = 120


def ai_proxy(kind: str) -> Iterator[Row]:
    """Measure calls one after another, each beside one that goes straight to the upstream."""
    with upstream_named() as upstream, database(kind) as url, installed(url) as installation:
        key = offered(installation)
        with served(installation, workers=1) as target:
            direct, through = _calls(upstream, target.port, key)
            added = [ours - theirs for ours, theirs in zip(through, direct, strict=True)]
            yield Row(
                f"{kind}, AI proxy: a call straight to the upstream, p50", median(direct), "ms"
            )
            yield Row(f"{kind}, AI proxy: added, p50", median(added), "ms", 8, 3, at_least=False)
            yield Row(f"{kind}, AI proxy: added, p99", quantiles(added, n=100)[98], "ms")
            ratio = median(through) / median(direct)
            yield Row(f"{kind}, AI proxy: against the upstream alone, p50", ratio, "x")
            held = asyncio.run(_streams(target.port, key))
            yield Row(f"{kind}, AI proxy: streams held by one process", held, "", 100, 500)


@contextmanager
def upstream_named() -> Iterator[int]:
    """Start the upstream and name it to servers; yields its port."""
    with running() as base_url:
        os.environ["COFFER_AI_URL"] = base_url
        os.environ["COFFER_AI_RATE_LIMIT_PER_KEY"] = "1000000/minute"
        try:
            yield urlsplit(base_url).port or 0
        finally:
            del os.environ["COFFER_AI_URL"], os.environ["COFFER_AI_RATE_LIMIT_PER_KEY"]


def offered(installation: Installation) -> str:
    """Offer two models and make a key."""
    for name in ("gpt-4.1", SLOW):
        offer_model(AiModel(name, ModelKind.CHAT, "ai.completion", name), START)
    pool = installation.hot_pool
    access = Access(pool, owner_of(pool).person_id, Role.OWNER)
    app = create_app(access, "Bench", "", START)
    return make_app_key(access, app.id, "bench", START)[1]


def _calls(upstream: int, port: int, key: str) -> tuple[list[float], list[float]]:
    direct, through = [], []
    lines = [http.client.HTTPConnection("127.0.0.1", each, timeout=30) for each in (upstream, port)]
    for _ in range(CALLS):
        direct.append(_call(lines[0], UPSTREAM, key))
        through.append(_call(lines[1], PROXY, key))
    for line in lines:
        line.close()
    return direct[20:], through[20:]


def _call(line: http.client.HTTPConnection, path: str, key: str) -> float:
    """One call; returns its milliseconds."""
    began = time.perf_counter()
    line.request("POST", path, _body("gpt-4.1", "Hello"), _headers(key))
    answer = line.getresponse()
    said = answer.read()
    assert answer.status == http.HTTPStatus.OK, said
    return (time.perf_counter() - began) * 1000


async def _streams(port: int, key: str) -> int:
    """Begin all, wait until all have begun, and read all to their end; returns how many did."""
    begun = [asyncio.Event() for _ in range(STREAMS)]
    running_all = asyncio.gather(*(_stream(port, key, each) for each in begun))
    await asyncio.wait_for(asyncio.gather(*(each.wait() for each in begun)), PATIENCE)
    ended_early = running_all.done()
    ended = await asyncio.wait_for(running_all, PATIENCE)
    return 0 if ended_early else sum(ended)


async def _stream(port: int, key: str, begun: asyncio.Event) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        body = _body(SLOW, "word " * WORDS, stream=True)
        head = [f"POST {PROXY} HTTP/1.1", "Host: x", "Connection: close"]
        head += [f"{name}: {value}" for name, value in _headers(key).items()]
        writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        tail = b""
        while data := await reader.read(65_536):
            begun.set()
            tail = (tail + data)[-200:]
        writer.close()
    finally:
        begun.set()
    return END in tail


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def _body(model: str, words: str, **more: bool) -> bytes:
    return json.dumps(
        {"model": model, "messages": [{"role": "user", "content": words}], **more}
    ).encode()
