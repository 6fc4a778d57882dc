"""The conformance kit for billing providers.

```python
class TestMyBilling(BillingConformance):
    @pytest.fixture
    def bench(self):
        return MyBench()  # see `BillingBench`
```

Every test gets a fresh bench. What the bench declares to be lacking is checked, too: the provider
has to say no there, and the result shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from app.conformance import report
from app.conformance.billing_bench import BillingBench, Fate, Lack
from app.conformance.billing_books import BookTests
from app.conformance.billing_charges import ChargeTests
from app.conformance.billing_events import EventTests
from app.conformance.billing_keys import KeyTests
from app.conformance.billing_refunds import RefundTests

__all__ = ["BillingBench", "BillingConformance", "Fate", "Lack"]

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")


class BillingConformance(ChargeTests, KeyTests, RefundTests, EventTests, BookTests):
    """All that Coffer relies on. A subclass gives the fixture `bench`, a `BillingBench`."""

    @pytest.fixture(autouse=True)
    def _show_what_is_lacking(
        self,
        bench: BillingBench,
        request: pytest.FixtureRequest,
        record_property: Callable[[str, object], None],
    ) -> None:
        for lack, reason in bench.lacks.items():
            assert reason.strip(), f"say why there are no {lack}"
            record_property("lacks", f"{lack}: {reason}")
            report.tell(request.config, f"{bench.provider.key} lacks {lack}: {reason}")

    def test_it_has_a_name_and_a_title(self, bench: BillingBench) -> None:
        """The key goes into the books for ever; the title is what people choose."""
        assert KEY.fullmatch(bench.provider.key)
        assert bench.provider.title.strip()

    def test_it_says_whether_it_charges_absent_payers(self, bench: BillingBench) -> None:
        """Coffer offers auto top-up where this is true."""
        assert bench.provider.charges_absent is (Lack.ABSENT_CHARGES not in bench.lacks)

    def test_the_page_to_manage_payment(self, bench: BillingBench) -> None:
        """An address, or None where the bench says that there is no such page."""
        page = bench.provider.manage_page(bench.payer, "https://coffer.example.com/back")
        if Lack.MANAGE_PAGE in bench.lacks:
            assert page is None
        else:
            assert page is not None
            assert page.startswith(("https://", "http://"))
