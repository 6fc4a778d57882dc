"""The `coffer` command. Bodies import what they need, so that help and mistakes are quick."""

from __future__ import annotations

from typing import Any

import click

from app.cli import (
    ai,
    audit,
    backup,
    billing,
    credits,
    cycles,
    domains,
    identity_providers,
    installation,
    ledger,
    moving,
    people,
    plans,
    plugins,
    serving,
    workspaces,
)


class Coffer(click.Group):
    """The command as a whole: says a refusal in one sentence and exits with 1."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run a command."""
        try:
            return super().invoke(ctx)
        except click.ClickException:
            raise
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


def _sentence(error: Exception) -> str | None:
    """Spell what went wrong, when it is no crash but an answer."""
    from app.domain.refusals import Refusal
    from app.services.readiness import NotReady
    from app.sources import BadSetting

    if isinstance(error, Refusal):
        return error.detail
    return str(error) if isinstance(error, BadSetting | NotReady) else None


@click.group(cls=Coffer, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coffer")
def main() -> None:
    """Coffer: workspaces that share a pool of credits.

    Settings come from the environment (COFFER_…, DATABASE_URL) or instance/config.py;
    `coffer settings` explains each.
    """


for _room in (
    serving,
    installation,
    backup,
    people,
    workspaces,
    domains,
    identity_providers,
    plans,
    plugins,
    billing,
    credits,
    cycles,
    ledger,
    moving,
    audit,
    ai,
):
    for _command in _room.COMMANDS:
        main.add_command(_command)
