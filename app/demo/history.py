"""DEMO, what happened: three months of work in every team, paid from their pools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from app.demo.people import NAMES, TEAMS, Cast, Team
from app.domain.grant import Source
from app.services.credits.answers import Answer, Deduction
from app.services.credits.caller import Caller
from app.services.credits.finish import capture, refund, release
from app.services.credits.grant import grant_credits
from app.services.credits.read import pool
from app.services.credits.spend import Spending, deduct, deduct_many, place_hold
from app.store.accounts import Account, account_by_slug, memberships_of
from app.store.people import person_by_email

# Three months and some days: the present cycle has begun, but not today.
DAYS = 100
LAST_DAYS = 10
SATURDAY = 5
# Action: how often it happens, and the largest number of times at once.
ACTIONS = {
    "ai.completion": (30, 9),
    "agent.message": (18, 12),
    "refine.simple": (14, 2),
    "generate.standard": (10, 2),
    "generate.simple": (9, 3),
    "refine.complex": (6, 1),
    "deploy": (5, 1),
    "generate.fullstack": (4, 1),
    "ai.image": (4, 6),
    "workflow.run": (4, 4),
    "agent.create": (1, 1),
}


@dataclass(slots=True)
class Historian:
    """Tells the history day by day, always in the same way."""

    caller: Caller
    cast: Cast
    random: Random = field(default_factory=lambda: Random(5000))  # noqa: S311 - a story, no secret
    keys: Iterator[int] = field(default_factory=count)

    def tell(self, began: datetime, now: datetime) -> None:
        """Let every day between `began` and `now` happen."""
        for day in range(1, DAYS):
            morning = began + timedelta(days=day)
            for team in TEAMS:
                self._work(team, morning)
            self._play(morning)
            if day > DAYS - LAST_DAYS:
                self._use_half("night-shift", morning + timedelta(hours=9))
            if day == DAYS // 2:
                grant_credits("acme", 2_000, Source.TOP_UP, None, "Pack of 2,000 credits", morning)
        self._start_something(now)

    def _work(self, team: Team, morning: datetime) -> None:
        """One day of a team: some work several times a day, less at the weekend."""
        rounds = team.busy if morning.weekday() < SATURDAY else team.busy // 3
        at = morning
        for _ in range(rounds):
            at += timedelta(seconds=self.random.randint(30 * 60, 110 * 60))
            done = self._spend([self._task(team) for _ in range(self.random.randint(4, 8))], at)
            if done and self._happens(3):
                refund(self.caller, done[-1].id, None, "The result was empty", None, at)
        if rounds and self._happens(40):
            self._run_something_long(team, at + timedelta(minutes=3))

    def _run_something_long(self, team: Team, at: datetime) -> None:
        """What takes minutes is held first, then paid when it succeeded or let go when not."""
        task = Spending(team.slug, self._who(team), self._app(team), "generate.fullstack")
        held = place_hold(self.caller, task, self._key(), None, at).value
        finished = at + timedelta(minutes=self.random.randint(2, 9))
        if self._happens(80):
            capture(self.caller, held.id, None, finished)
        else:
            release(self.caller, held.id, finished)

    def _play(self, morning: datetime) -> None:
        """Now and then somebody uses the free credits of their own account."""
        for email in NAMES:
            if self._happens(15):
                at = morning + timedelta(hours=9, minutes=self.random.randint(0, 59))
                quantity = self.random.randint(1, 5)
                self._spend(
                    [Spending(_personal(email), email, None, "ai.completion", quantity)], at
                )

    def _use_half(self, slug: str, at: datetime) -> None:
        """Spend half of what is left, which is how a pool gets low."""
        team = next(team for team in TEAMS if team.slug == slug)
        if quantity := pool(_account(slug), at).available // 2:
            task = Spending(slug, team.owner, self._app(team), "ai.completion", quantity)
            deduct(self.caller, task, self._key(), at)

    def _start_something(self, now: datetime) -> None:
        team = TEAMS[0]
        task = Spending(team.slug, team.owner, self._app(team), "generate.fullstack", 3)
        place_hold(self.caller, task, self._key(), 86_400, now)

    def _spend(self, tasks: list[Spending], at: datetime) -> list[Deduction]:
        answers = deduct_many(self.caller, [(task, self._key()) for task in tasks], at)
        return [answer.value for answer in answers if isinstance(answer, Answer)]

    def _happens(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def _task(self, team: Team) -> Spending:
        often = [weight for weight, _ in ACTIONS.values()]
        (action,) = self.random.choices(list(ACTIONS), often)
        quantity = self.random.randint(1, ACTIONS[action][1])
        return Spending(team.slug, self._who(team), self._app(team), action, quantity)

    def _who(self, team: Team) -> str:
        return self.random.choices(list(team.weights), list(team.weights.values()))[0]

    def _app(self, team: Team) -> str:
        return self.random.choice(self.cast.apps[team.slug])

    def _key(self) -> str:
        return f"demo-{next(self.keys)}"


def _account(slug: str) -> Account:
    account = account_by_slug(slug)
    assert account is not None
    return account


def _personal(email: str) -> str:
    person = person_by_email(email)
    assert person is not None
    return memberships_of(person.id)[0].account.slug
