"""VERBS of the cycle: close what is due, tell what would happen, look ahead and back."""
