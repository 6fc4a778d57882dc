"""DOORS while an operator sees as somebody else: they read, change nothing, and meet no secret.

Every request that could change something is refused here; what slips through is refused by the
store, which writes nothing for this request.
"""

from __future__ import annotations

from flask import Flask, request

from app.domain.seeing import OnlyLooking
from app.services.desk.see_as import end_seeing, note_account_seen
from app.store.database import refuse_writing, writing_anyway
from app.web.login import current_person, current_seeing, current_sign_in
from app.web.portal import portal

READING = {"GET", "HEAD", "OPTIONS"}
PAGES = "pages"
ENDS, LEAVES = "pages.end_see_as", "pages.sign_out"
# Pages that show or make secrets, that go on to other sites, or that belong to plugins, which
# may do anything when they are asked.
NOT_SHOWN = frozenset(
    f"pages.{name}"
    for name in (
        *("two_factor", "recovery_codes", "switch_off_two_factor", "confirm", "sso_login"),
        *("test_identity_provider", "account_plugin", "sso_finish", "sso_link", "second_step"),
    )
)


def register(app: Flask) -> None:
    """Stand before every page."""
    app.before_request_funcs.setdefault(None, []).append(_only_let_read)
    app.teardown_request(_let_write)


def note_seen(account_id: int) -> None:
    """Write into the account's audit log that an operator looks at it as somebody else."""
    seeing = current_seeing()
    if seeing is not None:
        with writing_anyway():
            note_account_seen(seeing, account_id, portal().clock.now())


def _only_let_read() -> None:
    refuse_writing(None)
    if request.blueprint != PAGES or request.endpoint == "pages.stylesheet":
        return
    seeing = current_seeing()
    if seeing is None or request.endpoint == ENDS:
        return
    if request.endpoint == LEAVES:
        end_seeing(current_sign_in().id, portal().clock.now())
        return
    name = current_person().name
    if request.endpoint in NOT_SHOWN and request.method in READING:
        raise OnlyLooking(name, is_secret=True)
    if request.method not in READING:
        raise OnlyLooking(name)
    refuse_writing(OnlyLooking(name))


def _let_write(_error: BaseException | None) -> None:
    refuse_writing(None)
