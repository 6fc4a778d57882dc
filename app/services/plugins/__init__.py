"""VERBS on plugins: ask those that decide, switch them on and off, set their settings."""
