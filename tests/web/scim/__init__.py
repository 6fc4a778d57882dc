"""Tests of the door for directories."""
