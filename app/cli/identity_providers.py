"""Commands about the identity providers of workspaces."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from app.cli.terms import answer, as_json, installation

if TYPE_CHECKING:
    from app.services.sso.given import Given


@click.group()
def idp() -> None:
    """Identity providers: where a workspace's people sign in."""


@idp.command("add")
@click.argument("slug")
@click.option("--handler", required=True, metavar="KEY", help="What it speaks: saml or oidc.")
@click.option(
    "--metadata",
    type=click.File("rb"),
    metavar="FILE",
    help="What it publishes; - reads it from the standard input.",
)
@click.option(
    "--address",
    metavar="ADDRESS",
    help="Where it publishes that, instead; of an OpenID provider the issuer is enough.",
)
@click.option("--name", help="What people see; default is its own name.")
@click.option("--allow-unsolicited", is_flag=True, help="Sign-ins may begin there, too.")
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="FIELD=VALUE",
    help="One of the protocol's own settings; may be repeated.",
)
@click.option(
    "--secret",
    metavar="FIELD",
    help="One that is secret, such as client_secret: its value is read from the standard input.",
)
@as_json
def add(
    slug: str,
    handler: str,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - as click gives them
) -> None:
    """Add an identity provider to the workspace SLUG and switch it on, vouching for it.

    For OpenID Connect: coffer idp add SLUG --handler oidc --address ISSUER --set client_id=ID
    --secret client_secret
    """
    given = _given(**options)
    with installation() as portal:
        from app.cli.owner import owner_access
        from app.services.sso.set_up import add_as_operator
        from app.services.sso.show import as_told

        now = portal.clock.now()
        access = owner_access(slug)
        _switch_on(handler, now)
        row = add_as_operator(access.account_id, handler, given, now)
        data = as_told(row)
        answer(data, _text([data]), as_json=as_json)


@idp.command("show")
@click.argument("slug")
@as_json
def show(slug: str, as_json: bool) -> None:
    """Show what the identity providers of the workspace SLUG need to know of Coffer.

    As JSON: those of the one that was added last, and all of them as `identity_providers`.
    """
    with installation():
        from app.services.sso.show import shown_to_operator

        found = shown_to_operator(slug)
        if not found:
            raise click.ClickException(f"{slug} has no identity provider.")
        answer({**found[-1], "identity_providers": found}, _text(found), as_json=as_json)


def _switch_on(handler: str, now: datetime) -> None:
    """Switch the plugin on that speaks it: who adds an identity provider wants that."""
    from app.services.plugins.configure import switch
    from app.services.plugins.installed import installed
    from app.services.sso.handlers import handlers

    plugin = f"sso_{handler}"
    if handler not in handlers(now) and plugin in installed().plugins:
        switch(plugin, on=True)
        click.echo(f"The plugin {plugin} is switched on.", err=True)


def _given(
    metadata: BinaryIO | None,
    address: str | None,
    name: str | None,
    allow_unsolicited: bool,
    values: tuple[str, ...],
    secret: str | None,
) -> Given:
    from app.services.sso.given import Given

    if (metadata is None) is (address is None):
        raise click.UsageError("Give either --metadata FILE or --address ADDRESS.")
    document = None if metadata is None else metadata.read().decode("utf-8", "replace")
    fields = _values(values)
    if secret is not None:
        fields[secret] = sys.stdin.readline().rstrip("\r\n")
    return Given(name, document, address, fields, allow_unsolicited)


def _values(pairs: tuple[str, ...]) -> dict[str, str]:
    if wrong := next((pair for pair in pairs if "=" not in pair), None):
        raise click.ClickException(f"{wrong!r} is not FIELD=VALUE.")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _text(found: list[dict[str, Any]]) -> str:
    return "\n\n".join(
        f"{each['name']} ({each['handler']}), {'on' if each['on'] else 'off'}\n"
        f"  entity ID     {each['entity_id']}\n"
        f"  ACS URL       {each['acs_url']} (OpenID Connect: redirect URI)\n"
        f"  login URL     {each['login_url']}\n"
        f"  metadata URL  {each['metadata_url']}\n"
        f"  logout URL    {each['logout_url']}"
        for each in found
    )


COMMANDS = (idp,)
