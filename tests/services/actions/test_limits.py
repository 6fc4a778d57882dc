"""Limits hold for actions, too: nothing is begun for which an owner's limit has no room."""

import pytest
from sqlalchemy import text

from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.reference import reference
from app.domain.refusals import LimitReached
from app.services.actions.read import actions_of
from app.services.limits.listing import limits_in
from app.services.limits.set_limit import WantedLimit, set_limit
from app.store.database import read_connection
from tests.services.actions.runner import Script, install_runner


def blocked():
    """How many blocks somebody is told of."""
    with read_connection() as connection:
        rows = connection.execute(text("SELECT topic FROM outbox")).all()
    return sum(row.topic == "limit_blocked" for row in rows)


@pytest.mark.parametrize("who", ["each_member", "member", "app", "account"])
def test_a_block_refuses_an_action(cast, story, who):
    install_runner(Script())
    about = {"member": "bob@acme.test"} if who == "member" else {}
    if who == "app":
        about = {"app": reference("app", story.app_id)}
    wanted = WantedLimit(LimitWho(who), LimitEffect.BLOCK, 2, LimitPer.DAY, **about)
    set_limit(cast.access("alice"), wanted, cast.now)
    story.done(prompt="One")
    story.start(prompt="Two")
    for _ in range(2):
        with pytest.raises(LimitReached) as refusal:
            story.start(prompt="Three")
        facts = refusal.value.facts
        assert (facts["left"], facts["needed"], facts["who_can_raise"]) == (
            0,
            1,
            ["alice@acme.test"],
        )
    assert len(actions_of(cast.access("bob"), story.app_id)) == 2
    assert limits_in(cast.access("alice"), cast.now)[0].used == 2
    assert blocked() == 1
    assert story.work()
    story.require_sound()
