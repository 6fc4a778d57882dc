"""What can go wrong at the other side, and that it harms nobody else."""

import socket
import threading
from datetime import timedelta

import pytest

from app.domain.notification import NotificationKind
from app.domain.refusals import Conflict, InvalidRequest
from app.domain.webhook import MOST_WEBHOOKS, Attempt, OffReason
from app.hookspecs import NotFetched
from app.services import fetch_safely
from app.services.fetch_safely import SafeFetch
from app.services.notifications.inbox import inbox
from app.services.webhooks import send
from app.services.webhooks.find import counts, find_webhook
from app.services.webhooks.log import list_deliveries, read_delivery
from app.services.webhooks.manage import edit_webhook, remove_webhook, switch_webhook
from app.services.webhooks.record import record
from app.services.webhooks.replay import send_test
from app.services.workspaces.delete import delete_workspace, restore_workspace
from app.store.database import read_connection, transaction
from app.store.webhooks import due_webhooks, take_webhook
from tests.services.cast import mails_to
from tests.services.webhooks.conftest import PRIVATE


def last(story, webhook):
    """The latest delivery with its attempts."""
    newest = list_deliveries(story.owner, webhook.id, limit=1)[0]
    return read_delivery(story.owner, webhook.id, newest.id)


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("", 500, None),
        ("", 302, "redirects"),
        ("reset", None, "could not be asked"),
        ("hang", None, "longer than 0.5 seconds"),
        ("trickle", None, "longer than 0.5 seconds"),
    ],
)
def test_it_is_noted_and_tried_again(story, receiver, monkeypatch, path, status, error):
    monkeypatch.setattr(send, "SECONDS", 0.5)
    receiver.status = status or 200
    receiver.headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
    webhook, _ = story.add(receiver.url + path)
    story.happen()
    assert story.deliver() == 0
    logged = last(story, webhook)
    (attempt,) = logged.attempts
    assert attempt.status == status
    assert (error is None) == (attempt.error is None)
    assert error is None or error in attempt.error
    wait = logged.delivery.due_at - story.now
    assert timedelta(seconds=5) <= wait <= timedelta(seconds=5.5)
    assert story.deliver() == 0
    assert len(last(story, webhook).attempts) == 1
    receiver.released.set()


def test_nobody_there(story):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        webhook, _ = story.add(f"http://127.0.0.1:{unused.getsockname()[1]}/")
        story.happen()
        story.deliver()
    assert "could not be asked" in last(story, webhook).attempts[0].error


def test_of_a_huge_answer_a_kilobyte_is_kept(story, receiver):
    receiver.answer = b"\x00<b>" + b"x" * 3_000_000
    webhook, _ = story.add(receiver.url)
    story.happen()
    assert story.deliver() == 1
    answer = last(story, webhook).attempts[0].answer
    assert (len(answer), answer[:4]) == (1024, "\ufffd<b>")


def test_a_name_that_comes_to_lead_inside_is_not_asked(story, receiver, monkeypatch):
    """The name was judged when it was added; it is judged again whenever it is asked."""
    public = [(0, 0, 0, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: public)
    webhook, _ = story.add("https://hooks.acme.test/")
    inside = [(0, 0, 0, "", ("127.0.0.1", int(receiver.url.split(":")[2].strip("/"))))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside)
    story.happen()
    assert story.deliver(SafeFetch()) == 0
    with pytest.raises(InvalidRequest, match="public internet"):
        edit_webhook(story.owner, webhook.id, story.now, SafeFetch(), url="https://x.acme.test/")
    assert "not on the public internet" in last(story, webhook).attempts[0].error
    assert receiver.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "http://93.184.216.34/",
        "ftp://93.184.216.34/",
        "https://user:word@93.184.216.34/",
        "hooks",
        "https://93.184.216.34/" + "x" * 2000,
    ],
)
def test_what_leads_inside_is_refused_at_once(url):
    with pytest.raises(NotFetched):
        SafeFetch().refuse_inside(url)


def test_a_name_that_nobody_knows_yet_is_taken(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(fetch_safely.socket, "getaddrinfo", unknown)
    assert SafeFetch().refuse_inside("https://soon.acme.test/") is None


def test_a_slow_endpoint_delays_no_other(story, receiver):
    """The others' events arrive while it still hangs."""
    story.add(receiver.url + "hang")
    story.add(receiver.url)
    seen = threading.Event()
    receiver.on_request = lambda handler: handler.path == "/" and count()
    arrived = []

    def count():
        arrived.append(1)
        if len(arrived) == 10:
            seen.set()

    def release():
        seen.wait(10)
        receiver.released.set()

    story.happen(10)
    threading.Thread(target=release).start()
    story.deliver()
    assert seen.is_set()
    assert [path for path, _, _ in receiver.requests].count("/hang") >= 1


def test_it_is_tried_ever_more_rarely_and_given_up_after_three_days(story, receiver):
    receiver.status = 503
    webhook, _ = story.add(receiver.url)
    story.happen()
    first = story.now
    while counts(story.owner, webhook.id) == {"waiting": 1}:
        story.deliver()
        due = list_deliveries(story.owner, webhook.id, limit=1)[0].due_at
        if due:
            story.clock.set(max(due, story.later(minutes=5, seconds=1)))
    attempts = last(story, webhook).attempts
    assert len(attempts) == 10
    assert timedelta(days=3) < story.now - first < timedelta(days=4)
    off = find_webhook(story.owner, webhook.id)
    assert (off.is_on, off.off_reason) == (False, OffReason.FAILING)
    (mail,) = mails_to("alice@acme.test", "webhook_off")
    assert "three days" in mail.context["values"]["why"]


def test_410_switches_off_at_once(story, receiver):
    receiver.status = 410
    webhook, _ = story.add(receiver.url)
    story.happen(3)
    story.deliver()
    assert len(receiver.requests) == 1
    off = find_webhook(story.owner, webhook.id)
    assert (off.is_on, off.off_reason) == (False, OffReason.GONE)
    assert len(mails_to("alice@acme.test", "webhook_off")) == 1
    told = {first: inbox(story.cast.ids[first], 5) for first in ("alice", "carol", "bob")}
    latest = {first: found[0].kind if found else None for first, found in told.items()}
    assert latest["alice"] == latest["carol"] == NotificationKind.WEBHOOK_OFF
    assert latest["bob"] != NotificationKind.WEBHOOK_OFF
    assert told["alice"][0].link == f"/accounts/acme/webhooks/webhook_{webhook.id}"
    with pytest.raises(Conflict, match="Switch it on"):
        send_test(story.owner, webhook.id, story.now)
    receiver.status = 200
    switch_webhook(story.owner, webhook.id, story.now, on=True)
    assert story.later(seconds=6)
    assert story.deliver() == 3


def test_one_event_that_it_refuses_holds_up_no_other(story, receiver):
    def judge(_):
        receiver.status = 500 if receiver.ids[-1] == receiver.ids[0] else 200

    receiver.on_request = judge
    webhook, _ = story.add(receiver.url)
    story.happen(3)
    story.deliver()
    story.later(seconds=3)
    assert story.deliver() == 2
    assert counts(story.owner, webhook.id) == {"waiting": 1, "delivered": 2}


def test_who_fails_is_left_alone_whatever_waits(story, receiver):
    receiver.status = 500
    story.add(receiver.url)
    for _ in range(60):
        story.happen()
        story.deliver()
        story.later(seconds=5)
    assert len(receiver.requests) < 12


def test_two_processes_never_serve_one_endpoint(story, receiver):
    webhook, _ = story.add(receiver.url)
    story.happen()
    with read_connection() as connection:
        (due,) = due_webhooks(connection, story.now, 10)
    with transaction():
        assert take_webhook(webhook.id, due.turn, story.now + timedelta(minutes=1))
    with transaction():
        assert not take_webhook(webhook.id, due.turn, story.now + timedelta(minutes=1))
    assert story.deliver() == 0
    story.later(minutes=1)
    assert story.deliver() == 1


def test_one_that_was_removed_while_it_was_asked_leaves_nothing(story, receiver):
    webhook, _ = story.add(receiver.url)
    story.happen(2)
    number, delivery = webhook.id, list_deliveries(story.owner, webhook.id, limit=1)[0].id
    remove_webhook(story.owner, number, story.now)
    late = Attempt(200, "", None, 3)
    assert not record(number, delivery, late, story.now, 1, story.now)
    assert story.deliver() == 0
    assert receiver.requests == []


def test_an_account_has_so_many_at_most(story):
    for number in range(MOST_WEBHOOKS):
        story.add(f"http://127.0.0.1:1/{number}")
    with pytest.raises(Conflict, match="at most"):
        story.add("http://127.0.0.1:1/more")


def test_a_deleted_workspace_is_not_told(story, receiver):
    story.add(receiver.url)
    story.happen()
    delete_workspace(story.owner, story.cast.acme.name, story.now)
    assert story.deliver(PRIVATE) == 0
    restore_workspace(story.cast.ids["alice"], "acme", story.now)
    assert story.deliver(PRIVATE) >= 1
