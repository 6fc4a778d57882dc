"""Requiring single sign-on: whom it concerns, what has to be there, and the owner's way in."""

import pytest

from app.domain.refusals import Conflict, Forbidden, SsoRequired
from app.domain.role import Role
from app.services.people.hash_password import fingerprint
from app.services.people.passwords import reset
from app.services.sso.given import Given
from app.services.sso.require import require_sso, requirement_of, stop_requiring_sso
from app.services.sso.set_up import edit_provider, remove_provider, switch_off
from app.services.workspaces.join import add_member
from app.store.accounts import membership
from app.store.database import db
from app.store.people import person_by_id
from tests.conftest import PASSWORD
from tests.plugins.saml.company import quick_keys
from tests.services.people import second_factors
from tests.services.sso.identity import Direct


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    quick_keys(monkeypatch)


@pytest.fixture
def company(app, cast, vouched):
    made = Direct(app, cast.acme.id)
    vouched("acme.test")
    for person_id in cast.ids.values():
        person = person_by_id(person_id)
        reset(person.id, fingerprint(person.id, person.password_hash), PASSWORD, cast.now)
    return made


def password(cast, first):
    return second_factors.enter(person_by_id(cast.ids[first]), cast.now)


@pytest.fixture
def required(company, cast):
    """It is required, as everything for it is there."""
    company.enter()
    second_factors.switch_on(person_by_id(cast.ids["alice"]), cast.now)
    require_sso(cast.access("carol"), cast.now)
    return company


def test_it_needs_a_sign_in_and_a_second_way_for_the_owner(company, cast):
    owner = cast.access("alice")
    assert len(requirement_of(owner).missing) == 2
    with pytest.raises(Conflict, match="Nobody has signed in"):
        require_sso(owner, cast.now)
    company.enter()
    with pytest.raises(Conflict, match="second way in"):
        require_sso(owner, cast.now)
    second_factors.switch_on(person_by_id(cast.ids["alice"]), cast.now)
    require_sso(owner, cast.now)
    assert requirement_of(owner).since == cast.now


def test_members_with_the_domain_come_through_it_only(required, cast):
    for first in ("bob", "carol"):
        with pytest.raises(SsoRequired, match="Acme"):
            password(cast, first)


def test_a_wrong_password_is_told_nothing_of_it(required, cast):
    from app.domain.refusals import Unauthenticated

    with pytest.raises(Unauthenticated, match="don't match") as refused:
        second_factors.enter(person_by_id(cast.ids["bob"]), cast.now, "wrong wrong wrong")
    assert not isinstance(refused.value, SsoRequired)


def test_the_owner_keeps_the_password_with_two_factors(required, cast):
    from app.services.people.half_sign_in import HalfSession

    assert isinstance(password(cast, "alice"), HalfSession)


def test_who_is_no_member_is_not_concerned(required, cast):
    assert password(cast, "charlie").person.id == cast.ids["charlie"]


def test_members_with_another_domain_are_not_concerned(required, cast):
    from app.services.people.sign_up import create_person

    guest = create_person("guest@elsewhere.test", "Guest", PASSWORD, cast.now, verified=True)
    add_member("acme", guest.email, Role.MEMBER, cast.now)
    assert second_factors.enter(guest, cast.now).person.id == guest.id


def test_operators_come_by_their_password_and_by_nothing_else(required, cast):
    """Whoever runs Acme's identity provider would otherwise run the installation."""
    from app.domain.refusals import SignInRefused
    from app.services.people.sign_up import create_person
    from tests.conftest import PASSWORD

    ops = create_person("ops@acme.test", "O", PASSWORD, cast.now, verified=True, operator=True)
    add_member("acme", ops.email, Role.MEMBER, cast.now)
    assert second_factors.enter(ops, cast.now).person.id == ops.id
    with pytest.raises(SignInRefused):
        required.enter(subject="ops", email=ops.email)
    assert required.records()[0].refused_by == "operator"


def test_the_last_identity_provider_stays_on(required, cast):
    owner = cast.access("alice")
    for verb in (switch_off, remove_provider):
        with pytest.raises(Conflict, match="Stop requiring"):
            verb(owner, required.id)
    stop_requiring_sso(owner)
    switch_off(owner, required.id)
    assert password(cast, "bob").person.id == cast.ids["bob"]


def test_members_don_t_decide(required, cast):
    with pytest.raises(Forbidden):
        stop_requiring_sso(cast.access("bob"))
    with pytest.raises(Forbidden):
        require_sso(cast.access("bob"), cast.now)


class TestRoles:
    """Roles from the identity provider: only what was mapped, at most admin, never a failure."""

    @pytest.fixture
    def mapped(self, company, cast):
        given = Given(role_attribute="groups", role_values={"boss": "admin", "staff": "member"})
        edit_provider(cast.access("alice"), company.id, given, cast.now)
        return company

    def role(self, cast, email="ana@acme.test"):
        from app.store.people import person_by_email

        db.session.rollback()
        return membership(cast.acme.id, person_by_email(email).id).role

    def test_nothing_is_mapped_unasked(self, company, cast):
        company.enter(attributes={"role": ["owner"], "groups": ["admin"]})
        assert self.role(cast) is Role.MEMBER

    @pytest.mark.parametrize(
        ("groups", "role"),
        [
            (["boss"], Role.ADMIN),
            (["staff", "boss"], Role.ADMIN),
            (["staff"], Role.MEMBER),
            (["owner"], Role.MEMBER),
            ([], Role.MEMBER),
        ],
    )
    def test_what_is_mapped_is_followed(self, mapped, cast, groups, role):
        mapped.enter(attributes={"groups": groups})
        assert self.role(cast) is role

    def test_it_is_followed_at_each_sign_in(self, mapped, cast):
        mapped.enter(attributes={"groups": ["boss"]})
        mapped.enter(attributes={"groups": ["other"]})
        assert self.role(cast) is Role.ADMIN
        mapped.enter(attributes={"groups": ["staff"]})
        assert self.role(cast) is Role.MEMBER

    def test_nobody_becomes_owner_or_stops_being_it(self, mapped, cast):
        from app.services.sso.enter import link

        given = Given(role_values={"boss": "owner", "staff": "member"})
        edit_provider(cast.access("alice"), mapped.id, given, cast.now)
        mapped.enter(attributes={"groups": ["boss"]})
        assert self.role(cast) is Role.MEMBER
        waits = mapped.enter(subject="a", email="alice@acme.test", attributes={"groups": ["staff"]})
        link(waits.ticket, PASSWORD, "", *(_visitor(), cast.now))
        assert self.role(cast, "alice@acme.test") is Role.OWNER

    def test_a_role_that_can_t_follow_keeps_nobody_out(self, mapped, cast, monkeypatch):
        def broken(*_, **__):
            raise RuntimeError

        monkeypatch.setattr("app.services.sso.roles.queue_mail", broken)
        assert mapped.enter(attributes={"groups": ["boss"]}).person.email == "ana@acme.test"
        assert self.role(cast) is Role.MEMBER


def _visitor():
    from tests.services.sso.identity import VISITOR

    return VISITOR
