"""Commands that take a workspace from one installation to another."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.terms import answer, as_json, installation

FILE = click.Path(dir_okay=False, path_type=Path)
STAYS = "\nKeys, tokens, identity providers, domains, webhooks, invoices and payments stay behind."


@click.command("export")
@click.argument("slug")
@click.argument("file", type=FILE)
@as_json
def export(slug: str, file: Path, as_json: bool) -> None:
    """Write the workspace SLUG with its ledger to FILE, while Coffer runs.

    Nobody but you may read the file: it has names, addresses and the apps' files in it.
    """
    with installation() as portal:
        from app.services.moving.export_workspace import export_workspace

        made = export_workspace(slug, file, portal.clock.now())
        data = {"slug": made.slug, "balance": made.balance, "held": made.held, "rows": made.counts}
        text = f"{file} holds {slug}: {_ledger(made.counts)}, {_credits(made.balance, made.held)}."
        answer(data, text + STAYS, as_json=as_json)


@click.command("import")
@click.argument("file", type=FILE)
@as_json
def import_(file: Path, as_json: bool) -> None:
    """Take the workspace in FILE into this installation, or leave nothing of it.

    People who have no account here get one without a password: they ask for a new one.
    """
    with installation() as portal:
        from app.services.moving.import_workspace import import_workspace

        made = import_workspace(file, portal.clock.now())
        data = {"slug": made.slug, "balance": made.balance, "held": made.held, "rows": made.counts}
        text = f"{made.slug} is here, and its ledger agrees: {_ledger(made.counts)}, "
        text += f"{_credits(made.balance, made.held)}. Nobody is charged until its owner says "
        answer(data, text + "how to pay.", as_json=as_json)


def _ledger(counts: dict[str, int]) -> str:
    members, apps = counts.get("membership", 0), counts.get("app", 0)
    return f"{members} members, {apps} apps, {counts.get('transaction', 0)} transactions"


def _credits(balance: int, held: int) -> str:
    return f"{balance} credits of which {held} are held"


COMMANDS = (export, import_)
