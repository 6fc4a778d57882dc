"""Tests of the engine that takes money, with the bank for tests as a real plugin."""
