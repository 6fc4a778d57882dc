"""Tests of the conformance kit: what is sound passes it, what is broken fails it."""
