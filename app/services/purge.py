"""VERB: throw away what is kept for a stated time only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from app.domain.deletion import UNDO
from app.store.action_runs import delete_steps_of_runs_ended_before
from app.store.ai_purses import delete_purses_of_visitors
from app.store.audit_lines import delete_failures_before
from app.store.cycle_runs import delete_runs_before
from app.store.database import current_connection, transaction
from app.store.identities import delete_ended_sso_sessions
from app.store.invite_lists import delete_lists_before
from app.store.job_runs import delete_job_runs_before
from app.store.ledger import purge_keys
from app.store.ledger_audits import delete_audits_before
from app.store.leftovers import delete_mails_settled_before, delete_sign_ins_unused_since
from app.store.notices import delete_notices_before
from app.store.notifications import delete_told_before
from app.store.second_factors import delete_half_sign_ins_before
from app.store.sites import erase_files_gone_before
from app.store.sso_attempts import delete_over
from app.store.webhook_deliveries import delete_deliveries_before

log = logging.getLogger(__name__)

HALF_SIGN_IN_DAYS = 1
VISITOR_DAYS = 2  # longer than the day in which their calls count
MAIL_DAYS = 30
PROGRESS_DAYS = 30
RUN_DAYS = 90
NOTICE_DAYS = 90
TOLD_DAYS = 400  # longer than any cycle
AUDIT_DAYS = 3 * 365


def purge(key_days: int, session_days: int, now: datetime, *, webhook_days: int = 30) -> None:
    """Forget old idempotency keys, unused sign-ins, settled mails, runs, deliveries, notices."""
    with transaction():
        purge_keys(current_connection(), now - timedelta(days=key_days))
    forgotten: tuple[Callable[[], object], ...] = (
        partial(delete_sign_ins_unused_since, now - timedelta(days=session_days)),
        partial(delete_half_sign_ins_before, now - timedelta(days=HALF_SIGN_IN_DAYS)),
        partial(delete_over, now),
        partial(delete_purses_of_visitors, now - timedelta(days=VISITOR_DAYS)),
        delete_ended_sso_sessions,
        partial(erase_files_gone_before, now - UNDO),
        partial(delete_mails_settled_before, now - timedelta(days=MAIL_DAYS)),
        partial(delete_steps_of_runs_ended_before, now - timedelta(days=PROGRESS_DAYS)),
        partial(delete_runs_before, now - timedelta(days=RUN_DAYS)),
        partial(delete_failures_before, (now - timedelta(days=NOTICE_DAYS)).date()),
        partial(delete_notices_before, now - timedelta(days=NOTICE_DAYS)),
        partial(
            delete_told_before, now - timedelta(days=NOTICE_DAYS), now - timedelta(days=TOLD_DAYS)
        ),
        partial(delete_deliveries_before, now - timedelta(days=webhook_days)),
        partial(delete_job_runs_before, now - timedelta(days=RUN_DAYS)),
        partial(delete_lists_before, now - timedelta(days=MAIL_DAYS)),
        partial(delete_audits_before, now - timedelta(days=AUDIT_DAYS)),
    )
    _each_by_itself(forgotten)


def _each_by_itself(deletions: Iterable[Callable[[], object]]) -> None:
    """Let none that fails keep the others from being done; the last error is told in the end."""
    failed: Exception | None = None
    for delete in deletions:
        try:
            with transaction():
                delete()
        except Exception as error:
            log.exception("What is old could not be thrown away.")
            failed = error
    if failed is not None:
        raise failed
