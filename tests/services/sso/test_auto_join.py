"""Joining by one's address: at the first proof of it, by every way, and never against the rules."""

import pytest

from app.domain.refusals import Conflict, NotFound, RefusedByPlugin
from app.domain.role import Role
from app.hookspecs import JoinAs, Refuse
from app.services.people.passwords import ask_reset, reset
from app.services.people.sign_up import create_person, sign_up
from app.services.people.verification import verify
from app.services.sso.auto_join import AutoJoined, auto_join
from app.services.sso.domains.remove import remove_domain
from app.services.sso.join_offers import accept_to_join, decline_to_join, offer_to_join
from app.services.workspaces.accept import accept_invitation, sign_up_invited
from app.services.workspaces.delete import delete_workspace
from app.services.workspaces.end_access import leave, remove
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.store.accounts import membership, personal_account
from app.store.people import person_by_email, person_by_id
from tests.services.cast import claims_to
from tests.services.racing import at_once

DOMAIN, EMAIL = "corp.test", "nora@corp.test"
PASSWORD = "correct horse battery"


@pytest.fixture
def nora(cast):
    """Signed up by herself, and has not proved her address yet."""
    return sign_up(EMAIL, "Nora", PASSWORD, cast.now).id


@pytest.fixture
def colleague(cast):
    """Has had an account with a proved address for long."""
    return create_person("olaf@corp.test", "Olaf", None, cast.now, verified=True).id


def role_of(cast, person_id):
    place = membership(cast.acme.id, person_id)
    return place and place.role


def test_who_proves_their_address_for_the_first_time_joins(cast, vouched, nora):
    vouched(DOMAIN)
    assert role_of(cast, nora) is None
    joined = verify(nora, EMAIL, cast.now)
    assert (joined.workspace, joined.slug, joined.refused) == (cast.acme.name, "acme", None)
    assert (joined.place.role, joined.place.joined_at) == (Role.MEMBER, cast.now)
    assert personal_account(nora).slug == "nora"
    assert verify(nora, EMAIL, cast.now) == AutoJoined()


def test_a_domain_verified_by_dns_lets_in_and_a_lapsed_one_does_not(
    cast, verified, nora, name_server, resolver, later
):
    from app.services.sso.domains.check_again import check_domains

    verified(DOMAIN)
    name_server.publish(DOMAIN)
    check_domains(resolver, later(days=1))
    assert verify(nora, EMAIL, cast.now) == AutoJoined()
    assert offer_to_join(nora) is None


@pytest.mark.parametrize(
    "email", ["nora@eu.corp.test", "nora@xcorp.test", "nora@corp.test.evil.test", "n@corp.tes"]
)
def test_only_addresses_of_exactly_that_domain_join(email, cast, vouched):
    vouched(DOMAIN)
    person = sign_up(email, "Nora", PASSWORD, cast.now)
    assert verify(person.id, email, cast.now) == AutoJoined()
    assert role_of(cast, person.id) is None


def test_addresses_of_an_international_domain_join(cast, vouched):
    vouched("bücher.test")
    person = sign_up("nora@BÜCHER.test", "Nora", PASSWORD, cast.now)
    assert verify(person.id, person.email, cast.now).place is not None


def test_an_address_that_is_not_proved_opens_nothing(cast, vouched, nora):
    vouched(DOMAIN)
    assert auto_join(nora, cast.now, first=True) == AutoJoined()
    assert offer_to_join(nora) is None
    with pytest.raises(NotFound):
        accept_to_join(nora, "acme", cast.now)


def test_a_reset_password_proves_the_address_too(cast, vouched, nora):
    vouched(DOMAIN)
    ask_reset(EMAIL, cast.now)
    claims = claims_to(EMAIL, "reset")
    reset(claims["person"], claims["fingerprint"], PASSWORD + "!", cast.now)
    assert role_of(cast, nora) is Role.MEMBER


def test_an_invitation_elsewhere_proves_the_address_too(cast, beta, vouched, nora):
    vouched(DOMAIN)
    invite(beta, [EMAIL, "new@corp.test"], Role.MEMBER, cast.now)
    accept_invitation(claims_to(EMAIL, "invitation"), nora, cast.now)
    assert role_of(cast, nora) is Role.MEMBER
    newer = sign_up_invited(claims_to("new@corp.test", "invitation"), "New", PASSWORD, cast.now)
    assert role_of(cast, newer.id) is Role.MEMBER


def test_an_invitation_gives_its_own_role(cast, vouched):
    vouched(DOMAIN)
    invite(cast.access("alice"), [EMAIL], Role.ADMIN, cast.now)
    person = sign_up_invited(claims_to(EMAIL, "invitation"), "Nora", PASSWORD, cast.now)
    assert role_of(cast, person.id) is Role.ADMIN


def test_who_had_an_account_is_offered_to_join_and_not_moved(cast, vouched, colleague):
    vouched(DOMAIN)
    assert auto_join(colleague, cast.now, first=False) == AutoJoined()
    assert role_of(cast, colleague) is None
    offer = offer_to_join(colleague)
    assert (offer.slug, offer.name, offer.domain) == ("acme", cast.acme.name, DOMAIN)
    assert accept_to_join(colleague, "acme", cast.now).role is Role.MEMBER
    assert offer_to_join(colleague) is None
    with pytest.raises(NotFound):
        accept_to_join(colleague, "acme", cast.now)


def test_an_offer_is_for_that_workspace_only(cast, beta, vouched, colleague):
    vouched(DOMAIN)
    for slug in ("beta", "nowhere"):
        with pytest.raises(NotFound):
            accept_to_join(colleague, slug, cast.now)
    with pytest.raises(NotFound):
        accept_to_join(cast.ids["charlie"], "acme", cast.now)


def test_an_offer_that_is_declined_is_made_no_more(cast, vouched, colleague):
    vouched(DOMAIN)
    decline_to_join(colleague, "acme", cast.now)
    assert offer_to_join(colleague) is None
    with pytest.raises(NotFound):
        accept_to_join(colleague, "acme", cast.now)


@pytest.mark.parametrize("how", ["removed", "left"])
def test_who_went_out_is_let_in_by_invitation_only(how, cast, vouched, nora):
    vouched(DOMAIN)
    verify(nora, EMAIL, cast.now)
    if how == "removed":
        remove(cast.access("alice"), EMAIL, cast.now)
    else:
        from app.services.workspaces.access import access_to

        leave(access_to(nora, "acme")[1], cast.now)
    assert offer_to_join(nora) is None
    assert auto_join(nora, cast.now, first=True) == AutoJoined()
    add_member("acme", EMAIL, Role.MEMBER, cast.now)
    assert role_of(cast, nora) is Role.MEMBER


def test_members_of_a_removed_domain_stay_and_nobody_new_comes(cast, vouched, nora, colleague):
    vouched(DOMAIN)
    verify(nora, EMAIL, cast.now)
    remove_domain(cast.access("alice"), DOMAIN, cast.now)
    assert role_of(cast, nora) is Role.MEMBER
    assert offer_to_join(colleague) is None


def test_a_deleted_workspace_lets_nobody_in(cast, vouched, nora):
    vouched(DOMAIN)
    delete_workspace(cast.access("alice"), cast.acme.name, cast.now)
    assert verify(nora, EMAIL, cast.now) == AutoJoined()


def test_a_plugin_refuses_and_the_person_keeps_their_account(cast, vouched, nora, decider):
    vouched(DOMAIN)
    decider(lambda joining: Refuse(f"Not {joining.email}, today."))
    joined = verify(nora, EMAIL, cast.now)
    assert (joined.place, joined.workspace) == (None, cast.acme.name)
    assert joined.refused == "Not nora@corp.test, today."
    assert role_of(cast, nora) is None
    assert person_by_id(nora).email_verified_at == cast.now
    assert personal_account(nora)
    with pytest.raises(RefusedByPlugin, match="today"):
        accept_to_join(nora, "acme", cast.now)


def test_no_plugin_raises_the_role(cast, vouched, nora, decider):
    vouched(DOMAIN)
    decider(lambda joining: JoinAs("admin"))
    assert verify(nora, EMAIL, cast.now).place.role is Role.MEMBER


def test_a_broken_plugin_lets_nobody_in(cast, vouched, nora, decider):
    vouched(DOMAIN)
    decider(lambda joining: 1 / 0)
    assert "could not decide" in verify(nora, EMAIL, cast.now).refused


def test_a_domain_that_ends_while_plugins_decide_lets_nobody_in(app, cast, vouched, nora, decider):
    vouched(DOMAIN)
    access, now = cast.access("alice"), cast.now
    ended = []

    def end_it(joining):
        if not ended:
            ended.append(joining)
            with app.app_context():
                remove_domain(access, DOMAIN, now)

    decider(end_it)
    assert verify(nora, EMAIL, cast.now) == AutoJoined()
    assert ended
    assert role_of(cast, nora) is None


def test_two_sign_ins_at_once_join_once(app, cast, vouched, colleague):
    vouched(DOMAIN)
    now = cast.now
    outcomes = at_once(app, *[lambda: auto_join(colleague, now, first=True)] * 3)
    assert sum(outcome.place is not None for outcome in outcomes) == 1
    assert sum(outcome == AutoJoined() for outcome in outcomes) == 2


def test_nobody_joins_after_the_domain_was_removed(app, cast, vouched):
    """Whatever the order: who joined was in before the removal was answered, or never."""
    vouched(DOMAIN)
    access, now = cast.access("alice"), cast.now
    ids = [
        create_person(f"p{number}@corp.test", "P", None, now, verified=True).id
        for number in range(4)
    ]
    deeds = [lambda each=each: auto_join(each, now, first=True) for each in ids]
    outcomes = at_once(app, *deeds, lambda: remove_domain(access, DOMAIN, now))
    assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
    for each, outcome in zip(ids, outcomes, strict=False):
        assert (outcome.place is not None) == (role_of(cast, each) is not None)
    late = person_by_email("p0@corp.test")
    if role_of(cast, late.id) is None:
        assert auto_join(late.id, now, first=True) == AutoJoined()


def test_joining_twice_is_a_conflict(cast, vouched, nora):
    vouched(DOMAIN)
    verify(nora, EMAIL, cast.now)
    with pytest.raises(Conflict, match="already"):
        add_member("acme", EMAIL, Role.MEMBER, cast.now)
