"""Four processes that spend at once never take more than a limit has room for."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.services.credits.read import usage
from app.services.limits.listing import limits_in
from app.services.limits.set_limit import WantedLimit, set_limit
from app.services.workspaces.access import access_to
from tests.conftest import START

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[3]
PROCESSES, TIMES, MOST = 4, 40, 101


def test_four_processes(app, acme, database_url, tmp_path, service_token):
    owner = access_to(acme.alice.id, "acme")[1]
    for who in (LimitWho.ACCOUNT, LimitWho.EACH_MEMBER):
        wanted = WantedLimit(who, LimitEffect.BLOCK, MOST, LimitPer.CYCLE)
        set_limit(owner, wanted, START)
    environment = os.environ | {"COFFER_INSTANCE": str(tmp_path), "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "tests.services.limits.spender", service_token]
    started = [
        subprocess.Popen(
            [*command, f"process {index}", str(TIMES)],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(PROCESSES)
    ]
    done = [process.communicate(timeout=100) for process in started]
    assert [process.returncode for process in started] == [0] * PROCESSES, done
    taken = [int(out) for out, _ in done]
    assert MOST - 3 < sum(taken) <= MOST  # all asked more often than there was room
    assert usage(acme.account, "member", None, None).total == sum(taken)
    now = datetime.now(UTC)
    assert [one.used for one in limits_in(owner, now)] == [sum(taken)] * 2
