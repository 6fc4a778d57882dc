"""VERBS of the audit log: note a line, seal what was noted, prove it, read it."""
