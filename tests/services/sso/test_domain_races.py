"""Two workspaces reach for the same domain at the same moment: one gets it, on both databases."""

import pytest

from app.domain.refusals import Conflict
from app.services.sso.domains.check_again import check_domains
from app.services.sso.domains.claim import claim_domain, vouch_for_domain
from app.services.sso.domains.verify import verify_domain
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace
from app.store.database import db
from app.store.domains import DomainClaim
from tests.services.racing import at_once

DOMAIN, WORKSPACES = "acme.test", 5


@pytest.fixture
def accesses(cast):
    """The owner's access to each of several workspaces."""
    for number in range(WORKSPACES):
        start_workspace("alice@acme.test", f"w{number}", f"W{number}", "business", None, cast.now)
    return [access_to(cast.ids["alice"], f"w{number}")[1] for number in range(WORKSPACES)]


def states():
    db.session.rollback()
    return sorted(claim.state.value for claim in db.session.scalars(db.select(DomainClaim)))


def one_wins(outcomes):
    """One got it, and all others were told why not."""
    won = [outcome for outcome in outcomes if isinstance(outcome, DomainClaim)]
    told = [str(outcome) for outcome in outcomes if isinstance(outcome, Conflict)]
    assert (len(won), len(told)) == (1, len(outcomes) - 1), outcomes
    assert all("Another workspace has verified" in words for words in told)


def test_one_of_many_verifies(app, cast, accesses, publish, resolver):
    publish(*[claim_domain(access, DOMAIN, cast.now) for access in accesses])
    now = cast.now
    deeds = [lambda who=who: verify_domain(who, DOMAIN, resolver, now) for who in accesses]
    one_wins(at_once(app, *deeds))
    assert states() == ["pending"] * (WORKSPACES - 1) + ["verified"]


def test_one_of_many_is_vouched_for(app, cast, accesses):
    now = cast.now
    one_wins(at_once(app, *[lambda w=who: vouch_for_domain(w, DOMAIN, now) for who in accesses]))
    assert states() == ["verified"]


def test_a_claim_is_made_once_in_a_workspace(app, cast, accesses):
    access, now = accesses[0], cast.now
    outcomes = at_once(app, *[lambda: claim_domain(access, DOMAIN, now)] * 4)
    assert sum(isinstance(outcome, DomainClaim) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3


def test_the_daily_check_and_a_rival_meet(app, cast, accesses, publish, resolver, later):
    """A lapsed domain's record is back, and a rival verifies at that very moment."""
    first, second = accesses[:2]
    ours, theirs = (claim_domain(who, DOMAIN, cast.now) for who in (first, second))
    publish(ours)
    verify_domain(first, DOMAIN, resolver, cast.now)
    publish(theirs)
    check_domains(resolver, later(days=1))
    publish(ours, theirs)
    now = later(days=1)
    outcomes = at_once(
        app,
        lambda: check_domains(resolver, now),
        lambda: verify_domain(second, DOMAIN, resolver, now),
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], DomainClaim | Conflict)
    assert states() in (["lapsed", "verified"], ["pending", "verified"])
