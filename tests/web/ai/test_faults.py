"""What goes wrong on the way costs nothing, or what was really used, and leaves no hold behind."""

import json
import threading
from contextvars import Context

import openai
import pytest

from app.services.tokens.make_token import make_personal_token
from tests.conftest import START
from tests.web.ai.faulty import DONE, chunk

HELLO = [{"role": "user", "content": "Hello"}]


def ask(desk, model="gpt-4.1", **more):
    with desk.client() as client:
        return client.chat.completions.create(model=model, messages=HELLO, **more)


def read(desk, model="gpt-4.1", **more):
    """Read a stream to its end, or to where it breaks."""
    said = []
    try:
        with desk.client() as client:
            made = client.chat.completions.create(model=model, messages=HELLO, stream=True, **more)
            for piece in made:
                said += [choice.delta.content for choice in piece.choices]
    except openai.APIError as error:
        return said, error.code or error.body["code"]
    return said, None


def whole(usage=None, text="Hi"):
    body = {"choices": [{"message": {"role": "assistant", "content": text}}]}
    return json.dumps(body | ({"usage": usage} if usage else {})).encode()


FAULTS = {
    "breaks": (lambda h: h.answer(500, b"{}"), 502, "upstream_failed"),
    "is closed": (lambda h: h.answer(503, b"<html>"), 502, "upstream_failed"),
    "refuses us": (
        lambda h: h.answer(401, b'{"error": {"message": "sk-up"}}'),
        502,
        "upstream_failed",
    ),
    "sends on": (lambda h: h.answer(302, b"", Location="http://x/"), 502, "upstream_failed"),
    "is busy": (lambda h: h.answer(429, b"{}", Retry_After="7"), 429, "rate_limited"),
    "is a page": (lambda h: h.answer(200, b"<html>"), 502, "upstream_failed"),
    "says nothing": (lambda h: h.answer(200, b'{"choices": []}'), 502, "upstream_failed"),
    "hangs up": (lambda h: h.connection.shutdown(2), 502, "upstream_failed"),
    "hangs": (lambda h: h.server.hang.wait(5), 504, "upstream_timed_out"),
    "finds fault": (
        lambda h: h.answer(400, b'{"error": {"message": "No", "code": "bad", "param": "n"}}'),
        400,
        "bad",
    ),
}


def test_what_fails_before_the_first_byte_costs_nothing(desk, faulty):
    hang = threading.Event()
    for name, (act, status, code) in FAULTS.items():

        def acting(handler, act=act):
            handler.server.hang = hang
            act(handler)

        faulty.act = acting
        for stream in (False, True):
            with pytest.raises(openai.APIStatusError) as refused:
                ask(desk, stream=stream)
            assert (name, refused.value.status_code, refused.value.code) == (name, status, code)
            assert "sk-up" not in refused.value.response.text
    hang.set()
    assert desk.spent() == ([], 0)


def test_an_upstream_that_is_not_there(desk, upstream):
    upstream("http://127.0.0.1:9/v1")
    with pytest.raises(openai.InternalServerError) as refused:
        ask(desk)
    assert (refused.value.status_code, desk.spent()) == (502, ([], 0))


BROKEN = [
    ([chunk("")], 0),
    ([chunk("12345678")], 1),
    ([chunk("a" * 400)], 30),
    ([chunk("Hi"), b"data: {not json\n\n"], 1),
    ([chunk("Hi"), b'data: {"error": {"message": "x"}}\n\n'], 1),
    ([b"<html>no stream</html>" * 9], 0),
]


@pytest.mark.parametrize("whole", [True, False])
def test_a_stream_that_breaks_costs_what_was_said_by_tokens_and_nothing_by_call(
    desk, faulty, whole
):
    for pieces, least in BROKEN:
        faulty.act = lambda handler, pieces=pieces: handler.stream(*pieces, whole=whole)
        before = len(desk.spent()[0])
        assert read(desk, "metered")[1] == "upstream_failed"
        taken, held = desk.spent()
        assert (len(taken) - before, held) == (bool(least), 0)
        assert not least or taken[0] >= least
        if b"not json" not in pieces[-1]:
            assert read(desk)[1] == "upstream_failed"
            assert len(desk.spent()[0]) == len(taken)


@pytest.mark.parametrize("by", ["the app", "the owner"])
@pytest.mark.parametrize(("verb", "body"), [("release", {}), ("capture", {"credits": 1})])
def test_a_client_can_not_end_what_is_held_for_a_call(desk, faulty, upstream, by, verb, body):
    """Else whoever lets go, and spends the credits meanwhile, has the rest of it for nothing."""
    _, token = make_personal_token(desk.access.person_id, "mine", START)
    bearer = {"Authorization": f"Bearer {desk.key if by == 'the app' else token}"}
    address = f"/api/v1/holds/hold_{desk.account.id}_1/{verb}"
    upstream(faulty.url)
    go = threading.Event()
    faulty.act = lambda handler: handler.stream(
        chunk("Hi"), lambda: go.wait(20), chunk(finish="stop"), DONE
    )
    with desk.client() as client:
        made = client.chat.completions.create(
            model="metered", messages=HELLO, stream=True, max_tokens=100
        )
        assert next(made).choices[0].delta.content == "Hi"
        answer = Context().run(desk.app.test_client().post, address, json=body, headers=bearer)
        go.set()
        assert [piece.choices[0].finish_reason for piece in made] == ["stop"]
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    taken, held = desk.spent()
    assert (len(taken), held) == (1, 0)


def test_a_stream_that_falls_silent(desk, faulty):
    hang = threading.Event()
    faulty.act = lambda handler: handler.stream(chunk("Hi"), lambda: hang.wait(5))
    assert read(desk) == (["Hi"], "upstream_timed_out")
    hang.set()
    assert desk.spent() == ([], 0)


def test_a_stream_that_drips_for_ever_ends_in_time(desk, faulty):
    def drip(handler):
        wait = threading.Event()
        handler.stream(*([chunk("x"), lambda: wait.wait(0.2)] * 50))

    faulty.act = drip
    assert read(desk)[1] == "upstream_timed_out"
    assert desk.spent() == ([], 0)


@pytest.mark.parametrize(("asked", "shown"), [(True, 1), (False, 0)])
def test_the_usage_chunk_is_for_who_asked(desk, faulty, asked, shown):
    pieces = [chunk("Hi"), chunk(finish="stop"), chunk(usage=(1000, 100)), DONE]
    faulty.act = lambda handler: handler.stream(*pieces)
    more = {"stream_options": {"include_usage": True}} if asked else {}
    with desk.client() as client:
        made = client.chat.completions.create(
            model="metered", messages=HELLO, stream=True, max_tokens=100, **more
        )
        assert sum(not piece.choices for piece in made) == shown
    sent = json.loads(faulty.asked[0][2])
    assert (sent["stream_options"], sent["model"]) == ({"include_usage": True}, "gpt-4.1")
    taken, held = desk.spent()
    assert (len(taken), held) == (1, 0)


def test_without_usage_a_quarter_of_the_bytes_counts(desk, faulty):
    faulty.act = lambda handler: handler.answer(200, whole(text="x" * 399))
    ask(desk, "metered")
    size = len(faulty.asked[0][2]) - len("gpt-4.1") + len("metered")
    tokens_in = -(-size // 4)
    assert desk.spent()[0][0] in range((tokens_in - 3) // 10 + 30, (tokens_in + 3) // 10 + 32)


def test_never_more_than_was_held(desk, faulty):
    usage = {"prompt_tokens": 10**9, "completion_tokens": 10**9}
    faulty.act = lambda handler: handler.answer(200, whole(usage))
    ask(desk, "metered", max_tokens=10)
    (taken,), held = desk.spent()
    assert taken < 20
    assert held == 0


def test_a_finish_reason_ends_a_stream_without_the_word(desk, faulty):
    faulty.act = lambda handler: handler.stream(chunk("Hi"), chunk(finish="stop"))
    assert read(desk) == (["Hi", ""], None)
    assert desk.spent() == ([1], 0)


def test_pieces_that_are_cut_anywhere_arrive_whole(desk, faulty):
    text = chunk("Grüße") + b": still here\r\n\r\n" + chunk(finish="stop") + DONE
    faulty.act = lambda handler: handler.stream(*(text[i : i + 7] for i in range(0, len(text), 7)))
    assert read(desk) == (["Grüße", ""], None)


def test_two_images_of_four_cost_two(desk, faulty):
    faulty.act = lambda handler: handler.answer(200, b'{"created": 1, "data": [{}, {}]}')
    with desk.client() as client:
        client.images.generate(model="pictures", prompt="A house", n=4)
    assert desk.spent() == ([2], 0)
