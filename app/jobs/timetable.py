"""JOBS, the timetable: each job with its pace and the verb it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.clock import Clock
from app.domain.trigger import Trigger
from app.jobs.payments import payment_jobs
from app.services.actions.sweep import sweep
from app.services.ai.use import write_use
from app.services.audit.seal_lines import seal_lines
from app.services.billing.follow import follow_plans
from app.services.credits.sum_usage import sum_usage
from app.services.cycle.notices import send_statements, warn_of_expiry
from app.services.cycle.run import run_cycle
from app.services.desk.see_as import end_overdue_seeings
from app.services.fetch_safely import SafeFetch
from app.services.mail.deliver import deliver_due_mail
from app.services.mail.postman import Postman
from app.services.notifications.tell_people import tell_people
from app.services.outbox.bound import bound_outbox
from app.services.plugins.deliver import deliver_to, observing_plugins
from app.services.plugins.health import tell_health
from app.services.purge import purge
from app.services.sso.certificates import warn_of_certificates
from app.services.sso.domains.check_again import check_domains
from app.services.sso.resolver import Resolver
from app.services.webhooks.deliver import deliver_webhooks
from app.services.webhooks.fan_out import fan_out
from app.services.workspaces.send_list import send_lists
from app.settings import Settings

A_DAY = 86_400


class Installation(Protocol):
    """What jobs need of the installation."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def postman(self) -> Postman: ...
    @property
    def resolver(self) -> Resolver: ...


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again. It may run on any number of machines at once."""

    name: str
    every_seconds: int
    run: Callable[[], object]


def each_process(of: Installation) -> tuple[Job, ...]:
    """List the jobs that every process runs for itself, those of the server, too."""
    return (
        Job("tell how plugins fare", 10, lambda: tell_health(of.clock.now())),
        Job("write down what keys used", 5, write_use),
    )


def timetable(of: Installation) -> tuple[Job, ...]:
    """List the jobs of the current application's installation.

    Each plugin that observes has a job of its own, so that one that hangs holds up no other.
    """
    now, settings = of.clock.now, of.settings
    post = SafeFetch(settings.webhooks_to_private_networks)
    return (
        Job("deliver mail", 2, lambda: deliver_due_mail(of.postman, now())),
        *(
            Job(f"tell plugin {one}", 2, partial(deliver_to, one, now))
            for one in observing_plugins()
        ),
        Job("lay webhooks down", 1, lambda: fan_out(now)),
        Job("deliver webhooks", 1, lambda: deliver_webhooks(post, now)),
        Job("send invitations", 2, lambda: send_lists(now())),
        Job("tell people", 2, lambda: tell_people(now)),
        *each_process(of),
        Job("sweep actions up", 10, lambda: sweep(now())),
        Job("end what operators look at", 60, lambda: end_overdue_seeings(now())),
        Job("seal the audit log", 5, lambda: seal_lines(now())),
        Job("bound what waits", 600, lambda: bound_outbox(now())),
        Job("close periods", 30, lambda: run_cycle(now(), Trigger.SCHEDULER, now)),
        Job("sum usage up", 60, sum_usage),
        Job("let subscriptions follow", 600, lambda: follow_plans(now())),
        *(Job(*each) for each in payment_jobs(now)),
        Job("send statements", 300, lambda: send_statements(now())),
        Job("warn of expiry", 600, lambda: warn_of_expiry(now())),
        Job("warn of certificates", 3600, lambda: warn_of_certificates(now())),
        Job("check domains", 600, lambda: check_domains(of.resolver, now())),
        Job(
            "purge what is old",
            A_DAY,
            lambda: purge(
                settings.idempotency_key_days,
                settings.session_days,
                now(),
                webhook_days=settings.webhook_log_days,
            ),
        ),
    )
