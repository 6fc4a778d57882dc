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

        difference = next(iter(verify_ledger(slug)), None)
        found = "The ledger agrees." if difference is None else f"The ledger differs: {difference}"
        data = {"agrees": difference is None, "difference": difference and str(difference)}
        answer(data, found, as_json=as_json)
    if difference is not None:
        raise click.exceptions.Exit(1)


COMMANDS = (ledger,)
