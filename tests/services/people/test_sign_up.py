"""Signing up: an address, a name, a password; a personal account of one's own."""

import pytest

from app.domain.refusals import Conflict, InvalidRequest
from app.domain.role import Role
from app.services.people.sign_in import sign_in
from app.services.people.sign_up import create_person, sign_up
from app.store.accounts import AccountKind, Membership, memberships_of, personal_account
from app.store.database import db
from app.store.people import Person
from tests.services.cast import mails_to
from tests.services.racing import at_once

PASSWORD = "correct horse battery"


def test_sign_up_opens_a_personal_account(app, clock):
    person = sign_up("Bob.Birch+news@Acme.test", " Bob Birch ", PASSWORD, clock.now())
    assert (person.email, person.name) == ("bob.birch+news@acme.test", "Bob Birch")
    assert person.email_verified_at is None
    assert not person.is_operator
    (place,) = memberships_of(person.id)
    assert place.role is Role.OWNER
    assert place.account.kind is AccountKind.PERSONAL
    assert (place.account.slug, place.account.name) == ("bob-birch", "Bob Birch")


def test_sign_up_mails_a_link_that_proves_the_address(app, clock):
    person = sign_up("bob@acme.test", "Bob", PASSWORD, clock.now())
    (mail,) = mails_to("bob@acme.test")
    purpose, claims = mail.context["link"]
    assert (mail.template, purpose) == ("verify", "verify")
    assert (claims["person"], claims["email"]) == (person.id, "bob@acme.test")


def test_password_is_kept_as_an_argon2_hash(app, clock):
    person = sign_up("bob@acme.test", "Bob", PASSWORD, clock.now())
    assert person.password_hash.startswith("$argon2id$")
    assert PASSWORD not in person.password_hash


def test_taken_address_is_a_conflict_in_any_case(app, clock):
    sign_up("bob@acme.test", "Bob", PASSWORD, clock.now())
    with pytest.raises(Conflict, match="Sign in instead"):
        sign_up("BOB@ACME.test", "Bobby", PASSWORD, clock.now())
    assert db.session.query(Person).count() == 1


def test_domains_are_kept_in_ascii(app, clock):
    person = sign_up("bob@Bücher.test", "Bob", PASSWORD, clock.now())
    assert person.email == "bob@xn--bcher-kva.test"
    assert sign_in("BOB@BÜCHER.test", PASSWORD, "", "", clock.now())[0].id == person.id


@pytest.mark.parametrize(
    ("email", "name", "password", "field"),
    [
        ("bob", "Bob", PASSWORD, "email"),
        ("bob@acme.test\nBcc: eve@evil.test", "Bob", PASSWORD, "email"),
        ("b" * 65 + "@acme.test", "Bob", PASSWORD, "email"),
        ("bob\0@acme.test", "Bob", PASSWORD, "email"),
        ("bob@acme.test", "", PASSWORD, "name"),
        ("bob@acme.test", "Bob\nEve", PASSWORD, "name"),
        ("bob@acme.test", "Bob", "short", "password"),
        ("bob@acme.test", "Bob", "bob@acme.test", "password"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(app, clock, email, name, password, field):
    with pytest.raises(InvalidRequest) as refused:
        sign_up(email, name, password, clock.now())
    assert [wrong for wrong, _ in refused.value.errors] == [field]
    assert db.session.query(Person).count() == 0


def test_same_local_parts_get_numbered_slugs(app, clock):
    slugs = []
    for number in range(11):
        person = create_person(f"info@acme{number}.test", "Info", None, clock.now())
        slugs.append(personal_account(person.id).slug)
    assert slugs[:3] == ["info", "info-2", "info-3"]
    assert len(set(slugs)) == 11
    assert all(slug.removeprefix("info-").isdigit() for slug in slugs[1:])


def test_reserved_local_part_gets_another_slug(app, clock):
    person = create_person("admin@acme.test", "Admin", None, clock.now())
    assert personal_account(person.id).slug == "admin-2"


def test_operator_is_created_verified_and_without_mail(app, clock):
    person = create_person(
        "op@acme.test", "Op", PASSWORD, clock.now(), verified=True, operator=True
    )
    assert person.is_operator
    assert person.email_verified_at == clock.now()
    assert mails_to("op@acme.test") == []


def test_one_of_many_at_once_gets_the_address(app, clock):
    now = clock.now()

    def deed():
        return create_person("bob@acme.test", "Bob", None, now)

    outcomes = at_once(app, *[deed] * 4)
    assert sum(isinstance(outcome, Person) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
    assert db.session.query(Membership).count() == 1


def test_people_at_once_get_slugs_of_their_own(app, clock):
    now = clock.now()
    deeds = [lambda n=n: create_person(f"info@acme{n}.test", "Info", None, now) for n in range(6)]
    people = at_once(app, *deeds)
    assert [type(person) for person in people] == [Person] * 6
    assert len({personal_account(person.id).slug for person in people}) == 6
