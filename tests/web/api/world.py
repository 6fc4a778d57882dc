"""What the API's tests share: a world with every kind of caller in it, and a way to call."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.domain.action_run import ActionKind
from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.reference import reference
from app.domain.refusals import NotFound
from app.domain.role import Role
from app.services.actions.cancel import cancel
from app.services.actions.read import actions_of
from app.services.actions.start import Wanted, start
from app.services.apps.edit import create_app as create_app_row
from app.services.apps.listing import apps_in
from app.services.apps.save_version import save_version
from app.services.fetch_safely import SafeFetch
from app.services.limits.set_limit import WantedLimit, set_limit
from app.services.people.sign_up import create_person
from app.services.sso.domains.claim import vouch_for_domain
from app.services.tokens.make_token import (
    make_app_key,
    make_personal_token,
    make_service_token,
)
from app.services.webhooks.manage import add_webhook, remove_webhook
from app.services.webhooks.replay import send_test
from app.services.workspaces.access import access_to
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.web.api.fast_lane import LANE

CALLERS = ("owner", "admin", "member", "outsider", "nobody", "service", "app")
ACTION = "generate.simple"
PUBLIC_URL = "https://93.184.216.34/coffer"


class Api:
    """Calls the API in process, and checks what is true of every answer."""

    def __init__(self, app: Flask, *, fast: bool = True) -> None:
        self.client = Client(app if fast else app.extensions[LANE].behind)
        self.keys = itertools.count(1)

    def __call__(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: Any = None,
        *,
        raw: bytes | None = None,
        **headers: str | None,
    ) -> TestResponse:
        """Send a request; `body` as JSON, or `raw` bytes. Header names are keywords."""
        sent = raw if raw is not None else b"" if body is None else orjson.dumps(body)
        given: dict[str, str | None] = {
            "Content-Type": "application/json" if sent else None,
            "Idempotency-Key": f"key {next(self.keys)}",
            "Authorization": f"Bearer {token}" if token else None,
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(
            f"/api/v1{path}",
            method=method,
            data=sent,
            headers=[(name, value) for name, value in given.items() if value is not None],
        )
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            self.require_problem(answer)
        return answer

    @staticmethod
    def require_problem(answer: TestResponse) -> None:
        """Whatever is refused is refused in the one way that the contract fixes."""
        assert answer.content_type == "application/problem+json"
        problem = answer.json
        assert problem["status"] == answer.status_code
        assert {"type", "title", "status", "detail", "code"} <= problem.keys()
        assert problem["detail"].strip()


class World:
    """Acme with Alice (owner), Carol (admin), Bob (member); Charlie outside; an app with a key."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.numbers = itertools.count(1)
        self.hooked: list[tuple[Any, int]] = []
        self.sent = ""
        self.people = {
            "owner": self.person("alice@acme.test", "Alice Arden"),
            "admin": self.person("carol@acme.test", "Carol Cole"),
            "member": self.person("bob@acme.test", "Bob Birch"),
            "outsider": self.person("charlie@elsewhere.test", "Charlie Chase"),
        }
        self.workspace("acme")
        self.app = self.new_app("member")
        _, access = access_to(self.people["owner"].id, "acme")
        self.tokens: dict[str, str | None] = {
            who: make_personal_token(person.id, who, now)[1] for who, person in self.people.items()
        }
        self.tokens["nobody"] = None
        self.tokens["service"] = make_service_token("platform", now)[1]
        self.tokens["app"] = make_app_key(access, self.number(self.app), "key", now)[1]

    def person(self, email: str, name: str) -> Any:
        """Make somebody with a proved address."""
        return create_person(email, name, None, self.now, verified=True)

    def workspace(self, slug: str | None = None) -> str:
        """Make a workspace with the same people in the same roles."""
        slug = slug or f"team-{next(self.numbers)}"
        start_workspace("alice@acme.test", slug, slug.title(), "business", self.now, self.now)
        add_member(slug, "carol@acme.test", Role.ADMIN, self.now)
        add_member(slug, "bob@acme.test", Role.MEMBER, self.now)
        return slug

    def newcomer(self) -> str:
        """Make somebody a member of Acme and return their address."""
        email = f"new{next(self.numbers)}@acme.test"
        self.person(email, "New")
        add_member("acme", email, Role.MEMBER, self.now)
        return email

    def webhook(self, slug: str = "acme") -> str:
        """Make a webhook with a delivery, in place of the one before."""
        _, access = access_to(self.people["owner"].id, slug)
        while self.hooked:
            with suppress(NotFound):
                remove_webhook(*self.hooked.pop(), self.now)
        made, _ = add_webhook(access, PUBLIC_URL, ["credits.low"], "", self.now, SafeFetch())
        self.sent = reference("delivery", send_test(access, made.id, self.now).id)
        self.hooked.append((access, made.id))
        return reference("webhook", made.id)

    def delivery(self) -> str:
        """The delivery to the webhook that was made last."""
        return self.sent

    def new_app(self, who: str = "owner") -> str:
        """Make an app of Acme."""
        _, access = access_to(self.people[who].id, "acme")
        return reference("app", create_app_row(access, "Shop", "", self.now).id)

    def app_with_files(self) -> str:
        """Make an app of Acme that can be deployed."""
        app = self.new_app()
        _, access = access_to(self.people["owner"].id, "acme")
        save_version(access, int(app.removeprefix("app_")), {"index.html": b"hi"}, "", self.now)
        return app

    def action(self) -> str:
        """Start to deploy an app, and end what was started before: few may be under way."""
        app = int(self.app_with_files().removeprefix("app_"))
        _, access = access_to(self.people["owner"].id, "acme")
        for before in (row for each in apps_in(access) for row in actions_of(access, each.id)):
            if not before.state.is_over:
                cancel(access, before.id, self.now)
        key = f"deploy {next(self.numbers)}"
        wanted = Wanted(ActionKind.DEPLOY)
        return reference("action", start(access, app, wanted, key, self.now).value.id)

    def invitation(self, slug: str = "acme") -> str:
        """Invite somebody."""
        _, access = access_to(self.people["owner"].id, slug)
        email = f"guest{next(self.numbers)}@acme.test"
        report = invite(access, [email], Role.MEMBER, self.now)
        return reference("invitation", report.invited[0].id)

    def limit(self, slug: str = "acme") -> str:
        """Set an alert."""
        _, access = access_to(self.people["owner"].id, slug)
        credits = 100 + next(self.numbers)
        alert = WantedLimit(LimitWho.ACCOUNT, LimitEffect.ALERT, credits, LimitPer.DAY)
        return reference("limit", set_limit(access, alert, self.now).id)

    def domain(self, slug: str = "acme") -> str:
        """Give a workspace a domain that the operator vouches for."""
        _, access = access_to(self.people["owner"].id, slug)
        return vouch_for_domain(access, f"d{next(self.numbers)}.test", self.now).domain

    def spending(self, **more: Any) -> dict[str, Any]:
        """A body that every caller of Acme may send."""
        return {"account": "acme", "app": self.app, "action": ACTION, **more}

    @staticmethod
    def number(ref: str) -> int:
        """The number in a reference."""
        return int(ref.rpartition("_")[2])
