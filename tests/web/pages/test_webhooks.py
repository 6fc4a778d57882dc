"""The pages of webhooks, used as an owner does, with a program that really receives."""

from datetime import UTC, datetime

import pytest

from app.services.fetch_safely import SafeFetch
from app.services.webhooks.deliver import deliver_webhooks
from tests.services.webhooks.receiver import receiving

HOOKS = "/accounts/acme/webhooks"
HOOK = f"{HOOKS}/webhook_1"


@pytest.fixture
def settings():
    return {"webhooks_to_private_networks": True}


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


@pytest.fixture
def owner(open_browser, acme, clock):
    clock.set(datetime.now(UTC))
    return open_browser(acme.alice)


@pytest.fixture
def deliver(clock):
    return lambda: deliver_webhooks(SafeFetch(private=True), clock.now)


def add(owner, receiver):
    """Add a webhook; returns the page that follows, with its secret."""
    fields = {"url": receiver.url, "description": "Ours", "events": ["credits.low"]}
    page = owner.submit(f"{HOOKS}/new", **fields)
    return page, page.tree.get_element_by_id("secret").value


def test_an_owner_adds_tries_and_removes_a_webhook(owner, receiver, deliver):
    assert "No webhook yet" in owner.get(HOOKS).main
    page, secret = add(owner, receiver)
    assert (page.path, secret[:6]) == (HOOK, "whsec_")
    assert secret not in owner.get(HOOK).source
    assert "None yet." in owner.submit(HOOK, f"{HOOK}/test").main
    deliver()
    assert receiver.checked(secret)["type"] == "webhook.test"
    seen = owner.get(f"{HOOK}/deliveries/delivery_1").main
    assert "answered 200" in seen
    assert "taken" in seen
    assert "This is a test." in seen
    (row,) = owner.get(f"{HOOK}?state=delivered&event=webhook.test").rows("log")
    assert row[2:4] == ["delivered", "200"]
    assert "No delivery fits" in owner.get(f"{HOOK}?state=failed").main
    assert "1 delivery" in owner.get(f"{HOOK}/remove").main
    assert "No webhook yet" in owner.submit(f"{HOOK}/remove").main


def test_the_events_that_are_much_are_not_chosen_at_first(owner):
    form = owner.get(f"{HOOKS}/new").tree
    chosen = form.xpath("//input[@name='events' and @checked]/@value")
    assert {"credits.low", "member.joined"} <= set(chosen)
    assert "deduction.created" not in chosen


def test_what_is_wrong_stands_at_its_field(owner, receiver):
    wrong = owner.submit(f"{HOOKS}/new", url="http://93.184.216.34/", events=["credits.low"])
    assert (wrong.status, wrong.errors()) == (422, ["The address must begin with https://."])
    fields = {"url": receiver.url}
    unknown = owner.follow(owner.send(f"{HOOKS}/new", **fields, events=["no.such"]), HOOKS)
    assert unknown.errors() == ["There is no event no.such."]
    none = owner.follow(owner.send(f"{HOOKS}/new", **fields), HOOKS)
    assert none.errors() == ["Choose at least one event."]


def test_a_change_is_kept_and_a_new_secret_is_shown_once(owner, receiver):
    _, first = add(owner, receiver)
    page = owner.submit(f"{HOOK}/edit", url=receiver.url + "new", events=["member.left"])
    assert receiver.url + "new" in page.main
    assert "member.left" in page.main
    page = owner.submit(f"{HOOK}/rotate")
    assert page.tree.get_element_by_id("secret").value != first
    assert "signs, too, until" in page.main
    assert "stops at once" in owner.get(f"{HOOK}/rotate").main


def test_one_that_is_gone_says_so_and_can_be_switched_on(owner, receiver, deliver):
    add(owner, receiver)
    receiver.status = 410
    owner.submit(HOOK, f"{HOOK}/test")
    deliver()
    assert "it answered 410 Gone" in owner.get(HOOK).main
    assert "Switch it on first" in owner.follow(owner.send(f"{HOOK}/test"), HOOK).source
    assert "It is on." in owner.submit(HOOK, f"{HOOK}/switch").source
    receiver.status = 200
    assert (
        "on its way again"
        in owner.follow(owner.send(f"{HOOK}/deliveries/delivery_1/replay"), HOOK).source
    )
