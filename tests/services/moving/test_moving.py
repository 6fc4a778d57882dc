"""A workspace goes from one installation to another with everything that its ledger proves."""

from datetime import timedelta

import pytest

from app.domain.refusals import Conflict, NotFound
from app.services.credits.caller import caller_of
from app.services.credits.read import TransactionFilter, pool, transactions, usage
from app.services.credits.settle import close_due_periods
from app.services.credits.spend import Spending, deduct
from app.services.credits.verify import verify_ledger
from app.services.moving.export_workspace import export_workspace
from app.services.moving.import_workspace import import_workspace
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.services.workspaces.members import list_members
from app.store.accounts import account_by_slug
from app.store.history import UsageBy
from app.store.limits import limits_of
from app.store.people import person_by_email
from app.store.subscriptions import subscription_of
from tests.services.moving.conftest import (
    ALICE,
    BOB,
    CAROL,
    DIRECTIONS,
    NOW,
    START,
    person_id,
    tell_story,
)

both_ways = pytest.mark.parametrize("places", DIRECTIONS, indirect=True, ids="-to-".join)


def seen():
    """What people see of Acme, but for ids that are given anew."""
    acme = account_by_slug("acme")
    access = access_to(person_id(ALICE), "acme")[1]
    lines = transactions(acme, TransactionFilter(), 200, None, NOW)
    view = pool(acme, NOW)
    members = [(one.person.email, one.role, one.joined_at) for one in list_members(access).items]
    return {
        "balance": (view.available, view.held, view.plan, view.period, view.low),
        "grants": [(g.source, g.granted, g.remaining, g.held, g.expires_at) for g in view.grants],
        "lines": [
            (x.seq, x.kind, x.member, x.app_name, x.action, x.credits, x.balance_after, x.at)
            for x in lines
        ],
        "metadata": [x.metadata for x in lines],
        "usage": [
            (item.name, item.credits, item.count)
            for by in UsageBy
            for item in usage(acme, by, None, None).items
        ],
        "members": members,
        "limits": [(one.who, one.credits, one.per) for one in limits_of(acme.id)],
    }


def come(places):
    with places.left.inside():
        tell_story()
        before = seen()
        made = export_workspace("acme", places.file, NOW)
    with places.come.inside():
        # Ids here are others than there.
        for number in range(3):
            create_person(f"x{number}@here.test", "X", None, START, verified=True)
        arrived = import_workspace(places.file, NOW)
        return before, made, arrived


@both_ways
def test_everything_is_as_it_was(places):
    before, made, arrived = come(places)
    assert arrived == made
    with places.come.inside():
        after = seen()
        for part, value in before.items():
            assert after[part] == value, part
        verified = list(verify_ledger())
        assert [each.difference for each in verified] == [None] * len(verified)
        acme = account_by_slug("acme")
        assert subscription_of(acme.id).provider == "operator"
        assert person_by_email(BOB).password_hash is None


@pytest.mark.slow
@both_ways
def test_work_goes_on_where_it_came(places):
    come(places)
    with places.come.inside():
        caller = caller_of(make_service_token("platform", NOW)[1], NOW)
        acme = account_by_slug("acme")
        last = transactions(acme, TransactionFilter(), 1, None, NOW)[0].seq
        done = deduct(caller, Spending("acme", CAROL, None, "deploy"), "new", NOW)
        assert done.value.seq == last + 1
        assert done.value.id == f"tx_{acme.id}_{last + 1}"
        # The hold that was open lets go by itself, and the next period comes when it is due.
        close_due_periods(NOW + timedelta(days=40))
        assert pool(acme, NOW + timedelta(days=40)).held == 0
        assert all(each.difference is None for each in verify_ledger("acme"))


def test_a_key_that_was_used_is_not_charged_again(places):
    with places.left.inside():
        tell_story()
        caller = caller_of(make_service_token("again", NOW)[1], NOW)
        spending = Spending("acme", CAROL, None, "deploy")
        first = deduct(caller, spending, "the key", NOW).value
        export_workspace("acme", places.file, NOW)
    with places.come.inside():
        import_workspace(places.file, NOW)
        caller = caller_of(make_service_token("again", NOW)[1], NOW)
        again = deduct(caller, spending, "the key", NOW)
        assert again.replayed
        assert (again.value.seq, again.value.credits) == (first.seq, first.credits)


def test_a_slug_that_is_taken_is_refused_and_nothing_stays(places):
    with places.left.inside():
        tell_story()
        export_workspace("acme", places.file, NOW)
        with pytest.raises(Conflict, match="here already"):
            import_workspace(places.file, NOW)
        assert len(list(verify_ledger())) == 4


def test_who_never_proved_a_members_address_does_not_get_in(places):
    with places.left.inside():
        tell_story()
        export_workspace("acme", places.file, NOW)
    with places.come.inside():
        create_person(CAROL, "Not Carol", "a long password", NOW)
        with pytest.raises(Conflict, match="never confirmed: carol"):
            import_workspace(places.file, NOW)
        assert account_by_slug("acme") is None
        assert person_by_email(ALICE) is None


def test_somebody_who_is_here_stays_who_they_are(places):
    with places.left.inside():
        tell_story()
        export_workspace("acme", places.file, NOW)
    with places.come.inside():
        carol = create_person(CAROL, "Carol of Here", "a long password", NOW, verified=True)
        import_workspace(places.file, NOW)
        access_to(carol.id, "acme")
        assert person_by_email(CAROL).name == "Carol of Here"


def test_personal_accounts_and_unknown_ones_are_not_exported(places):
    with places.left.inside():
        tell_story()
        with pytest.raises(Conflict, match="personal"):
            export_workspace("alice", places.file, NOW)
        with pytest.raises(NotFound):
            export_workspace("nobody", places.file, NOW)
        export_workspace("acme", places.file, NOW)
        with pytest.raises(Conflict, match="there already"):
            export_workspace("acme", places.file, NOW)
        assert places.file.stat().st_mode & 0o777 == 0o600
