"""The daily check: a clear answer without the record ends a domain, no answer never does."""

import pytest

from app.domain.domain_claim import CHECK_AGAIN, CHECK_EVERY, record_of
from app.services.sso.domains.check_again import check_domains
from app.services.sso.domains.claim import claim_domain
from app.services.sso.domains.remove import remove_domain
from app.services.sso.domains.verify import verify_domain
from app.services.workspaces.delete import delete_workspace
from app.store.database import db
from app.store.domains import DomainClaim
from tests.services.cast import mails_to
from tests.services.racing import at_once

DOMAIN = "acme.test"
PEOPLE = ("alice", "bob", "carol", "cora")


def now_of(claim):
    db.session.rollback()
    return db.session.get(DomainClaim, claim.id, populate_existing=True)


def told(cast):
    return [first for first in PEOPLE if mails_to(cast.email(first), "domain_lapsed")]


def test_each_verified_domain_is_looked_at_once_a_day(cast, name_server, resolver, verified, later):
    claim = verified(DOMAIN)
    name_server.asked.clear()
    assert check_domains(resolver, later(hours=23)) == 0
    assert check_domains(resolver, later(hours=1)) == 1
    assert check_domains(resolver, cast.now) == 0
    assert name_server.asked == [(DOMAIN, "TXT", "udp")]
    found = now_of(claim)
    assert (found.state, found.checked_at) == ("verified", cast.now)
    assert found.due_at == cast.now + CHECK_EVERY


@pytest.mark.parametrize("how", ["gone", "other", "nameless", "alias"])
def test_one_clear_answer_without_the_record_ends_it(
    how, cast, name_server, resolver, verified, later
):
    claim = verified(DOMAIN)
    {
        "gone": lambda: name_server.publish(DOMAIN),
        "other": lambda: name_server.publish(DOMAIN, "v=spf1 -all", record_of("another")),
        "nameless": name_server.forget,
        "alias": lambda: name_server.alias(DOMAIN, "x.test", record_of(claim.secret)),
    }[how]()
    assert check_domains(resolver, later(days=1)) == 1
    found = now_of(claim)
    assert (found.state, found.lapsed_at) == ("lapsed", cast.now)
    assert told(cast) == ["alice", "carol", "cora"]
    check_domains(resolver, later(days=1))
    assert len(mails_to(cast.email("alice"), "domain_lapsed")) == 1


@pytest.mark.parametrize("code", ["SERVFAIL", "REFUSED"])
def test_no_answer_never_ends_it_and_is_asked_again_soon(
    code, cast, name_server, resolver, verified, later
):
    claim = verified(DOMAIN)
    name_server.fail(DOMAIN, code)
    for now in [later(days=1), *(later(seconds=CHECK_AGAIN.seconds) for _ in range(3))]:
        assert check_domains(resolver, now) == 1
    found = now_of(claim)
    assert (found.state, found.due_at) == ("verified", cast.now + CHECK_AGAIN)
    assert code in found.finding
    assert told(cast) == []


def test_the_record_s_return_restores_it(cast, name_server, publish, resolver, verified, later):
    claim = verified(DOMAIN)
    name_server.publish(DOMAIN)
    check_domains(resolver, later(days=1))
    publish(claim)
    check_domains(resolver, later(days=1))
    found = now_of(claim)
    assert (found.state, found.lapsed_at, found.verified_at) == ("verified", None, cast.now)


def test_a_domain_that_went_to_another_does_not_come_back(
    beta, cast, name_server, publish, resolver, verified, later
):
    ours = verified(DOMAIN)
    theirs = claim_domain(beta, DOMAIN, cast.now)
    publish(theirs)
    check_domains(resolver, later(days=1))
    verify_domain(beta, DOMAIN, resolver, cast.now)
    publish(ours, theirs)
    assert check_domains(resolver, later(days=1)) == 2
    found = now_of(ours)
    assert (found.state, now_of(theirs).state) == ("lapsed", "verified")
    assert "Another workspace has verified" in found.finding
    assert found.due_at == cast.now + CHECK_EVERY


def test_nobody_asks_about_what_is_pending_vouched_for_removed_or_deleted(
    cast, name_server, resolver, verified, vouched, later
):
    verified(DOMAIN)
    vouched("vouched.test")
    verified("removed.test")
    access = cast.access("alice")
    claim_domain(access, "pending.test", cast.now)
    remove_domain(access, "removed.test", cast.now)
    delete_workspace(access, cast.acme.name, cast.now)
    name_server.asked.clear()
    assert check_domains(resolver, later(days=2)) == 0
    assert name_server.asked == []


def test_what_was_removed_while_dns_was_asked_stays_removed(
    app, cast, name_server, resolver, verified, later
):
    claim, access, now = verified(DOMAIN), cast.access("alice"), later(days=1)

    def remove_it():
        with app.app_context():
            remove_domain(access, DOMAIN, now)

    name_server.publish(DOMAIN)
    name_server.meanwhile = remove_it
    assert check_domains(resolver, now) == 1
    assert now_of(claim).state == "released"
    assert told(cast) == []


def test_many_schedulers_check_each_domain_once(app, cast, name_server, resolver, verified, later):
    for number in range(6):
        verified(f"d{number}.test")
    name_server.forget()
    now = later(days=1)
    counts = at_once(app, *[lambda: check_domains(resolver, now)] * 4)
    assert sum(counts) == len(name_server.asked) == 6
    assert len(mails_to(cast.email("alice"), "domain_lapsed")) == 6
