"""The reference provider, which is sound, passes the kit."""

import pytest

from app.conformance.billing import BillingConformance
from tests.conformance.reference_provider import ReferenceBench


class TestReferenceProvider(BillingConformance):
    @pytest.fixture
    def bench(self, tmp_path):
        return ReferenceBench(tmp_path)
