"""Commands about AI models: which ones apps may call, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.terms import answer, as_json, installation

if TYPE_CHECKING:
    from app.domain.ai_model import AiModel


@click.group()
def ai() -> None:
    """AI models that apps may call through /ai/v1."""


@ai.command("offer")
@click.argument("name")
@click.option("--kind", type=click.Choice(["chat", "image", "embedding"]), default="chat")
@click.option("--action", help="Whose price a call has; default ai.completion or ai.image.")
@click.option("--upstream", help="What the server of AI models calls it; default NAME.")
@click.option("--input", "input_credits", type=int, help="Credits for input tokens.")
@click.option("--output", "output_credits", type=int, help="Credits for output tokens.")
@click.option("--per", type=click.Choice(["1000", "1000000"]), default="1000000")
@click.option("--most-input", type=int, default=0, help="Tokens that a call can take.")
@click.option("--most-output", type=int, default=0, help="Tokens that a call can give.")
def offer(  # noqa: PLR0913, PLR0917 - one for each option
    name: str,
    kind: str,
    action: str | None,
    upstream: str | None,
    input_credits: int | None,
    output_credits: int | None,
    per: str,
    most_input: int,
    most_output: int,
) -> None:
    """Offer the model NAME, or change it. With a price by tokens, say the most a call can have."""
    with installation() as portal:
        from app.domain.ai_model import ACTIONS, AiModel, ModelKind, TokenPrice
        from app.services.ai.models import offer_model

        price = None
        if input_credits is not None or output_credits is not None:
            price = TokenPrice(input_credits or 0, output_credits or 0, int(per))
        found = ModelKind(kind)
        limits = (most_input, most_output)
        chosen = action or ACTIONS[found]
        model = AiModel(name, found, chosen, upstream or name, price, *limits)
        offer_model(model, portal.clock.now())
        click.echo(f"{name} is offered.")


@ai.command("withdraw")
@click.argument("name")
def withdraw(name: str) -> None:
    """Offer the model NAME no longer; calls that are on complete."""
    with installation() as portal:
        from app.services.ai.models import withdraw_model

        withdraw_model(name, portal.clock.now())
        click.echo(f"{name} is withdrawn.")


@ai.command("models")
@as_json
def models(as_json: bool) -> None:
    """List the models that are offered."""
    with installation() as portal:
        from app.services.ai.models import offered_models

        found = offered_models(portal.clock.now())
        lines = [_line(each) for each in found] or ["None yet: coffer ai offer NAME"]
        answer(found, "\n".join(lines), as_json=as_json)


def _line(model: AiModel) -> str:
    price = model.price
    cost = f"{price.input} in, {price.output} out per {price.per:,} tokens" if price else "a call"
    return f"{model.name}  {model.kind}  {model.action}  {model.upstream}  {cost}"


COMMANDS = (ai,)
