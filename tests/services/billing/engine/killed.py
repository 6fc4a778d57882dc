"""Takes money, and may be killed at a named step: `python -m …killed DEED AT [STEP]`."""

import os
import signal
import sys
from datetime import datetime

from app.factory import build_without_doors
from app.services.billing import auto_top_up, charge_due
from app.services.billing.step import Step
from app.services.plugins.installed import installed
from tests.conformance import bank_plugin
from tests.conformance.reference_provider import ReferenceProvider

DEEDS = {
    "charge": (charge_due, charge_due.charge_due_periods),
    "top up": (auto_top_up, auto_top_up.top_up_what_is_low),
}
# A function, whose it is (None: the deed's module), and whether the knife falls after it.
STEPS = {
    "before it is written down": (None, "mint", False),
    "while it is written down": (None, "mint", True),
    "between writing it down and asking": (None, "call", False),
    "while it is on its way": (ReferenceProvider, "charge", False),
    "when the money moved": (ReferenceProvider, "charge", True),
    "between the answer and writing it down": (None, "take_outcome", False),
    "between the outcome and its effect": (Step, "first", True),
    "between the effect and the invoice": (Step, "last", False),
    "before the commit": (Step, "last", True),
    "after the commit": (None, "take_outcome", True),
}


def main():
    """Run into the knife, if one is laid."""
    deed, at = sys.argv[1], datetime.fromisoformat(sys.argv[2])
    module, work = DEEDS[deed]
    if sys.argv[3:]:
        owner, name, after = STEPS[sys.argv[3]]
        _lay_the_knife(owner or module, name, after)
    app = build_without_doors()
    app.extensions["coffer"].clock.set(at)
    with app.app_context():
        installed().load("bank", "the tests", lambda: bank_plugin)
        sys.stdout.write(str(work(at)))


def _lay_the_knife(owner, name, after):
    function = getattr(owner, name)

    def cut(*args, **kwargs):
        if not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, cut)


if __name__ == "__main__":
    main()
