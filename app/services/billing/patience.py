"""How long a round of asking bears with a provider that can't be asked, so that others get on."""

from __future__ import annotations

from collections import Counter

from app.domain.payment import AttemptState

MOST_SILENCES = 3


class Patience:
    """Counts, for one round, how often each provider left it open what became of a payment."""

    def __init__(self) -> None:
        self._silences: Counter[str] = Counter()

    def is_over(self, provider: str) -> bool:
        """Tell whether a provider was silent so often that it is left alone until the next round.

        One that hangs takes twenty seconds each time, and whoever pays by another waits.
        """
        return self._silences[provider] >= MOST_SILENCES

    def lost(self) -> list[str]:
        """List the providers that are left alone."""
        return [provider for provider in self._silences if self.is_over(provider)]

    def note(self, provider: str, state: AttemptState) -> None:
        """Take note of what came of asking."""
        self._silences[provider] += state is AttemptState.UNKNOWN
