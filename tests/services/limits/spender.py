"""Spends until it is refused: `python -m tests.services.limits.spender TOKEN NAME TIMES`.

Every third time it holds first and captures less. Prints the credits that it took.
"""

import sys

from app.clock import Clock
from app.domain.refusals import LimitReached
from app.factory import build_without_doors
from app.services.credits.caller import caller_of
from app.services.credits.finish import capture
from app.services.credits.spend import Spending, deduct, place_hold


def main():
    """Spend, whatever the others do."""
    token, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
    taken = 0
    with build_without_doors().app_context():
        now = Clock().now()
        caller = caller_of(token, now)
        for turn in range(times):
            asked, key = Spending("acme", "bob@acme.test", None, "deploy", 3), f"{name} {turn}"
            try:
                if turn % 3:
                    taken += deduct(caller, asked, key, now).value.credits
                else:
                    held = place_hold(caller, asked, key, 900, now).value
                    taken += capture(caller, held.id, 2, now).value.credits
            except LimitReached:
                continue
    sys.stdout.write(str(taken))


if __name__ == "__main__":
    main()
