"""Tests of the verbs on pools."""
