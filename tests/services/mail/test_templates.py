"""Templates: every mail that a verb queues can be written, and is short and plain."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.services.mail.postman import TEMPLATES, Postman
from app.services.mail.queue_mail import mail_of
from tests.services.mail.test_deliver import MailSettings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AT = {"at": int(NOW.timestamp())}
PAID = {"slug": "acme", "words": "Business: 5,000 credits, monthly", "money": "99.00 EUR"}
VALUES = {
    "operator_made": {},
    "operator_unmade": {},
    "seen_as": {"operator": "Olga (ops@coffer.test)", "reason": "She asked.", "until": NOW},
    "verify": {"link": ("verify", AT)},
    "reset": {"link": ("reset", AT)},
    "password_changed": {},
    "two_factor_on": {},
    "two_factor_off": {},
    "two_factor_reset": {},
    "recovery_code_used": {"left": 3},
    "recovery_codes_renewed": {},
    "codes_guessed": {},
    "invitation": {"link": ("invitation", AT), "inviter": "Alice", "role": "admin", "until": NOW},
    "member_removed": {},
    "role_changed": {"role": "member"},
    "join_request": {"who": "Nora", "email": "nora@acme.test", "slug": "acme"},
    "join_approved": {"slug": "acme"},
    "join_declined": {"reason": "Ask Bob first.", "again": NOW},
    "ownership_offer": {"other": "Alice", "slug": "acme"},
    "ownership_handed_over": {"other": "Alice"},
    "ownership_received": {"other": "Alice", "slug": "acme"},
    "workspace_deleted": {"owner": "Alice", "is_owner": False, "until": NOW},
    "workspace_restored": {},
    "domain_lapsed": {
        "slug": "acme",
        "domain": "acme.test",
        "record": "coffer-domain-verification=x",
    },
    "certificate_ends": {
        "slug": "acme",
        "provider": "Acme Login",
        "subject": "CN=idp.acme.test",
        "at": NOW,
    },
    "payment_wanted": {**PAID, "instructions": "Send it to DE02 1203 0000 0000 2020 51."},
    "payment_failed": {**PAID, "reason": "The card has expired.", "again": NOW},
    "payment_past_due": PAID,
    "auto_top_up_stopped": {**PAID, "reason": "The card has expired."},
    "payment_problem": {"what": "99.00 EUR of pay-1 had no effect."},
    "payment_disputed": {
        **PAID,
        "account": "Acme",
        "key": "pay-1",
        "provider": "cards",
        "reason": "Not recognized.",
        "credits": "500",
    },
    "webhook_off": {
        "slug": "acme",
        "url": "https://hooks.acme.test/coffer",
        "why": "Nothing has arrived there for three days.",
        "webhook": "webhook_5",
    },
    "books_differ": {"provider": "Card", "count": "1 difference", "what": "pay-1 is missing."},
    "credits_short": {
        "slug": "acme",
        "degree": "low",
        "available": "400",
        "renews_at": NOW,
    },
    "limit_met": {
        "slug": "acme",
        "who": "each_member",
        "whom": "Ben",
        "credits": "100",
        "per": "day",
        "is_alert": False,
    },
    "credits_expiring": {"slug": "acme", "lost": "4,000", "available": "9,000", "at": NOW},
    "cycle_statement": {
        "slug": "acme",
        "renewed_at": NOW,
        "renews_at": NOW,
        "granted": "5,000",
        "carried": "1,200",
        "used": "3,800",
        "lost": "0",
        "by": "Alice 3,000, Bob 700 and 2 others 100",
    },
}


def written(name, **more):
    values = {"name": "Bob", "workspace": "Acme", **VALUES[name], **more}
    mail = mail_of("bob@acme.test", name, NOW, **values)
    mail.id = 1
    return Postman(MailSettings(Path("unused"))).render(mail)


def test_each_template_has_its_example():
    assert {path.stem for path in TEMPLATES.glob("*.txt")} == set(VALUES)


@pytest.mark.parametrize("name", VALUES)
def test_mail_is_short_and_whole(name):
    message = written(name)
    text = message.get_body(("plain",)).get_content()
    assert 5 < len(message["Subject"]) < 78
    assert text.startswith("Hello")
    assert len(text) < 1000
    assert "{{" not in text
    assert "\n\n\n" not in text.replace("\r", "")


@pytest.mark.parametrize("name", ["verify", "reset", "invitation"])
def test_link_stands_alone_on_its_line(name):
    text = written(name).get_body(("plain",)).get_content()
    assert any(
        line.startswith("https://coffer.test/") and " " not in line for line in text.splitlines()
    )


def test_words_follow_the_role():
    assert "you are now an admin" in written("role_changed", role="admin").as_string()
    assert "as a member" in written("invitation", role="member").as_string()


def test_owner_reads_how_to_undo_a_deletion():
    assert (
        "You can undo this until 2 March 2026"
        in written("workspace_deleted", is_owner=True).get_body(("plain",)).get_content()
    )
