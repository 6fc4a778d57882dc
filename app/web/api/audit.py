"""DOORS, API: the audit log of an account."""

from __future__ import annotations

from typing import Any

from app.domain.reference import reference
from app.services.audit.read import AuditFilter, AuditView, audit_of
from app.services.credits.caller import Caller
from app.web.access import enter
from app.web.api import audit_shapes
from app.web.api.bodies import AuditListed
from app.web.api.cursor import page_of, read_cursor
from app.web.api.operation import Operations

operations = Operations("Audit log", "Who changed what, from where, before and after.")


@operations.get("/accounts/{slug}/audit", answer=audit_shapes.AuditPage)
def list_audit(caller: Caller, slug: str, query: AuditListed) -> dict[str, Any]:
    """List the changes of an account, the newest first; for its owner and admins.

    What members spend stands in the transactions instead. Lines never change and are sealed into
    a chain in the background. `before` and `after` never have secrets in them.
    """
    account, access = enter(caller, slug)
    wanted = AuditFilter(query.person, query.kind, query.text, query.since, query.until)
    of = f"audit {account.id} {wanted}"
    before = read_cursor(of, query.cursor, int)
    found = audit_of(access, wanted, query.limit + 1, before)
    return page_of([(line.id, _shown(line)) for line in found], of, query)


def _shown(line: AuditView) -> dict[str, Any]:
    return {
        "id": reference("audit", line.id),
        "seq": line.seq,
        "at": line.at,
        "kind": line.kind,
        "words": line.words,
        "about": line.about,
        "by": {
            "kind": line.actor,
            "name": line.who,
            "door": line.door,
            "address": line.address,
            "browser": line.browser,
        },
        "before": line.before,
        "after": line.after,
    }
