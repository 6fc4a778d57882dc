"""Domains of a workspace: claimed, verified by DNS, given up, and verified by one at a time."""

import pytest

from app.domain.domain_claim import MOST_CLAIMS, ClaimState, record_of
from app.domain.refusals import Conflict, DomainNotVerified, Forbidden, InvalidRequest, NotFound
from app.domain.role import Role
from app.services.sso.domains import claim, default_role, listing, remove, verify
from app.services.workspaces.delete import delete_workspace
from app.services.workspaces.end_access import remove as remove_member
from app.store.database import db
from app.store.domains import DomainClaim, verified_domains_of

DOMAIN = "acme.test"


@pytest.fixture
def alice(cast):
    return cast.access("alice")


def domains_of(access):
    return [(one.domain, one.state.value) for one in listing.list_domains(access)]


def test_a_claim_means_nothing_until_dns_shows_the_record(
    alice, cast, name_server, publish, resolver, later
):
    made = claim.claim_domain(alice, " Acme.TEST ", cast.now)
    assert (made.domain, made.state, made.default_role) == (DOMAIN, "pending", "member")
    assert verified_domains_of(cast.acme.id) == set()
    name_server.publish(DOMAIN, "v=spf1 -all")
    with pytest.raises(DomainNotVerified, match="another: “v=spf1 -all”") as refused:
        verify.verify_domain(alice, DOMAIN, resolver, cast.now)
    assert refused.value.facts == {"domain": DOMAIN, "state": "pending"}
    publish(made)
    at = later(minutes=5)
    found = verify.verify_domain(alice, "ACME.test.", resolver, at)
    assert (found.state, found.verified_at, found.checked_at) == ("verified", at, at)
    assert verified_domains_of(cast.acme.id) == {DOMAIN}


def test_several_domains_each_with_a_record_of_its_own(alice, cast, verified, name_server):
    first, second = verified(DOMAIN), verified("bücher.test")
    assert first.secret != second.secret
    assert domains_of(alice) == [(DOMAIN, "verified"), ("xn--bcher-kva.test", "verified")]
    assert {name for name, _, _ in name_server.asked} == {DOMAIN, "xn--bcher-kva.test"}


def test_what_can_not_be_claimed(alice, cast):
    for domain in ("gmail.com", "co.uk", "acme", "10.0.0.1"):
        with pytest.raises(InvalidRequest):
            claim.claim_domain(alice, domain, cast.now)
        with pytest.raises(InvalidRequest):
            claim.vouch_for_domain(alice, domain, cast.now)
    claim.claim_domain(alice, DOMAIN, cast.now)
    with pytest.raises(Conflict, match=r"has acme\.test already"):
        claim.claim_domain(alice, DOMAIN, cast.now)


def test_a_workspace_has_so_many_domains_at_most(alice, cast, monkeypatch):
    assert MOST_CLAIMS == 100
    monkeypatch.setattr(claim, "MOST_CLAIMS", 2)
    for domain in ("a.test", "b.test"):
        claim.claim_domain(alice, domain, cast.now)
    with pytest.raises(Conflict, match="at most 2 domains"):
        claim.claim_domain(alice, "c.test", cast.now)
    remove.remove_domain(alice, "a.test", cast.now)
    claim.claim_domain(alice, "c.test", cast.now)


def test_members_and_those_who_left_change_nothing(cast, resolver, vouched):
    vouched(DOMAIN)
    admin, member = cast.access("carol"), cast.access("bob")
    deeds = {
        "list": listing.list_domains,
        "claim": lambda who: claim.claim_domain(who, "other.test", cast.now),
        "verify": lambda who: verify.verify_domain(who, DOMAIN, resolver, cast.now),
        "role": lambda who: default_role.change_default_role(who, DOMAIN, Role.MEMBER),
        "remove": lambda who: remove.remove_domain(who, DOMAIN, cast.now),
    }
    for deed in deeds.values():
        with pytest.raises(Forbidden, match="change SSO domains"):
            deed(member)
    remove_member(cast.access("alice"), cast.email("carol"), cast.now)
    for name in deeds.keys() - {"list"}:
        with pytest.raises(NotFound):
            deeds[name](admin)
    assert domains_of(cast.access("cora")) == [(DOMAIN, "verified")]


def test_a_personal_account_has_no_domains(cast):
    with pytest.raises(Conflict, match="personal account"):
        claim.claim_domain(cast.access("alice", "alice"), DOMAIN, cast.now)


def test_an_unknown_domain_is_not_found(alice, cast, resolver):
    for domain in (DOMAIN, "not a domain"):
        with pytest.raises(NotFound):
            verify.verify_domain(alice, domain, resolver, cast.now)
        with pytest.raises(NotFound):
            remove.remove_domain(alice, domain, cast.now)


def test_the_default_role_is_never_one_with_power(alice, cast, vouched):
    vouched(DOMAIN)
    for role in (Role.ADMIN, Role.OWNER):
        with pytest.raises(InvalidRequest, match="by their address alone"):
            default_role.change_default_role(alice, DOMAIN, role)
    assert default_role.change_default_role(alice, DOMAIN, Role.MEMBER).default_role == "member"
    with pytest.raises(Exception, match="modest_default_role"):
        db.session.execute(db.update(DomainClaim).values(default_role=Role.ADMIN))
    db.session.rollback()


def test_no_answer_changes_nothing_and_is_told(alice, cast, name_server, resolver, verified):
    verified(DOMAIN)
    name_server.fail(DOMAIN, "SERVFAIL")
    found = verify.verify_domain(alice, DOMAIN, resolver, cast.now)
    assert (found.state, "SERVFAIL" in found.finding) == ("verified", True)


def test_a_record_that_is_gone_ends_it_when_somebody_looks(
    alice, cast, name_server, resolver, verified
):
    verified(DOMAIN)
    name_server.publish(DOMAIN)
    with pytest.raises(DomainNotVerified, match="no TXT record"):
        verify.verify_domain(alice, DOMAIN, resolver, cast.now)
    assert domains_of(alice) == [(DOMAIN, "lapsed")]
    assert verified_domains_of(cast.acme.id) == set()


def test_several_claim_a_domain_and_one_verifies_it(alice, beta, cast, publish, resolver):
    ours, theirs = (claim.claim_domain(who, DOMAIN, cast.now) for who in (alice, beta))
    publish(ours, theirs)
    verify.verify_domain(beta, DOMAIN, resolver, cast.now)
    with pytest.raises(Conflict, match=r"Another workspace has verified acme\.test"):
        verify.verify_domain(alice, DOMAIN, resolver, cast.now)
    assert domains_of(alice) == [(DOMAIN, "pending")]
    remove.remove_domain(beta, DOMAIN, cast.now)
    assert domains_of(alice) == [(DOMAIN, "pending")], "nothing changes hands by itself"
    assert verify.verify_domain(alice, DOMAIN, resolver, cast.now).state == "verified"
    assert domains_of(beta) == []


def test_nobody_verifies_with_the_record_of_another(alice, beta, cast, publish, resolver):
    claim.claim_domain(beta, DOMAIN, cast.now)
    publish(claim.claim_domain(alice, DOMAIN, cast.now))
    with pytest.raises(DomainNotVerified, match="for another workspace"):
        verify.verify_domain(beta, DOMAIN, resolver, cast.now)


def test_a_domain_that_comes_back_needs_a_new_record(alice, cast, resolver, verified):
    former = verified(DOMAIN)
    remove.remove_domain(alice, DOMAIN, cast.now)
    made = claim.claim_domain(alice, DOMAIN, cast.now)
    assert record_of(made.secret) != record_of(former.secret)
    with pytest.raises(DomainNotVerified, match="a claim that was removed"):
        verify.verify_domain(alice, DOMAIN, resolver, cast.now)
    assert db.session.get(DomainClaim, former.id).state is ClaimState.RELEASED


def test_a_deleted_workspace_holds_nothing(alice, beta, cast, publish, resolver, verified):
    ours = verified(DOMAIN)
    delete_workspace(alice, cast.acme.name, cast.now)
    theirs = claim.claim_domain(beta, DOMAIN, cast.now)
    publish(ours, theirs)
    assert verify.verify_domain(beta, DOMAIN, resolver, cast.now).state == "verified"
    assert db.session.get(DomainClaim, ours.id).state is ClaimState.LAPSED


def test_the_operator_vouches_until_dns_speaks(alice, cast, name_server, publish, resolver):
    made = claim.vouch_for_domain(alice, DOMAIN, cast.now)
    assert (made.state, made.is_vouched, made.due_at) == ("verified", True, None)
    assert verify.verify_domain(alice, DOMAIN, resolver, cast.now).is_vouched
    publish(made)
    found = verify.verify_domain(alice, DOMAIN, resolver, cast.now)
    assert (found.is_vouched, found.due_at > cast.now) == (False, True)
    name_server.forget()
    with pytest.raises(DomainNotVerified):
        verify.verify_domain(alice, DOMAIN, resolver, cast.now)


def test_the_operator_vouches_for_what_was_claimed_before(alice, beta, cast):
    made = claim.claim_domain(alice, DOMAIN, cast.now)
    assert claim.vouch_for_domain(alice, DOMAIN, cast.now).id == made.id
    assert claim.vouch_for_domain(alice, DOMAIN, cast.now).id == made.id
    with pytest.raises(Conflict, match="Another workspace"):
        claim.vouch_for_domain(beta, DOMAIN, cast.now)
    assert domains_of(beta) == []
