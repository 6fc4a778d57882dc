"""The verbs of the operator's desk, walked through: each notes what it did."""

from dataclasses import replace
from datetime import timedelta

from app.domain.grant import Source
from app.domain.period import Renews
from app.services.credits.caller import caller_of
from app.services.credits.spend import Spending, deduct
from app.services.desk import adjust, people
from app.services.desk.catalogue import (
    PackTerms,
    PlanTerms,
    add_pack,
    add_plan,
    cancel_price,
    change_pack,
    change_terms,
    put_on_sale,
    set_price,
)
from app.services.desk.ledger_audit import begin_ledger_audit
from app.services.desk.see_as import (
    end_overdue_seeings,
    end_seeing,
    note_account_seen,
    see_as,
    seeing_now,
)
from app.services.mail.preview import send_again
from app.services.people.sign_in import sign_in, signed_in
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_service_token
from app.store.accounts import personal_account
from app.store.people import person_by_id
from app.store.seeing import open_seeing
from tests.conftest import PASSWORD
from tests.services.audit.log import lines


def test_the_desk(cast, story):
    now, bob = cast.now, cast.ids["bob"]
    olga = create_person("ops@coffer.test", "Olga", PASSWORD, now, verified=True, operator=True)
    session = signed_in(sign_in(olga.email, PASSWORD, "", "", now).token, now)[1].id
    spending = Spending("acme", cast.email("bob"), None, "deploy", 3)
    done = deduct(caller_of(make_service_token("p", now)[1], now), spending, "one", now).value
    with story("the desk"):
        terms = PlanTerms("Team", 900, 1_800, "49.00", "EUR")
        add_plan("team", terms, Renews.MONTHLY, now, workspaces=True)
        change_terms("team", replace(terms, credits=1_000), now)
        pack = PackTerms("Mini", 50, "3", "USD")
        add_pack("mini", pack, now)
        change_pack("mini", replace(pack, price="4"), now)
        put_on_sale("pack", "mini", now, on=False)
        planned = set_price("deploy", 3, now + timedelta(days=3), now)
        cancel_price("deploy", planned.version, now)
        begin_ledger_audit("acme", olga.email, now)
        send_again(now)
        adjust.give_credits("acme", 5, Source.ADJUSTMENT, None, "Sorry", now)
        adjust.take_credits("acme", 5, "Too much", now)
        adjust.refund_deduction("acme", done.id, None, "It failed", now)
        adjust.put_on_plan(personal_account(bob).slug, "pro", "A gift", now)
        people.end_sessions_of(bob, now)
        people.block(bob, "Left", olga.id, now)
        people.unblock(bob, now)
        people.make_operator(bob, now)
        people.unmake_operator(bob, now)
        begun = see_as(olga.id, session, bob, "She asked", now)
        note_account_seen(begun, cast.acme.id, now)
        end_seeing(session, now)
        see_as(olga.id, session, bob, "Again", now)
        assert seeing_now(person_by_id(olga.id), session, now + timedelta(minutes=15)) is None
        see_as(olga.id, session, bob, "Once more", now)
        assert end_overdue_seeings(now + timedelta(hours=1)) == 1
    assert open_seeing(session) is None
    seen = [line for line in lines(cast.acme.id) if line.kind.startswith("support.")]
    assert [line.kind for line in seen] == ["support.began", "support.ended"]
    assert {line.person_id for line in seen} == {olga.id}
    assert "She asked" in seen[0].after
