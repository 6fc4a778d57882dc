"""Proof of the cycle: each period once, in order, at its instant."""
