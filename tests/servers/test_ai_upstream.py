"""The upstream of AI models that other tests call is there, and streams."""

import openai


def test_it_answers_and_streams(ai_upstream):
    with openai.OpenAI(base_url=ai_upstream, api_key="any", max_retries=0) as client:
        asked = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Good morning"}]}
        whole = client.chat.completions.create(**asked)
        assert whole.usage.total_tokens > 0
        with client.chat.completions.create(**asked, stream=True) as pieces:
            assert len(list(pieces)) > 2
