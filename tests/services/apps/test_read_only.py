"""A workspace whose grace is over is read-only: its apps are neither changed nor moved."""

import pytest

from app.domain.ai_terms import Terms
from app.domain.refusals import WorkspaceSuspended
from app.services.ai.terms import set_key_terms
from app.services.apps.edit import create_app, delete_app, edit_app
from app.services.apps.save_version import restore, save_version
from app.services.apps.transfer import transfer_app
from app.services.sites.change import make_live, take_down
from app.services.sites.publish import publish
from app.services.sites.visitors import VisitorsAi, let_visitors_call
from app.services.tokens.make_token import make_app_key
from app.services.tokens.revoke_token import revoke_app_key
from app.services.tokens.rotate_token import rotate_app_key
from app.services.workspaces.open import start_workspace
from app.store.audit_lines import AuditLine
from app.store.database import db, transaction
from app.store.pools import PoolRow

PAGE = {"index.html": b"<h1>One</h1>"}


def suspend(account_id, now):
    with transaction():
        db.session.get(PoolRow, account_id).suspends_at = now


@pytest.fixture
def shop(cast):
    """An app of Alice's in Acme, on the web in its second release."""
    made = create_app(cast.access("alice"), "Shop", "", cast.now)
    save_version(cast.access("alice"), made.id, PAGE, "", cast.now)
    for key in "ab":
        publish(made.id, cast.now, key=key, version="1", by=None, files=PAGE)
    return made


@pytest.fixture
def lab(cast):
    """Another workspace of Alice's."""
    return start_workspace(cast.email("alice"), "lab", "Lab", "business", None, cast.now)


@pytest.fixture
def key(cast, shop):
    return make_app_key(cast.access("alice"), shop.id, "Till", cast.now)[0]


CHANGES = {
    "create": lambda at, app, key, now: create_app(at, "Till", "", now),
    "edit": lambda at, app, key, now: edit_app(at, app, now, name="Till"),
    "save": lambda at, app, key, now: save_version(at, app, {"a": b""}, "", now),
    "restore": lambda at, app, key, now: restore(at, app, 1, "", now),
    "go back": lambda at, app, key, now: make_live(at, app, 1, now),
    "visitors": lambda at, app, key, now: let_visitors_call(at, app, VisitorsAi(50), now),
    "make a key": lambda at, app, key, now: make_app_key(at, app, "Second", now),
    "key's terms": lambda at, app, key, now: set_key_terms(at, key, Terms(50), now),
    "transfer": lambda at, app, key, now: transfer_app(at.person_id, app, "lab", now),
}


def test_what_changes_an_app_is_refused_and_leaves_no_trace(cast, shop, key, lab):
    suspend(cast.acme.id, cast.now)
    said = db.session.query(AuditLine).count()
    for name, change in CHANGES.items():
        with pytest.raises(WorkspaceSuspended, match="read-only"):
            change(cast.access("alice"), shop.id, key.id, cast.now)
        assert db.session.query(AuditLine).count() == said, name


def test_all_of_it_goes_through_once_it_is_paid(cast, shop, key, lab):
    suspend(cast.acme.id, None)
    for change in CHANGES.values():
        change(cast.access("alice"), shop.id, key.id, cast.now)
    assert shop.account_id == lab.id


def test_nothing_is_moved_to_a_read_only_workspace(cast, shop, lab):
    suspend(lab.id, cast.now)
    with pytest.raises(WorkspaceSuspended):
        transfer_app(cast.ids["alice"], shop.id, "lab", cast.now)
    assert shop.account_id == cast.acme.id


def test_what_takes_away_or_guards_a_secret_stays_possible(cast, shop, key):
    suspend(cast.acme.id, cast.now)
    at = cast.access("alice")
    assert rotate_app_key(at, key.id, 0, cast.now)[0].hint != ""
    assert revoke_app_key(at, key.id, cast.now).revoked_at == cast.now
    take_down(at, shop.id, cast.now)
    assert delete_app(at, shop.id, cast.now).deleted_at == cast.now
