"""AI models that apps may call, and what a call costs: so much a piece, or by tokens.

Prices by tokens are whole credits for so many tokens, input and output apart; what a call costs is
rounded up to whole credits once, at its end, and is 1 at least (PRODUCT, Plans, prices and packs).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from app.domain.refusals import InvalidRequest

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}")
PER = (1_000, 1_000_000)
LARGEST_RATE = 10**9
LARGEST_WINDOW = 10**8
BYTES_PER_TOKEN = 4


class ModelKind(StrEnum):
    """What a model does, which decides the address that it is called at."""

    CHAT = "chat"
    IMAGE = "image"
    EMBEDDING = "embedding"


ACTIONS = {
    ModelKind.CHAT: "ai.completion",
    ModelKind.IMAGE: "ai.image",
    ModelKind.EMBEDDING: "ai.completion",
}


class Tokens(NamedTuple):
    """How many tokens went in and came out."""

    input: int
    output: int


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """Credits for `per` tokens of input and of output."""

    input: int
    output: int
    per: int

    def cost(self, tokens: Tokens) -> int:
        """What so many tokens cost, in whole credits, 1 at least."""
        exact = tokens.input * self.input + tokens.output * self.output
        return max(1, -(-exact // self.per))


@dataclass(frozen=True, slots=True)
class AiModel:
    """A model that is offered under `name`; the upstream knows it as `upstream`.

    Without a `price` by tokens a call costs what the catalogue asks for `action`, for each choice
    or image. `most_input` and `most_output` are the tokens that one call can take and give.
    """

    name: str
    kind: ModelKind
    action: str
    upstream: str
    price: TokenPrice | None = None
    most_input: int = 0
    most_output: int = 0
    version: int = 1

    def require_sound(self) -> None:
        """Raise `InvalidRequest` unless it can be offered as it is."""
        for field, name in (("name", self.name), ("upstream", self.upstream)):
            if not NAME.fullmatch(name):
                raise InvalidRequest.of(field, "Use 1 to 100 letters, digits and . _ : / @ + -")
        if self.price is not None:
            self._require_sound_price(self.price)

    def _require_sound_price(self, price: TokenPrice) -> None:
        if self.kind is ModelKind.IMAGE:
            raise InvalidRequest.of("price", "Images are paid for each, not by tokens.")
        if price.per not in PER:
            raise InvalidRequest.of("per", "Prices are for 1,000 or for 1,000,000 tokens.")
        if not (0 <= price.input <= LARGEST_RATE and 0 <= price.output <= LARGEST_RATE):
            raise InvalidRequest.of("price", "A price is a whole number of credits, 0 or more.")
        output = self.kind is ModelKind.CHAT
        for field, most in (("most_input", self.most_input), ("most_output", self.most_output)):
            needed = 0 if field == "most_output" and not output else 1
            if not needed <= most <= LARGEST_WINDOW:
                raise InvalidRequest.of(
                    field, "A price by tokens needs the most tokens that one call can have."
                )

    def most_it_could_cost(self, asked: Asked) -> int:
        """What is held for a call that is paid by tokens, in credits.

        A token of text is one byte at least. How many tokens an image or a file is can't be seen
        from outside, so such a call can take as many as the model does.
        """
        assert self.price is not None
        most_input = min(asked.bytes, self.most_input) if asked.only_text else self.most_input
        output = min(asked.most_output or self.most_output, self.most_output)
        return self.price.cost(Tokens(most_input, output * asked.choices))


class Asked(NamedTuple):
    """What a request asks of a model, as far as its price depends on it.

    `most_output` None leaves the length of the answer to the model.
    """

    bytes: int
    only_text: bool
    choices: int
    most_output: int | None


def tokens_in(text_bytes: int) -> int:
    """Estimate how many tokens a text is, where nobody told: a quarter of its bytes."""
    return -(-text_bytes // BYTES_PER_TOKEN)


def part_of(held: int, most: int, cost: int) -> int:
    """What to capture of `held` credits, when `cost` of the `most` it could have cost was used.

    A plugin may have changed the price before it was held; the same part of it is taken.
    """
    return min(held, max(1, -(-cost * held // most)))
