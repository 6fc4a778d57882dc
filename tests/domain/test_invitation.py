"""Invitations: seven days, once, by the last link, by the invited address."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.invitation import VALIDITY, InvitationState, Standing
from app.domain.refusals import Conflict, Forbidden

SENT = datetime(2026, 3, 2, tzinfo=UTC)


def standing(**facts):
    return Standing(
        **{
            "email": "bob@acme.test",
            "sent_count": 2,
            "expires_at": SENT + VALIDITY,
            "accepted_at": None,
            "revoked_at": None,
            **facts,
        }
    )


@pytest.mark.parametrize(
    ("facts", "after", "state"),
    [
        ({}, timedelta(), InvitationState.OPEN),
        ({}, timedelta(days=7) - timedelta(microseconds=1), InvitationState.OPEN),
        ({}, timedelta(days=7), InvitationState.EXPIRED),
        ({"accepted_at": SENT}, timedelta(days=9), InvitationState.ACCEPTED),
        ({"revoked_at": SENT}, timedelta(days=9), InvitationState.REVOKED),
    ],
)
def test_state(facts, after, state):
    assert standing(**facts).state(SENT + after) is state


@pytest.mark.parametrize(
    ("facts", "number", "sentence"),
    [
        ({}, 1, "newer invitation"),
        ({"accepted_at": SENT}, 2, "used already"),
        ({"revoked_at": SENT}, 2, "withdrawn"),
        ({"expires_at": SENT}, 2, "out of date"),
        ({"revoked_at": SENT}, 1, "withdrawn"),
    ],
)
def test_link_that_no_longer_works_says_why(facts, number, sentence):
    with pytest.raises(Conflict, match=sentence):
        standing(**facts).require_open(number, SENT)


def test_last_link_works():
    assert standing().require_open(2, SENT) is None


def test_only_the_invited_address():
    standing().require_recipient("bob@acme.test")
    with pytest.raises(Forbidden, match=r"for bob@acme\.test and you are signed in as eve@"):
        standing().require_recipient("eve@acme.test")
