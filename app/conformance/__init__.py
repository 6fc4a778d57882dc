"""THE CONFORMANCE KIT: tests that a plugin's author runs over a provider or handler of their own.

Subclass one class, give one fixture, run pytest. It imports `app.hookspecs` and nothing else of
Coffer, so that it holds for every plugin what it holds for ours.
"""

from pathlib import Path

import pytest

for _module in Path(__file__).parent.glob("[a-z]*.py"):
    pytest.register_assert_rewrite(f"app.conformance.{_module.stem}")
