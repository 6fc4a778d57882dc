"""Asking to join: open to whom their address opens it, answered once, not again for a month."""

from datetime import timedelta

import pytest

from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound, RefusedByPlugin
from app.domain.role import Role
from app.hookspecs import Refuse
from app.services.people.sign_up import create_person, sign_up
from app.services.people.verification import verify
from app.services.sso.domains.approval import require_approval
from app.services.sso.domains.remove import remove_domain
from app.services.sso.join_offers import accept_to_join, decline_to_join, offer_to_join
from app.services.sso.join_requests import (
    approve_request,
    ask_to_join,
    decline_request,
    list_requests,
    take_back,
)
from app.services.workspaces.end_access import remove
from app.services.workspaces.join import add_member
from app.store.accounts import membership
from tests.services.cast import mails_to
from tests.services.racing import at_once

DOMAIN, EMAIL = "corp.test", "olaf@corp.test"


@pytest.fixture
def olaf(cast, vouched):
    """Has had an account for long, and his domain needs approval; his id."""
    vouched(DOMAIN)
    require_approval(cast.access("alice"), DOMAIN, needed=True)
    return create_person(EMAIL, "Olaf", None, cast.now, verified=True).id


def role_of(cast, person_id):
    place = membership(cast.acme.id, person_id)
    return place and place.role


def test_who_needs_approval_can_t_join_at_once(cast, olaf):
    assert offer_to_join(olaf, cast.now).needs_approval
    with pytest.raises(Conflict, match="Ask to join"):
        accept_to_join(olaf, "acme", cast.now)
    assert role_of(cast, olaf) is None


def test_who_signs_in_for_the_first_time_joins_as_ever(cast, olaf):
    nora = sign_up("nora@corp.test", "Nora", "correct horse battery", cast.now)
    assert verify(nora.id, nora.email, cast.now).place.role is Role.MEMBER


def test_owner_and_admins_are_told_and_let_in(cast, olaf):
    request = ask_to_join(olaf, "acme", cast.now)
    assert offer_to_join(olaf, cast.now).asked_at == cast.now
    for first, expected in (("alice", 1), ("carol", 1), ("cora", 1), ("bob", 0)):
        assert len(mails_to(cast.email(first), "join_request")) == expected, first
    assert [one.person.email for one in list_requests(cast.access("carol"))] == [EMAIL]
    assert approve_request(cast.access("carol"), request.id, cast.now).role is Role.MEMBER
    assert len(mails_to(EMAIL, "join_approved")) == 1
    assert list_requests(cast.access("alice")) == []
    with pytest.raises(Conflict, match="answered already"):
        approve_request(cast.access("alice"), request.id, cast.now)


def test_asking_twice_is_asking_once(cast, olaf, app):
    now = cast.now
    asked = at_once(app, *[lambda: ask_to_join(olaf, "acme", now).id] * 4)
    assert len(set(asked)) == 1
    assert len(list_requests(cast.access("alice"))) == 1
    assert len(mails_to(cast.email("alice"), "join_request")) == 1


def test_who_was_declined_reads_why_and_asks_again_after_thirty_days(cast, olaf, later):
    request = ask_to_join(olaf, "acme", cast.now)
    decline_request(cast.access("alice"), request.id, "  Ask\nBob\x07 first. ", cast.now)
    (mail,) = mails_to(EMAIL, "join_declined")
    assert mail.context["values"]["reason"] == "Ask Bob first."
    offer = offer_to_join(olaf, cast.now)
    assert (offer.again_from, offer.reason) == (cast.now + timedelta(days=30), "Ask Bob first.")
    with pytest.raises(Conflict, match="14 February 2026"):
        ask_to_join(olaf, "acme", later(days=30) - timedelta(seconds=1))
    assert ask_to_join(olaf, "acme", cast.now).id != request.id


def test_a_reason_has_an_end(cast, olaf):
    request = ask_to_join(olaf, "acme", cast.now)
    with pytest.raises(InvalidRequest, match="300"):
        decline_request(cast.access("alice"), request.id, "x" * 301, cast.now)


def test_who_takes_it_back_may_ask_again(cast, olaf):
    first = ask_to_join(olaf, "acme", cast.now)
    take_back(olaf, "acme", cast.now)
    with pytest.raises(Conflict, match="closed"):
        approve_request(cast.access("alice"), first.id, cast.now)
    assert ask_to_join(olaf, "acme", cast.now).id != first.id


def test_who_comes_in_by_another_way_asks_no_longer(cast, olaf):
    ask_to_join(olaf, "acme", cast.now)
    add_member("acme", EMAIL, Role.ADMIN, cast.now)
    assert list_requests(cast.access("alice")) == []


def test_who_wants_it_no_more_asks_no_longer(cast, olaf):
    ask_to_join(olaf, "acme", cast.now)
    decline_to_join(olaf, "acme", cast.now)
    assert list_requests(cast.access("alice")) == []


def test_outsiders_learn_nothing(cast, olaf):
    asked = ask_to_join(olaf, "acme", cast.now)
    unproved = sign_up("una@corp.test", "Una", "correct horse battery", cast.now).id
    for stranger in (cast.ids["charlie"], unproved):
        for slug in ("acme", "nowhere"):
            with pytest.raises(NotFound, match="No workspace of that name"):
                ask_to_join(stranger, slug, cast.now)
    with pytest.raises(Forbidden):
        approve_request(cast.access("bob"), asked.id, cast.now)
    with pytest.raises(Forbidden):
        list_requests(cast.access("bob"))
    with pytest.raises(NotFound):
        approve_request(cast.access("charlie", "charlie"), asked.id, cast.now)
    assert role_of(cast, olaf) is None


def test_a_removed_member_is_not_asked_for_again(cast, olaf):
    add_member("acme", EMAIL, Role.MEMBER, cast.now)
    remove(cast.access("alice"), EMAIL, cast.now)
    with pytest.raises(NotFound):
        ask_to_join(olaf, "acme", cast.now)


def test_nobody_is_approved_by_a_domain_that_is_gone(cast, olaf):
    request = ask_to_join(olaf, "acme", cast.now)
    remove_domain(cast.access("alice"), DOMAIN, cast.now)
    with pytest.raises(Conflict, match="Invite them instead"):
        approve_request(cast.access("alice"), request.id, cast.now)
    decline_request(cast.access("alice"), request.id, "", cast.now)


def test_a_plugin_may_refuse_whom_an_admin_lets_in(cast, olaf, decider):
    request = ask_to_join(olaf, "acme", cast.now)
    decider(lambda joining: Refuse("Not today."))
    with pytest.raises(RefusedByPlugin, match="Not today"):
        approve_request(cast.access("alice"), request.id, cast.now)
    assert len(list_requests(cast.access("alice"))) == 1


def test_without_approval_one_joins_at_once(cast, olaf):
    require_approval(cast.access("alice"), DOMAIN, needed=False)
    with pytest.raises(Conflict, match="at once"):
        ask_to_join(olaf, "acme", cast.now)
    assert accept_to_join(olaf, "acme", cast.now).role is Role.MEMBER
    with pytest.raises(Forbidden):
        require_approval(cast.access("bob"), DOMAIN, needed=True)
