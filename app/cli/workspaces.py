"""Commands about workspaces, what pays for them, and their apps."""

from __future__ import annotations

from datetime import datetime

import click

from app.cli.terms import INSTANT, answer, as_json, installation, spell


@click.group()
def workspace() -> None:
    """Workspaces: a team with one pool."""


@workspace.command("create")
@click.argument("slug")
@click.option("--owner", required=True, metavar="EMAIL", help="Who owns it; has an account.")
@click.option("--name", help="What people read; default is the slug.")
@click.option("--plan", default="business", show_default=True)
@click.option("--anchor", type=INSTANT, help="When its first cycle began; default is now.")
@as_json
def create_workspace(
    slug: str, owner: str, name: str | None, plan: str, anchor: datetime | None, as_json: bool
) -> None:
    """Start the workspace SLUG without payment."""
    with installation() as portal:
        from app.services.workspaces.open import start_workspace

        now = portal.clock.now()
        account = start_workspace(owner, slug, name or slug, plan, anchor or now, now)
        data = {"slug": account.slug, "name": account.name, "owner": owner, "plan": plan}
        answer(data, f"The workspace {account.slug} belongs to {owner}.", as_json=as_json)


@click.group()
def subscription() -> None:
    """Subscriptions: what people pay for."""


@subscription.command("create")
@click.option("--owner", required=True, metavar="EMAIL", help="Who holds it; has an account.")
@click.option("--plan", default="business", show_default=True)
@as_json
def create_subscription(owner: str, plan: str, as_json: bool) -> None:
    """Give a person a subscription without payment, with which they open a workspace."""
    with installation() as portal:
        from app.services.workspaces.subscribe import give_subscription

        given = give_subscription(owner, plan, portal.clock.now())
        data = {"owner": owner, "plan": given.plan, "state": given.state}
        answer(data, f"{owner} can open a workspace.", as_json=as_json)


@click.group("app")
def app_group() -> None:
    """Apps, which belong to an account."""


@app_group.command("create")
@click.argument("slug")
@click.argument("name")
@click.option("--description", default="")
@as_json
def create_app(slug: str, name: str, description: str, as_json: bool) -> None:
    """Create an app named NAME in the account SLUG, on behalf of its owner."""
    with installation() as portal:
        from app.cli.owner import owner_access
        from app.domain.reference import reference
        from app.services.apps.edit import create_app as create

        made = create(owner_access(slug), name, description, portal.clock.now())
        data = {
            "id": reference("app", made.id),
            "account": slug,
            "name": made.name,
            "created_at": made.created_at,
        }
        text = f"{data['id']}  {made.name}, in {slug} since {spell(made.created_at)}"
        answer(data, text, as_json=as_json)


COMMANDS = (workspace, subscription, app_group)
