"""The operator's desk: its verbs, on both databases."""
