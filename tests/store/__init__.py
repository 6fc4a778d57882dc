"""Tests of tables and statements."""
