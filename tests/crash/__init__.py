"""Tests that kill servers."""
