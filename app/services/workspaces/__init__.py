"""VERBS of workspaces: open, invite, join, leave, change roles, hand over, delete."""
