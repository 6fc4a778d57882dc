"""Retries: ever more rarely, and not for ever."""

from datetime import timedelta

from app.domain.retry import MOST_ATTEMPTS, wait_after


def test_waits_grow():
    waits = [wait_after(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert waits[:4] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
    ]
    assert waits == sorted(waits)


def test_last_attempt_has_no_wait():
    assert wait_after(MOST_ATTEMPTS) is None
