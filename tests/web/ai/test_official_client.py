"""The official OpenAI client works against the proxy unchanged, in front of a real upstream."""

import openai
import pytest

HELLO = [{"role": "user", "content": "Say good morning to everybody in the house"}]


def test_a_completion_comes_whole_and_is_paid(desk):
    with desk.client() as client:
        answer = client.chat.completions.create(model="gpt-4.1", messages=HELLO)
    assert answer.choices[0].message.content.startswith("Hello")
    (line,) = desk.lines()
    assert (line.credits, line.action, line.app_name, line.member) == (
        -1,
        "ai.completion",
        "Shop",
        None,
    )
    assert line.metadata == {"model": "gpt-4.1", "coffer": "ai", "key": desk.token.id}
    assert desk.spent() == ([1], 0)


def test_a_completion_streams_and_is_paid_before_its_end_is_seen(desk):
    with desk.client() as client:
        pieces = list(client.chat.completions.create(model="gpt-4.1", messages=HELLO, stream=True))
    said = "".join(p.choices[0].delta.content or "" for p in pieces if p.choices)
    assert said.startswith("Hello")
    assert desk.spent() == ([1], 0)


@pytest.mark.parametrize("wanted", [True, False])
def test_tokens_are_paid_as_the_upstream_counts_them(desk, wanted):
    more = {"stream_options": {"include_usage": True}} if wanted else {}
    with desk.client() as client:
        whole = client.chat.completions.create(model="metered", messages=HELLO)
        pieces = list(
            client.chat.completions.create(model="metered", messages=HELLO, stream=True, **more)
        )
    usage = whole.usage
    cost = -(-(usage.prompt_tokens * 100 + usage.completion_tokens * 300) // 1000)
    taken, held = desk.spent()
    assert (taken[1], held) == (cost, 0)
    assert taken[0] > 1
    assert pieces[-1].usage is not None


def test_images_are_paid_each(desk):
    with desk.client() as client:
        made = client.images.generate(model="pictures", prompt="A house")
    assert made.data[0].b64_json
    assert [(line.action, line.credits) for line in desk.lines()] == [("ai.image", -1)]


def test_embeddings_come_too(desk):
    with desk.client() as client:
        made = client.embeddings.create(model="vectors", input="A house", encoding_format="float")
    assert len(made.data[0].embedding) > 100
    assert desk.spent() == ([1], 0)


def test_models_are_listed_and_shown(desk):
    with desk.client() as client:
        assert "metered" in [model.id for model in client.models.list()]
        assert client.models.retrieve("gpt-4.1:mock-500").id == "gpt-4.1:mock-500"
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("gpt-9")
    assert desk.spent() == ([], 0)
