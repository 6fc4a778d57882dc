"""What the proxy refuses, in OpenAI's words, before any upstream is asked."""

import json

import openai
import pytest

from app.domain.ai_terms import BudgetPer, Terms
from app.domain.command import Capture, Deduct, Release
from app.domain.role import Access, Role
from app.domain.transaction import Attribution
from app.services.ai.models import withdraw_model
from app.services.ai.terms import set_key_terms
from app.services.ai.use import use_of
from app.services.apps.transfer import transfer_app
from app.services.credits.ledger import submit_one
from app.services.credits.post import Entry
from app.services.credits.read import pool
from app.services.tokens.make_token import make_app_key, make_personal_token
from app.services.tokens.revoke_token import revoke_app_key
from app.services.tokens.rotate_token import rotate_app_key
from app.services.workspaces.end_access import remove
from app.store.accounts import personal_account
from tests.conftest import START
from tests.web.ai.faulty import DONE, chunk

CHAT = "/ai/v1/chat/completions"
HELLO = [{"role": "user", "content": "Hello"}]
ASKED = {"model": "gpt-4.1", "messages": HELLO}
DEEP = '{"model": "gpt-4.1", "messages": ' + "[" * 300 + "]" * 300 + "}"


def ask(desk, key=None, **more):
    with desk.client(key) as client:
        made = client.chat.completions.create(**{**ASKED, **more})
        return list(made) if more.get("stream") else made


def send(desk, client, raw, **headers):
    headers = {"Authorization": f"Bearer {desk.key}", "Content-Type": "application/json", **headers}
    return client.post(CHAT, data=raw, headers=headers)


MALFORMED = {
    "": None,
    "nothing": None,
    "[]": None,
    "{}": "model",
    '{"model": 1}': "model",
    '{"model": "gpt-4.1"}': "messages",
    '{"model": "gpt-4.1", "messages": []}': "messages",
    '{"model": "gpt-4.1", "messages": [1]}': "messages",
    '{"model": "gpt-4.1", "messages": "Hi"}': "messages",
    '{"model": "gpt-4.1", "messages": [{}], "n": 0}': "n",
    '{"model": "gpt-4.1", "messages": [{}], "n": true}': "n",
    '{"model": "gpt-4.1", "messages": [{}], "n": 1000}': "n",
    '{"model": "gpt-4.1", "messages": [{}], "max_tokens": -1}': "max_tokens",
    '{"model": "gpt-4.1", "messages": [{}], "max_tokens": 1e3}': "max_tokens",
    '{"model": "gpt-4.1", "messages": [{}], "stream": "yes"}': "stream",
    '{"model": "gpt-4.1", "messages": [{}], "stream_options": 1}': "stream_options",
    '{"model": "gpt-4.1", "messages": [{}], "service_tier": "priority"}': "service_tier",
    '{"model": "gpt-4.1", "messages": [{"content": "\\ud800"}]}': None,
    DEEP: None,
}


def test_malformed_bodies(desk, client, faulty):
    for raw, param in MALFORMED.items():
        answer = send(desk, client, raw)
        assert (raw, answer.status_code, answer.json["error"]["param"]) == (raw, 400, param)
    assert send(desk, client, b"\xff\xfe").status_code == 400
    assert send(desk, client, "a=b", **{"Content-Type": "text/plain"}).status_code == 400
    assert (faulty.asked, desk.spent()) == ([], ([], 0))


def test_huge_bodies(desk, client, faulty):
    assert send(desk, client, b" " * (20 * 2**20 + 1)).status_code == 413
    broken = client.post(
        CHAT,
        data=b"{}",
        headers={"Authorization": f"Bearer {desk.key}"},
        environ_overrides={"CONTENT_LENGTH": "-7"},
    )
    assert broken.status_code == 400
    assert faulty.asked == []


def test_who_may_call(desk, acme, client):
    personal = make_personal_token(acme.alice.id, "own", START)[1]
    for key in ("nonsense", "ключ", personal, desk.key + "x"):
        answer = client.post(CHAT, json=ASKED, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401
        assert answer.json["error"]["type"] == "authentication_error"
    assert client.get("/ai/v1/models").status_code == 401
    with pytest.raises(openai.AuthenticationError):
        ask(desk, "coffer_a_nobody")


def test_addresses_and_methods(desk, client):
    headers = {"Authorization": f"Bearer {desk.key}"}
    for path in ("/ai/v1/responses", "/ai/v1/", "/ai/", "/ai/v2/models", "/ai/v1/modelsx"):
        assert client.get(path, headers=headers).json["error"]["code"] == "not_found"
    assert client.get(CHAT, headers=headers).status_code == 405
    assert client.post("/ai/v1/models", headers=headers).headers["Allow"] == "GET"


def test_no_cookie_comes_or_goes(desk, client):
    client.set_cookie("coffer", "anything")
    answer = send(desk, client, json.dumps(ASKED))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_nothing_of_the_clients_chooses_the_upstream_or_goes_with_it(desk, faulty, client):
    faulty.act = lambda handler: handler.answer(
        200, b'{"choices": [{}]}', Set_Cookie="a=b", X_Secret="y"
    )
    twice = '{"model": "gpt-4.1", "messages": [{}], "model": "metered"}'
    smuggled = {
        "Host": "evil.test",
        "Connection": "X-Secret",
        "X-Forwarded-Host": "evil.test",
        "OpenAI-Organization": "org-mine",
        "Cookie": "coffer=1",
        "Proxy-Authorization": "Basic x",
    }
    answer = send(desk, client, twice, **smuggled)
    assert answer.status_code == 200
    assert not {"Set-Cookie", "X-Secret"} & set(answer.headers.keys())
    ((path, headers, raw),) = faulty.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sk-upstream"
    assert desk.key not in str(headers)
    assert not {"Cookie", "Openai-Organization", "X-Forwarded-Host", "Proxy-Authorization"} & {
        name.title() for name in headers
    }
    assert json.loads(raw) == {"model": "gpt-4.1", "messages": [{}]}
    assert raw.count(b"model") == 1
    assert desk.lines()[0].metadata["model"] == "metered"


def empty_the_pool(desk, leave=0):
    left = pool(desk.account, START).available - leave
    submit_one(desk.account.id, Entry(Deduct(left, Attribution(action="deploy"))), START)


def test_an_empty_pool_is_told_once_and_not_asked_again(desk, faulty):
    empty_the_pool(desk)
    with desk.client(max_retries=5) as client, pytest.raises(openai.APIStatusError) as refused:
        client.chat.completions.create(**ASKED)
    error = refused.value.response.json()["error"]
    assert (refused.value.status_code, error["code"]) == (402, "insufficient_credits")
    assert (error["available"], error["needed"]) == (0, 1)
    assert error["who_can_top_up"] == ["alice@acme.test"]
    assert faulty.asked == []


def test_the_most_that_tokens_could_cost_is_held(desk, faulty):
    empty_the_pool(desk, leave=5)
    with pytest.raises(openai.APIStatusError, match="max_tokens"):
        ask(desk, model="metered")
    faulty.act = lambda handler: handler.answer(200, b'{"choices": [{}]}')
    with pytest.raises(openai.APIStatusError) as refused:
        ask(desk, model="metered", messages=[{"role": "user", "content": [{"type": "image_url"}]}])
    assert refused.value.response.json()["error"]["needed"] == 830
    assert faulty.asked == []


def test_a_budget_of_a_key_is_its_own(desk):
    set_key_terms(desk.access, desk.token.id, Terms(2, BudgetPer.DAY, None, None), START)
    for _ in range(2):
        ask(desk)
    with pytest.raises(openai.APIStatusError) as refused:
        ask(desk)
    error = refused.value.response.json()["error"]
    assert (refused.value.status_code, error["code"], error["left"]) == (402, "limit_reached", 0)
    other = make_app_key(desk.access, desk.made.id, "other", START)[1]
    ask(desk, other)
    assert desk.spent() == ([1, 1, 1], 0)
    subject = f"key:{desk.token.id}"
    assert (use_of([subject], START)[subject].calls, use_of([subject], START)[subject].credits) == (
        2,
        2,
    )


def test_a_failed_call_gives_the_budget_back(desk, upstream, ai_upstream):
    set_key_terms(desk.access, desk.token.id, Terms(1, BudgetPer.TOTAL), START)
    with pytest.raises(openai.InternalServerError):
        ask(desk, model="gpt-4.1:mock-500")
    ask(desk)
    with pytest.raises(openai.APIStatusError, match="budget"):
        ask(desk)


def test_calls_a_minute_are_told_with_a_time_to_wait(desk, later):
    set_key_terms(desk.access, desk.token.id, Terms(calls_per_minute=1), START)
    ask(desk)
    with pytest.raises(openai.RateLimitError) as refused:
        ask(desk)
    assert int(refused.value.response.headers["Retry-After"]) == 60
    later(minutes=1)
    ask(desk)


def test_a_key_that_was_rotated_or_revoked(desk):
    _, second = rotate_app_key(desk.access, desk.token.id, 1, START)
    ask(desk)
    ask(desk, second)
    revoke_app_key(desk.access, desk.token.id, START)
    for key in (desk.key, second):
        with pytest.raises(openai.AuthenticationError):
            ask(desk, key)


def test_a_suspended_workspace_calls_nothing(desk, acme, later, monkeypatch):
    from app.services.billing.payments import declined, period_to_pay

    declined(desk.account.id, period_to_pay(desk.account.id, START), START)
    later(days=60)
    with pytest.raises(openai.APIStatusError) as refused:
        ask(desk)
    assert (refused.value.status_code, refused.value.code) == (402, "workspace_suspended")


def test_a_withdrawn_model_is_there_no_more(desk):
    ask(desk)
    withdraw_model("gpt-4.1", START)
    with pytest.raises(openai.NotFoundError):
        ask(desk)


def test_without_an_upstream_it_says_what_to_set(desk, upstream):
    upstream("")
    with desk.client(max_retries=3) as client, pytest.raises(openai.InternalServerError) as told:
        client.chat.completions.create(**ASKED)
    assert (told.value.status_code, told.value.code) == (503, "ai_not_configured")
    assert "COFFER_AI_URL" in str(told.value)


def test_more_calls_at_once_than_the_process_takes(desk, faulty, upstream):
    upstream(faulty.url, ai_calls=1)

    def act(handler):
        handler.stream(chunk("Hi"), meet, chunk(finish="stop"), DONE)

    def meet():
        with pytest.raises(openai.InternalServerError) as refused:
            ask(desk)
        told.append((refused.value.code, refused.value.response.headers["Retry-After"]))

    told = []
    faulty.act = act
    assert len(ask(desk, stream=True)) == 2
    assert told == [("busy", "1")]
    assert desk.spent() == ([1], 0)


def test_an_app_that_moves_in_mid_call_is_paid_by_the_pool_that_began(desk, acme, faulty):
    home = personal_account(acme.alice.id)

    def act(handler):
        handler.stream(chunk("Hi"), move, chunk(finish="stop"), DONE)

    def move():
        with desk.app.app_context():
            transfer_app(acme.alice.id, desk.made.id, home.slug, START)

    faulty.act = act
    ask(desk, stream=True)
    assert desk.spent() == ([1], 0)
    faulty.act = lambda handler: handler.answer(200, b'{"choices": [{}]}')
    ask(desk)
    assert desk.spent() == ([1], 0)
    assert pool(home, START).available == 4


def test_a_key_of_a_member_who_is_removed_ends_and_its_call_completes(desk, acme, faulty):
    bobs = Access(acme.account.id, acme.bob.id, Role.MEMBER)
    from app.services.apps.edit import create_app

    made = create_app(bobs, "Bob's", "", START)
    key = make_app_key(bobs, made.id, "k", START)[1]

    def act(handler):
        handler.stream(chunk("Hi"), go, chunk(finish="stop"), DONE)

    def go():
        with desk.app.app_context():
            remove(desk.access, acme.bob.email, START)

    faulty.act = act
    ask(desk, key, stream=True)
    assert desk.spent() == ([1], 0)
    with pytest.raises(openai.AuthenticationError):
        ask(desk, key)


def test_a_long_stream_is_kept_alive_and_a_stalled_one_is_paid_late(desk, faulty, later):
    def act(handler):
        handler.stream(
            chunk("Hi"),
            lambda: later(minutes=1),
            chunk("there"),
            lambda: later(seconds=150),
            chunk("all"),
            lambda: later(hours=1),
            chunk(finish="stop"),
            DONE,
        )

    faulty.act = act
    assert len(ask(desk, stream=True)) == 4
    assert desk.spent() == ([1], 0)


@pytest.mark.parametrize(("last_word", "taken"), [(Release(1), []), (Capture(1, 1), [1])])
def test_a_hold_that_a_service_ended_is_not_paid_again(desk, faulty, last_word, taken):
    def end():
        with desk.app.app_context():
            submit_one(desk.account.id, Entry(last_word), START)

    faulty.act = lambda handler: handler.stream(chunk("Hi"), end, chunk(finish="stop"), DONE)
    assert len(ask(desk, stream=True)) == 2
    assert desk.spent() == (taken, 0)


def test_prompts_are_in_no_log(desk, faulty, caplog):
    faulty.act = lambda handler: handler.stream(chunk("secret answer"), b"data: {\n\n")
    secret = [{"role": "user", "content": "secret prompt"}]
    caplog.set_level("DEBUG", "app")
    with pytest.raises(openai.APIError):
        ask(desk, model="metered", messages=secret, stream=True)
    assert "secret" not in caplog.text
    assert "secret" not in str(desk.lines())
