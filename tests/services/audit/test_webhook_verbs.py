"""The verbs of webhooks and their lines of the audit log."""

from app.domain.webhook import Attempt
from app.services.fetch_safely import SafeFetch
from app.services.webhooks.manage import add_webhook, edit_webhook, remove_webhook, switch_webhook
from app.services.webhooks.record import record
from app.services.webhooks.replay import replay, replay_failed, send_test
from app.services.webhooks.secrets import rotate_secret
from app.store.database import db, transaction
from app.store.webhook_deliveries import WebhookDelivery
from tests.services.audit.log import lines

URL = "https://93.184.216.34/coffer"


def test_webhooks(cast, story):
    now, owner, fetch = cast.now, cast.access("alice"), SafeFetch()
    with story("webhooks"):
        hook, secret = add_webhook(owner, URL, ["credits.low"], "", now, fetch)
        edit_webhook(owner, hook.id, now, fetch, events=["member.left"])
        _, other = rotate_secret(owner, hook.id, now)
        sent = send_test(owner, hook.id, now)
        replay(owner, hook.id, sent.id, now)
        record(hook.id, sent.id, Attempt(410, "", None, 5), now, 0, now)
        switch_webhook(owner, hook.id, now, on=True)
        with transaction():
            db.session.get(WebhookDelivery, sent.id).state = "failed"
        assert replay_failed(owner, hook.id, now, now) == 1
        remove_webhook(owner, hook.id, now)
    said = "".join(line.before + line.after for line in lines(cast.acme.id))
    assert secret not in said
    assert other not in said
    edited = next(line for line in lines(cast.acme.id) if line.kind == "webhook.edited")
    assert '"events":["credits.low"]' in edited.before
    assert '"events":["member.left"]' in edited.after
