"""Commands about the audit log: prove it, and keep its heads elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.cli.terms import answer, as_json, installation

HINT = (
    "If the installation's secret was changed since, name the former ones in "
    "COFFER_FORMER_SECRET_KEYS."
)


@click.group()
def audit() -> None:
    """The audit log: who changed what, in chains that are sealed."""


@audit.command("verify")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that `coffer audit heads --json` wrote before.",
)
@as_json
def verify(against: Path | None, as_json: bool) -> None:
    """Prove that nothing was changed, moved, put in or taken out.

    Prints the first break and exits with 1 when there is one.
    """
    kept = _kept(against) if against else None
    with installation():
        from app.services.audit.verify import verify_audit

        sums = {"chains": 0, "sealed": 0, "waiting": 0}
        for found in verify_audit(kept):
            if found.broken is not None:
                data = {
                    "whole": False,
                    "account": found.account,
                    "chain": found.chain,
                    "seq": found.seq,
                    "broken": found.broken,
                }
                answer(data, f"{found.account}: {found.broken} {HINT}", as_json=as_json)
                raise click.exceptions.Exit(1)
            sums["chains"] += 1
            sums["sealed"] += found.sealed
            sums["waiting"] += found.waiting
        text = "The audit log is whole: {sealed} sealed lines in {chains} chains, {waiting} wait."
        answer({"whole": True, **sums}, text.format(**sums), as_json=as_json)


@audit.command("heads")
@as_json
def heads(as_json: bool) -> None:
    """Seal what waits and print the head of each chain, to be kept outside this installation."""
    with installation() as portal:
        from app.services.audit.seal_lines import seal_lines
        from app.services.audit.verify import heads as present_heads

        seal_lines(portal.clock.now())
        found = [
            {"chain": each.chain, "account": each.account, "seq": each.seq, "seal": each.seal}
            for each in present_heads()
        ]
        text = "\n".join("{account} {seq} {seal}".format(**each) for each in found)
        answer({"heads": found}, text or "Nothing was noted yet.", as_json=as_json)


def _kept(file: Path) -> dict[int, tuple[int, str]]:
    import orjson

    try:
        read: dict[str, Any] = orjson.loads(file.read_bytes())
        return {int(each["chain"]): (int(each["seq"]), str(each["seal"])) for each in read["heads"]}
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"{file} is no file of heads.") from None


COMMANDS = (audit,)
