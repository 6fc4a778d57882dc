"""The example that the page and the documentation show works as it stands."""

from pathlib import Path

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from app.services.webhooks import manage

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "templates" / "webhooks" / "verify.py.txt"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def program(monkeypatch):
    """A client of the program that the example is."""
    monkeypatch.setenv("COFFER_WEBHOOK_SECRET", SECRET)
    told = {"__name__": "an_example"}
    exec(compile(EXAMPLE.read_text("utf-8"), str(EXAMPLE), "exec"), told)
    told["app"].testing = True
    return told["app"].test_client()


def test_it_takes_what_is_delivered(story, receiver, program, monkeypatch, capsys):
    monkeypatch.setattr(manage, "new_secret", lambda: SECRET)
    story.add(receiver.url)
    story.happen()
    story.deliver()
    _, headers, body = receiver.requests[-1]
    assert program.post("/coffer", data=body, headers=headers).status_code == 204
    assert "member.left {'account': 'acme'" in capsys.readouterr().out


def test_it_refuses_what_is_forged(story, program):
    other = Webhook("whsec_" + "A" * 32)
    body = '{"type":"member.left"}'
    headers = {
        "webhook-id": "event_1_1",
        "webhook-timestamp": str(int(story.now.timestamp())),
        "webhook-signature": other.sign("event_1_1", story.now, body),
    }
    with pytest.raises(WebhookVerificationError):
        program.post("/coffer", data=body, headers=headers)


def test_the_documentation_shows_the_same():
    assert EXAMPLE.read_text("utf-8").strip() in (ROOT / "docs" / "webhooks.md").read_text("utf-8")
