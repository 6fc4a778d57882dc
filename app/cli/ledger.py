"""Commands about the ledger: prove it."""

from __future__ import annotations

import click

from app.cli.terms import answer, as_json, installation


@click.group()
def ledger() -> None:
    """The ledger: every transaction of every pool."""


@ledger.command("verify")
@click.argument("slug", required=False)
@as_json
def verify(slug: str | None, as_json: bool) -> None:
    """Derive every balance from the transactions again, of SLUG or of all accounts.

    Prints the first difference and exits with 1 when there is one.
    """
    with installation():
        from app.services.credits.verify import verify_ledger

        pools = lines = 0
        for verified in verify_ledger(slug):
            pools, lines = pools + 1, lines + verified.lines
            if verified.difference is not None:
                what = str(verified.difference)
                data = {"agrees": False, "account": verified.slug, "difference": what}
                answer(data, f"{verified.slug}: {what}", as_json=as_json)
                raise click.exceptions.Exit(1)
        data = {"agrees": True, "pools": pools, "transactions": lines}
        text = f"The ledger agrees: {pools} pools, {lines} transactions."
        answer(data, text, as_json=as_json)


COMMANDS = (ledger,)
