"""Delivery: a real message to a real server, once, and nothing lost while it is away."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.domain.role import Role
from app.services.mail.deliver import LEASE, deliver_due_mail
from app.services.mail.links import Links
from app.services.mail.postman import Postman
from app.services.mail.queue_mail import queue_mail
from app.services.people.passwords import ask_reset
from app.services.workspaces.invite import invitation_for, invite
from app.store.database import db, transaction
from app.store.mails import Mail, claim_mail
from tests.services.mail.sink import free_port, mail_server
from tests.services.racing import at_once


@dataclass
class MailSettings:
    instance: Path
    mail_url: str = ""
    public_url: str = "https://coffer.test"
    secret_key: str = "secret"
    mail_from: str = "Coffer <coffer@coffer.test>"


@pytest.fixture
def server():
    with mail_server() as (sink, url):
        yield sink, url


@pytest.fixture
def postman(server, tmp_path):
    return Postman(MailSettings(tmp_path, server[1]))


@pytest.fixture
def away(tmp_path):
    """A postman whose server does not answer."""
    return Postman(MailSettings(tmp_path, f"smtp://127.0.0.1:{free_port()}"))


def queued(clock, *recipients, **values):
    with transaction():
        for recipient in recipients or ("bob@acme.test",):
            context = {"name": "Bob", "workspace": "Acme", **values}
            queue_mail(recipient, "member_removed", clock.now(), **context)


def kept():
    db.session.rollback()
    return list(db.session.scalars(db.select(Mail).order_by(Mail.id)))


def text_of(message, kind="plain"):
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_message_arrives_with_text_and_html(app, clock, server, postman):
    queued(clock)
    assert deliver_due_mail(postman, clock.now()) == 1
    ((recipients, message),) = server[0].messages
    assert recipients == ["bob@acme.test"]
    assert message["To"] == "bob@acme.test"
    assert message["From"] == "Coffer <coffer@coffer.test>"
    assert message["Subject"] == "You are no longer a member of Acme"
    assert "Hello Bob," in text_of(message)
    assert "<p>Hello Bob,</p>" in text_of(message, "html")
    assert re.fullmatch(r"<coffer\.\d+\.\d+@coffer\.test>", message["Message-ID"])
    (mail,) = kept()
    assert (mail.sent_at, mail.attempts) == (clock.now(), 1)


def test_sent_mail_is_not_sent_again(app, clock, server, postman, later):
    queued(clock)
    deliver_due_mail(postman, clock.now())
    assert deliver_due_mail(postman, later(days=1)) == 0
    assert len(server[0].messages) == 1


def test_invitation_carries_a_link_that_works(cast, server, postman):
    invite(cast.access("alice"), ["new@acme.test"], Role.MEMBER, cast.now)
    deliver_due_mail(postman, cast.now)
    ((_, message),) = server[0].messages
    assert message["Subject"] == "Alice Arden invites you to Acme Incorporated"
    found = re.search(r"^https://coffer\.test/invitations/(\S+)$", text_of(message), re.MULTILINE)
    links = Links("secret", "https://coffer.test")
    claims = links.read("invitation", found[1], cast.now)
    assert invitation_for(claims, cast.now).email == "new@acme.test"
    assert f'<a href="{found[0]}"' in text_of(message, "html")
    assert "22 January 2026, 12:00 UTC" in text_of(message)


def test_no_working_link_rests_in_the_database(cast):
    ask_reset(cast.email("bob"), cast.now)
    (mail,) = kept()
    links = Links("secret", "https://coffer.test")
    assert links.sign("reset", mail.context["link"][1]) not in str(mail.context)
    assert set(mail.context["link"][1]) == {"person", "fingerprint", "at"}


def test_names_can_t_add_headers(app, clock, server, postman):
    queued(
        clock, name="Bob\r\nBcc: eve@evil.test", workspace="Acme\r\nBcc: eve@evil.test\r\n\r\nHi"
    )
    assert deliver_due_mail(postman, clock.now()) == 1
    ((recipients, message),) = server[0].messages
    assert recipients == ["bob@acme.test"]
    assert message["Bcc"] is None
    assert message["Subject"].startswith("You are no longer a member of Acme")
    assert set(message.keys()) <= {
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    }


def test_names_can_t_add_markup(app, clock, server, postman):
    queued(clock, workspace='<a href="https://evil.test">Acme</a>')
    deliver_due_mail(postman, clock.now())
    ((_, message),) = server[0].messages
    assert "<a href" not in text_of(message, "html")
    assert '<a href="https://evil.test">Acme</a>' in text_of(message)


def test_names_of_all_the_world_arrive(app, clock, server, postman):
    queued(clock, name="Zoë 株式会社 🚀", workspace="Société Générale " + "é" * 80)
    deliver_due_mail(postman, clock.now())
    ((_, message),) = server[0].messages
    assert message["Subject"].endswith("Société Générale " + "é" * 80)
    assert "Hello Zoë 株式会社 🚀," in text_of(message)


def test_unreachable_server_loses_nothing(app, clock, server, postman, away, later):
    queued(clock, "a@acme.test", "b@acme.test")
    assert deliver_due_mail(away, clock.now()) == 0
    first, second = kept()
    assert (first.attempts, second.attempts) == (1, 0)
    assert "ConnectionRefusedError" in first.last_error
    assert (first.due_at - clock.now()).total_seconds() == 60
    assert deliver_due_mail(postman, later(seconds=59)) == 1
    assert deliver_due_mail(postman, later(seconds=1)) == 1
    assert all(mail.sent_at and mail.last_error is None for mail in kept())
    assert len(server[0].messages) == 2


def test_attempts_grow_rarer_and_end(app, clock, away):
    queued(clock)
    waits = []
    for attempt in range(1, 11):
        deliver_due_mail(away, clock.now())
        (mail,) = kept()
        assert mail.attempts == attempt
        waits.append((mail.due_at - clock.now()).total_seconds() / 60)
        clock.set(mail.due_at)
    assert waits[:4] == [1, 5, 30, 120]
    assert waits[-1] == 0
    assert mail.given_up_at == clock.now()
    deliver_due_mail(away, clock.now())
    assert kept()[0].attempts == 10


def test_refused_recipient_does_not_stop_the_others(app, clock, server, postman):
    server[0].refuses = {"gone@acme.test"}
    queued(clock, "gone@acme.test", "bob@acme.test")
    assert deliver_due_mail(postman, clock.now()) == 1
    gone, bob = kept()
    assert bob.sent_at == clock.now()
    assert gone.sent_at is None
    assert "no such mailbox" in gone.last_error


def test_mail_that_can_t_be_written_does_not_stop_the_others(app, clock, server, postman):
    with transaction():
        queue_mail("bob@acme.test", "no_such_template", clock.now())
        queue_mail("bob@acme.test", "member_removed", clock.now())
    queued(clock)
    assert deliver_due_mail(postman, clock.now()) == 1
    errors = [mail.last_error for mail in kept()]
    assert errors[0].startswith("TemplateNotFound")
    assert errors[1].startswith("UndefinedError")
    assert errors[2] is None


def test_two_deliverers_at_once_send_once(app, clock, server, postman, tmp_path):
    queued(clock, *[f"p{n}@acme.test" for n in range(12)])
    now, other = clock.now(), Postman(MailSettings(tmp_path, server[1]))
    counts = at_once(
        app,
        *[lambda postman=postman: deliver_due_mail(postman, now) for postman in (postman, other)],
    )
    assert sum(counts) == 12
    assert len({recipients[0] for recipients, _ in server[0].messages}) == 12
    assert len(server[0].messages) == 12


def test_mail_of_a_deliverer_that_died_is_sent_later(app, clock, server, postman, later):
    queued(clock)
    (mail,) = kept()
    with transaction():
        assert claim_mail(mail.id, 0, clock.now() + LEASE)
    assert deliver_due_mail(postman, later(minutes=29)) == 0
    assert deliver_due_mail(postman, later(minutes=1)) == 1
    assert len(server[0].messages) == 1


def test_limit_is_kept(app, clock, server, postman):
    queued(clock, *[f"p{n}@acme.test" for n in range(5)])
    assert [deliver_due_mail(postman, clock.now(), 2) for _ in range(3)] == [2, 2, 1]


def test_mail_of_an_undone_verb_is_undone_too(app, clock):
    def fail():
        with transaction():
            queue_mail("bob@acme.test", "member_removed", clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert kept() == []


def test_without_a_server_mails_are_files(app, clock, tmp_path):
    queued(clock)
    assert deliver_due_mail(Postman(MailSettings(tmp_path)), clock.now()) == 1
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert b"Subject: You are no longer a member of Acme" in file.read_bytes()
    assert kept()[0].sent_at == clock.now()
