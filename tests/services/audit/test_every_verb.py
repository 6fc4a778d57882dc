"""Every verb that changes something notes it: the table is whole, and walked on both databases."""

import ast
from datetime import timedelta

from app.domain.app_file import Origin
from app.domain.audit_kind import FAMILIES, KINDS, family_of
from app.domain.grant import Source
from app.domain.invite_list import AT_ONCE
from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.payment import AttemptState
from app.domain.role import Role
from app.domain.trigger import Trigger
from app.hookspecs import Manifest, SettingField
from app.services.apps.edit import create_app, delete_app, edit_app
from app.services.apps.save_version import restore, save_version
from app.services.apps.transfer import transfer_app
from app.services.apps.write_version import add_version
from app.services.catalogue import ship_catalogue
from app.services.credits.grant import grant_credits
from app.services.cycle.run import run_cycle
from app.services.limits.set_limit import WantedLimit, change_limit, remove_limit, set_limit
from app.services.people.hash_password import fingerprint
from app.services.people.passwords import change, reset
from app.services.people.profile import rename_person
from app.services.people.reading import choose_reading
from app.services.people.recovery_codes import renew_recovery_codes
from app.services.people.sign_in import end_other_sessions, end_session, signed_in
from app.services.people.sign_up import create_person, sign_up
from app.services.people.step_up import prove_again
from app.services.people.two_factor import reset_two_factor, switch_off_two_factor
from app.services.people.verification import verify
from app.services.plugins.configure import release, shadow, switch, switch_for
from app.services.plugins.set_fields import set_setting, set_settings
from app.services.sites.change import make_live, take_down
from app.services.sites.publish import publish
from app.services.sites.visitors import VisitorsAi, let_visitors_call
from app.services.tokens.make_token import (
    make_app_key,
    make_personal_token,
    make_service_token,
)
from app.services.tokens.revoke_token import (
    revoke_app_key,
    revoke_personal_token,
    revoke_service_token,
)
from app.services.workspaces.accept import accept_invitation, sign_up_invited
from app.services.workspaces.check_list import check_list
from app.services.workspaces.delete import delete_workspace, restore_workspace
from app.services.workspaces.end_access import leave, remove
from app.services.workspaces.invite import invite, resend, revoke
from app.services.workspaces.join import add_member
from app.services.workspaces.open import open_workspace, start_workspace
from app.services.workspaces.ownership import (
    accept_ownership,
    offer_ownership,
    withdraw_offer,
)
from app.services.workspaces.rename import rename
from app.services.workspaces.roles import change_role
from app.services.workspaces.send_list import send_list, send_lists
from app.services.workspaces.subscribe import give_subscription
from app.services.workspaces.waiting import accept_waiting
from app.store.accounts import personal_account
from app.store.catalogue import PackRow, PlanRow, PriceRow
from app.store.database import db, transaction
from app.store.people import person_by_id
from tests.conftest import PASSWORD
from tests.plugins.packages import installed_with, made_of
from tests.services.audit.log import lines
from tests.services.audit.stories import EXEMPT, STORIES
from tests.services.audit.walking import SERVICES, mutating_verbs
from tests.services.cast import claims_to
from tests.services.people.second_factors import enter, finish, half, switch_on

SECRET = "sk_live_ключ"


def test_the_table_knows_every_verb_that_changes_something():
    walked = {verb for story in STORIES.values() for verb in story}
    assert walked & EXEMPT.keys() == set()
    assert mutating_verbs() - walked - EXEMPT.keys() == set(), "put them into stories.py"
    assert walked | EXEMPT.keys() <= mutating_verbs(), "these are there no more"


def test_every_kind_has_words_and_a_family():
    kinds = {kind for story in STORIES.values() for kind in story.values()}
    assert kinds <= KINDS.keys()
    assert {family_of(kind) for kind in KINDS} <= FAMILIES.keys()
    states = {state.value for state in AttemptState} - {"open"}
    told = {f"billing.{before}{state}" for before in ("", "refund_") for state in states}
    assert told <= KINDS.keys()
    noted = {text for path in SERVICES.rglob("*.py") for text in texts_in(path)}
    money = {f"billing.{text.replace(' ', '_').replace('-', '_')}" for text in noted}
    assert KINDS.keys() - noted - money - told == set(), "nobody notes these"


def texts_in(path):
    """The texts in a module."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [
        each.value
        for each in nodes
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def test_a_workspace(cast, story):
    now, owner = cast.now, cast.access("alice")
    with story("a workspace"):
        start_workspace(cast.email("ben"), "beta", "Beta", "business", None, now)
        invited = invite(owner, ["a@x.test", "b@x.test", cast.email("charlie")], Role.MEMBER, now)
        resend(owner, invited.invited[0].id, now)
        many = "\n".join(f"p{number}@y.test" for number in range(AT_ONCE + 1))
        send_list(owner, check_list(owner, many, Role.MEMBER, now).id, now)
        send_lists(now)
        sign_up_invited(claims_to("a@x.test", "invitation"), "Ann", PASSWORD, now)
        revoke(owner, invited.invited[1].id, now)
        accept_waiting(invited.invited[2].id, cast.ids["charlie"], now)
        leave(cast.access("charlie"), now)
        invite(owner, [cast.email("charlie")], Role.MEMBER, now)
        accept_invitation(claims_to(cast.email("charlie"), "invitation"), cast.ids["charlie"], now)
        remove(owner, cast.email("charlie"), now)
        add_member("acme", cast.email("charlie"), Role.MEMBER, now)
        change_role(owner, cast.email("bob"), Role.ADMIN, now)
        offer_ownership(owner, cast.email("bob"), now)
        withdraw_offer(owner)
        rename(owner, "Acme 2")
        delete_workspace(owner, "Acme 2", now)
        restore_workspace(cast.ids["alice"], "acme", now)
        offer_ownership(owner, cast.email("carol"), now)
        accept_ownership(cast.access("carol"), now)
        give_subscription(cast.email("bob"), "business", now)
        open_workspace(cast.ids["bob"], "Gamma", None, now)
    role = next(line for line in lines(cast.acme.id) if line.kind == "member.role_changed")
    assert (role.before, role.after) == ('{"role":"member"}', '{"role":"admin"}')
    assert (role.about, role.person_id) == (cast.email("bob"), cast.ids["alice"])


def test_a_person(app, clock, later, story):
    now = clock.now()
    with story("a person"):
        nora = sign_up("nora@x.test", "Nora", PASSWORD, now)
        verify(nora.id, nora.email, now)
        dan = create_person("dan@x.test", "Dan", PASSWORD, now, verified=True)
        first, second = (enter(dan, now).token for _ in range(2))
        end_session(dan.id, signed_in(first, now)[1].id)
        end_other_sessions(dan.id, signed_in(second, now)[1].id)
        change(dan.id, PASSWORD, "another long one", now, None)
        reset(dan.id, fingerprint(dan.id, person_by_id(dan.id).password_hash), PASSWORD, now)
        rename_person(dan.id, "Daniel")
        choose_reading(dan.id, "Europe/Berlin", "point")
        device, codes, here = switch_on(dan, now)
        session = signed_in(here, now)[1].id
        now = later(minutes=1)
        finish(half(dan, now), device.code(now), now)
        prove_again(dan.id, session, PASSWORD, codes[0], now)
        renew_recovery_codes(dan.id, now)
        now = later(minutes=1)
        switch_off_two_factor(dan.id, PASSWORD, device.code(now), now)
        switch_on(dan, now)
        reset_two_factor(dan.email, now)
    said = "".join(line.before + line.after for line in lines())
    assert PASSWORD not in said
    assert not any(code in said for code in codes)


def test_apps_and_tokens(cast, story):
    now, owner = cast.now, cast.access("alice")
    with story("apps and tokens"):
        app = create_app(owner, "Shop", "", now)
        edit_app(owner, app.id, now, name="Shop 2")
        save_version(owner, app.id, {"index.html": b"1"}, "", now)
        add_version(app.id, cast.ids["bob"], {"index.html": b"2"}, "", Origin.GENERATE, now)
        restore(owner, app.id, 1, "", now)
        publish(app.id, now, key="a", version="1", by=None, files={"index.html": b"1"})
        take_down(owner, app.id, now)
        make_live(owner, app.id, 1, now)
        let_visitors_call(owner, app.id, VisitorsAi(9), now)
        key, text = make_app_key(owner, app.id, "key", now)
        revoke_app_key(owner, key.id, now)
        own, _ = make_personal_token(cast.ids["alice"], "laptop", now)
        revoke_personal_token(cast.ids["alice"], own.id, now)
        platform, _ = make_service_token("platform", now)
        revoke_service_token(platform.id, now)
        transfer_app(cast.ids["alice"], app.id, personal_account(cast.ids["alice"]).slug, now)
        other = create_app(owner, "Other", "", now)
        delete_app(owner, other.id, now)
    made = next(line for line in lines(cast.acme.id) if line.kind == "token.made")
    assert f'"ends_in":"{text[-4:]}"' in made.after
    assert not any(text in line.after for line in lines())


def test_limits(cast, story):
    owner = cast.access("alice")
    with story("limits"):
        wanted = WantedLimit(LimitWho.ACCOUNT, LimitEffect.BLOCK, 9, LimitPer.DAY)
        row = set_limit(owner, wanted, cast.now)
        change_limit(owner, row.id, cast.now, credits=8)
        remove_limit(owner, row.id, cast.now)


def test_the_operator(cast, story, clock):
    fields = (SettingField("api_key", "secret", "opens", ""), SettingField("mode", "text", "", ""))
    installed_with(made_of(manifest=Manifest("shop", "1", "", settings=fields)))
    with story("the operator"):
        grant_credits("acme", 100, Source.TOP_UP, None, "thanks", clock.now())
        run_cycle(clock.now() + timedelta(days=40), Trigger.COMMAND, clock.now)
        switch("shop", on=True)
        shadow("shop", on=True)
        release("shop")
        switch_for("shop", "acme", on=False)
        set_setting("shop", "api_key", SECRET)
        set_settings("shop", {"mode": "live"})
    settings = [line for line in lines() if line.kind == "plugin.set"]
    assert [line.after for line in settings] == ['{"hidden":{"api_key":"set"}}', '{"mode":"live"}']


def test_an_installation(app, story):
    with transaction():
        for table in (PlanRow, PriceRow, PackRow):
            db.session.execute(db.delete(table))
    with story("an installation"):
        ship_catalogue()
