"""Tests of the verbs of actions."""
