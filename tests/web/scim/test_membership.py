"""What a directory says of people: in, out, invited, or nothing at all."""

import pytest

from app.domain.role import Role
from app.hookspecs import Check, Once, Proven
from app.services.sso.believe import whom
from app.services.sso.domains.claim import vouch_for_domain
from app.services.sso.domains.remove import remove_domain
from app.services.sso.scim.connect import make_scim_token
from app.services.sso.scim.opened import waits_for_its_owner
from app.services.workspaces.access import access_to
from app.services.workspaces.join import add_member
from app.store.accounts import membership
from app.store.database import add, db, transaction
from app.store.identity_providers import IdentityProviderRow
from app.store.invitations import open_invitations_to
from app.store.people import person_by_email
from tests.conftest import START, person
from tests.web.scim.conftest import Directory

OFF = {"op": "replace", "path": "active", "value": False}
ON = {"op": "replace", "path": "active", "value": True}


@pytest.fixture
def role_of(acme):
    """The role of whoever has an address, or None."""

    def find(email):
        db.session.rollback()
        someone = person_by_email(email)
        place = someone and membership(acme.account.id, someone.id)
        return place and place.role

    return find


def test_who_is_new_gets_an_account_and_is_in(directory, role_of):
    directory.create("nora", name={"givenName": "Nora", "familyName": "Néri"})
    nora = person_by_email("nora@corp.test")
    assert (nora.name, nora.password_hash) == ("Nora Néri", None)
    assert nora.email_verified_at is not None
    assert role_of("nora@corp.test") is Role.MEMBER


@pytest.mark.parametrize("how", ["patch", "put", "delete"])
def test_who_is_inactive_or_deleted_is_out_at_once(how, directory, role_of, acme):
    nora = directory.create("nora")
    if how == "patch":
        answer = directory.patch(nora, OFF)
    elif how == "put":
        answer = directory("PUT", f"/Users/{nora['id']}", nora | {"active": False})
    else:
        answer = directory("DELETE", f"/Users/{nora['id']}")
    assert answer.status_code < 300
    assert role_of("nora@corp.test") is None
    assert person_by_email("nora@corp.test") is not None, "their own account stays"


def test_who_is_active_again_is_back(directory, role_of):
    nora = directory.create("nora", active=False)
    assert person_by_email("nora@corp.test") is None
    for _ in range(2):
        directory.patch(nora, ON)
        assert role_of("nora@corp.test") is Role.MEMBER
        directory.patch(nora, OFF)
        assert role_of("nora@corp.test") is None


@pytest.mark.parametrize("email", ["nora@elsewhere.test", "nora@eu.corp.test"])
def test_a_directory_is_believed_about_verified_domains_only(email, directory):
    nora = directory.create("nora", email)
    assert directory("GET", f"/Users/{nora['id']}").status_code == 200
    assert person_by_email(email) is None


def test_a_directory_takes_nobody_out_whose_domain_it_has_not(directory, acme, role_of):
    bob = directory.create("bob", acme.bob.email)
    assert directory.patch(bob, OFF).status_code == 204
    assert directory("DELETE", f"/Users/{bob['id']}").status_code == 204
    assert role_of(acme.bob.email) is Role.MEMBER


def test_a_user_name_that_is_an_address_counts_where_no_address_is_given(directory, role_of):
    directory.create("nora@corp.test", emails=[])
    directory.create("somebody", emails=[])
    assert role_of("nora@corp.test") is Role.MEMBER


def test_nobody_new_comes_after_the_domain_is_gone_and_known_ones_can_go(directory, owner, role_of):
    nora = directory.create("nora")
    remove_domain(owner, "corp.test", START)
    directory.create("late")
    assert person_by_email("late@corp.test") is None
    directory.patch(nora, OFF)
    assert role_of("nora@corp.test") is None


def test_who_had_an_account_is_invited_and_not_moved(directory, acme, role_of):
    olaf = person("olaf@corp.test", "Olaf")
    record = directory.create("olaf")
    assert role_of(olaf.email) is None
    (invitation,) = open_invitations_to(acme.account.id, olaf.email)
    assert invitation.role is Role.MEMBER
    directory.patch(record, {"op": "replace", "path": "displayName", "value": "Olaf O."})
    assert len(open_invitations_to(acme.account.id, olaf.email)) == 1
    directory.patch(record, OFF)
    db.session.rollback()
    assert open_invitations_to(acme.account.id, olaf.email) == []


def test_who_was_removed_here_comes_back_only_when_the_directory_says_so_anew(
    directory, owner, role_of
):
    from app.services.workspaces.end_access import remove

    nora = directory.create("nora")
    remove(owner, "nora@corp.test", START)
    directory.patch(nora, {"op": "replace", "path": "displayName", "value": "Nora N."})
    assert role_of("nora@corp.test") is None
    directory.patch(nora, OFF)
    directory.patch(nora, ON)
    assert role_of("nora@corp.test") is Role.MEMBER


def test_who_left_is_not_invited_at_every_change(directory, acme, owner):
    from app.services.workspaces.end_access import remove

    olaf = person("olaf@corp.test", "Olaf")
    add_member("acme", olaf.email, Role.MEMBER, START)
    remove(owner, olaf.email, START)
    record = directory.create("olaf", active=False)
    directory.patch(record, ON)
    (invitation,) = open_invitations_to(acme.account.id, olaf.email)
    invitation.revoked_at = START
    db.session.commit()
    directory.patch(record, {"op": "replace", "path": "displayName", "value": "Olaf O."})
    assert open_invitations_to(acme.account.id, olaf.email) == []


def test_who_is_a_member_already_is_followed_from_then_on(directory, acme, role_of):
    person("olaf@corp.test", "Olaf")
    add_member("acme", "olaf@corp.test", Role.MEMBER, START)
    record = directory.create("olaf")
    directory.patch(record, OFF)
    assert role_of("olaf@corp.test") is None
    directory.patch(record, ON)
    assert role_of("olaf@corp.test") is Role.MEMBER


def test_the_owner_stays_whatever_the_directory_says(directory, acme, owner, role_of):
    vouch_for_domain(owner, "acme.test", START)
    record = directory.create("alice", acme.alice.email)
    refused = directory.patch(record, OFF)
    assert refused.status_code == 403
    assert "owner" in refused.json["detail"]
    assert directory("DELETE", f"/Users/{record['id']}").status_code == 403
    assert directory("GET", f"/Users/{record['id']}").json["active"] is True
    assert role_of(acme.alice.email) is Role.OWNER


def test_admins_go_only_by_a_token_of_the_owner(app, directory, acme, owner, role_of):
    vouch_for_domain(owner, "acme.test", START)
    record = directory.create("carol", acme.carol.email)
    admins = access_to(acme.carol.id, "acme")[1]
    by_admin = Directory(app, *make_scim_token(admins, START))
    refused = by_admin.patch(record, OFF)
    assert (refused.status_code, role_of(acme.carol.email)) == (403, Role.ADMIN)
    by_owner = Directory(app, *make_scim_token(owner, START))
    assert by_owner.patch(record, OFF).status_code == 204
    assert role_of(acme.carol.email) is None


def test_what_a_directory_opened_waits_for_its_owner(directory, acme, owner):
    from app.services.people.hash_password import hash_password

    directory.create("nora")
    nora = person_by_email("nora@corp.test")
    assert waits_for_its_owner(acme.account.id, nora)
    assert not waits_for_its_owner(acme.account.id + 1, nora)
    assert not waits_for_its_owner(acme.account.id, acme.bob)
    nora.password_hash = hash_password("a password of her own")
    assert not waits_for_its_owner(acme.account.id, nora)


def test_who_was_told_of_signs_in_through_the_identity_provider_at_once(directory, acme, app):
    directory.create("nora")
    nora = person_by_email("nora@corp.test")
    row = IdentityProviderRow(
        public_id="x",
        account_id=acme.account.id,
        handler="h",
        name="N",
        document="",
        facts=[],
        certificates=[],
        values={},
        sealed="",
        our_certificate="",
        role_values={},
        created_at=START,
    )
    with transaction():
        add(row)
        found = whom(row, proven("subject-1", nora.email), nora.email, START)
        again = whom(row, proven("subject-2", nora.email), nora.email, START)
    assert (found.person.id, found.is_link, found.is_first) == (nora.id, False, False)
    assert again.is_link, "it is somebody's now"


def proven(subject, email):
    """An identity as a handler proves it."""
    return Proven(subject, email, (Once("id", START),), (Check("c", passed=True, words="Fine."),))
