"""VERBS of apps: create, edit, delete, transfer."""
