"""Profile: a person's name, which their personal account shares."""

import pytest

from app.domain.refusals import InvalidRequest
from app.services.people.profile import rename_person
from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from app.services.workspaces.rename import rename
from app.store.accounts import personal_account


@pytest.fixture
def bob(app, clock):
    return create_person("bob@acme.test", "Bob", None, clock.now())


def test_new_name_is_the_personal_account_s_too(bob):
    assert rename_person(bob.id, " Robert ").name == "Robert"
    assert personal_account(bob.id).name == "Robert"


def test_account_with_a_name_of_its_own_keeps_it(bob):
    rename(access_to(bob.id, "bob")[1], name="Bob's Lab")
    rename_person(bob.id, "Robert")
    assert personal_account(bob.id).name == "Bob's Lab"


def test_bad_name_is_refused(bob):
    with pytest.raises(InvalidRequest):
        rename_person(bob.id, "a\u202eb")
    assert personal_account(bob.id).name == "Bob"
