"""Tests of the verbs of billing."""
