"""What happens reaches endpoints: signed, in order, once laid down and at least once sent."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from app.domain.grant import Source
from app.domain.role import Role
from app.domain.webhook import DeliveryState
from app.services.apps.edit import create_app
from app.services.credits.caller import caller_of
from app.services.credits.grant import grant_credits
from app.services.credits.spend import Spending, deduct
from app.services.tokens.make_token import make_service_token
from app.services.webhooks.fan_out import Endpoints, fan_out
from app.services.webhooks.find import counts
from app.services.webhooks.log import list_deliveries, read_delivery
from app.services.webhooks.manage import switch_webhook
from app.services.webhooks.offered import offered
from app.services.webhooks.replay import replay, replay_failed, send_test
from app.services.webhooks.secrets import rotate_secret
from app.services.workspaces.end_access import leave
from app.services.workspaces.join import add_member
from app.store.database import current_engine, read_connection, write_connection
from app.store.outbox import Message, waiting_messages, write_messages
from tests.conftest import START


def test_a_program_checks_it_with_the_library(story, receiver):
    _, secret = story.add(receiver.url, "member.left", "member.joined")
    leave(story.cast.access("ben"), story.now)
    add_member("acme", story.cast.email("charlie"), Role.MEMBER, story.now)
    assert story.deliver() == 2
    told = receiver.checked(secret)
    assert told == {
        "type": "member.joined",
        "timestamp": story.now.isoformat().replace("+00:00", "Z"),
        "data": {"account": "acme", "email": "charlie@acme.test", "role": "member"},
    }
    assert receiver.bodies[0]["data"] == {
        "account": "acme",
        "email": "ben@acme.test",
        "removed_by": None,
    }
    assert receiver.requests[0][1]["content-type"] == "application/json"


def test_another_secret_refuses_it(story, receiver):
    story.add(receiver.url)
    _, other = story.add(receiver.url + "other", "member.joined")
    story.happen()
    story.deliver()
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        receiver.checked(other)


def test_what_spends_and_what_is_bought_is_told(story, receiver):
    _, secret = story.add(receiver.url, *(event.name for event in offered()))
    _, token = make_service_token("platform", START)
    app = create_app(story.owner, "Shop", "", story.now)
    grant_credits("acme", 50, Source.TOP_UP, None, "", START)
    spending = Spending("acme", "bob@acme.test", f"app_{app.id}", "generate.standard", 2)
    deduct(caller_of(token, START), spending, "key", START)
    story.deliver()
    told = {body["type"]: body["data"] for body in receiver.bodies}
    assert told["top_up.completed"]["credits"] == 50
    deducted = told["deduction.created"]
    assert deducted["member"] == "bob@acme.test"
    assert deducted["app"] == f"app_{app.id}"
    assert deducted["transaction"].startswith("tx_")
    receiver.checked(secret)


def test_only_what_was_chosen_and_only_of_the_own_account(story, receiver):
    story.add(receiver.url, "member.joined")
    story.happen()
    assert story.deliver() == 0
    with read_connection() as connection:
        assert waiting_messages(connection, "webhooks", story.cast.acme.id, 10) == []


def test_events_come_in_order_and_none_is_lost(story, receiver):
    story.add(receiver.url)
    for _ in range(3):
        story.happen(20)
        story.deliver()
    numbers = [int(each.rpartition("_")[2]) for each in receiver.ids]
    assert numbers == list(range(numbers[0], numbers[0] + 60))


def test_an_event_told_twice_by_the_outbox_is_laid_down_once(story, receiver):
    webhook, _ = story.add(receiver.url)
    story.happen()
    with read_connection() as connection:
        assert waiting_messages(connection, "webhooks", story.cast.acme.id, 10) == []
    story.deliver()
    (delivery,) = list_deliveries(story.owner, webhook.id, limit=10)
    number = int(delivery.event.rpartition("_")[2])
    again = message_of(story, number)
    with write_connection(current_engine()) as connection:
        write_messages(connection, [again])
    assert fan_out(story.clock.now) == 1
    assert Endpoints().take(again, story.now) is None
    assert len(list_deliveries(story.owner, webhook.id, limit=10)) == 1


def message_of(story, number):
    """What the outbox would say of it."""
    facts = {"person": story.cast.ids["bob"], "removed_by": None}
    at = story.now
    return Message(story.cast.acme.id, "webhooks", number, "member_left", at, facts, at)


def test_both_secrets_sign_for_a_day_after_rotation(story, receiver):
    webhook, first = story.add(receiver.url)
    _, second = rotate_secret(story.owner, webhook.id, story.now)
    assert first != second
    assert second.startswith("whsec_")
    story.happen()
    story.deliver()
    assert receiver.checked(first) == receiver.checked(second)
    assert receiver.requests[-1][1]["webhook-signature"].count(" ") == 1
    story.later(days=1, seconds=1)
    story.happen()
    story.deliver()
    _, headers, _ = receiver.requests[-1]
    assert headers["webhook-signature"].count(" ") == 0
    assert headers["webhook-signature"] == signature(second, receiver)


def signature(secret, receiver):
    _, headers, body = receiver.requests[-1]
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    return Webhook(secret).sign(headers["webhook-id"], at, body.decode())


def test_secrets_are_sealed(story, receiver):
    webhook, secret = story.add(receiver.url)
    assert secret not in webhook.secret
    assert secret.removeprefix("whsec_") not in webhook.secret


def test_a_test_goes_the_way_of_all_others(story, receiver):
    webhook, secret = story.add(receiver.url)
    delivery = send_test(story.owner, webhook.id, story.now)
    assert story.deliver() == 1
    assert receiver.checked(secret)["type"] == "webhook.test"
    logged = read_delivery(story.owner, webhook.id, delivery.id)
    assert logged.delivery.state is DeliveryState.DELIVERED
    assert [(one.status, one.answer, one.error) for one in logged.attempts] == [
        (200, "taken", None)
    ]


def test_what_arrived_can_be_sent_again_under_its_id(story, receiver):
    webhook, _ = story.add(receiver.url)
    story.happen()
    story.deliver()
    (delivery,) = list_deliveries(story.owner, webhook.id, limit=10)
    replay(story.owner, webhook.id, delivery.id, story.now)
    assert story.deliver() == 1
    assert receiver.ids == [delivery.event] * 2
    assert len(read_delivery(story.owner, webhook.id, delivery.id).attempts) == 2


def test_all_that_failed_since_then_can_be_sent_again(story, receiver):
    webhook, _ = story.add(receiver.url)
    receiver.status = 500
    first = story.now
    story.happen(2)
    give_up_all(story)
    assert counts(story.owner, webhook.id) == {"failed": 1, "waiting": 1}
    switch_webhook(story.owner, webhook.id, story.now, on=True)
    give_up_all(story)
    assert counts(story.owner, webhook.id) == {"failed": 2}
    receiver.status = 200
    assert replay_failed(story.owner, webhook.id, story.now, story.now) == 0
    assert replay_failed(story.owner, webhook.id, first, story.now) == 2
    receiver.requests.clear()
    assert story.deliver() == 2
    assert receiver.ids == sorted(receiver.ids)
    assert counts(story.owner, webhook.id) == {"delivered": 2}


def give_up_all(story):
    """Let time pass until nothing is tried any more."""
    for _ in range(60):
        story.deliver()
        story.later(hours=3)


def test_what_is_switched_off_waits_and_gets_nothing_new(story, receiver):
    webhook, _ = story.add(receiver.url)
    story.happen()
    switch_webhook(story.owner, webhook.id, story.now, on=False)
    story.happen()
    assert story.deliver() == 0
    switch_webhook(story.owner, webhook.id, story.now, on=True)
    assert story.deliver() == 1


def test_every_topic_is_offered_under_a_name_with_a_point():
    names = [event.name for event in offered()]
    assert len(names) == len(set(names))
    assert all(name.count(".") == 1 for name in names)
    assert {"credits.low", "credits.exhausted", "member.joined", "cycle.closed"} <= set(names)
    assert not next(event for event in offered() if event.name == "deduction.created").at_first
