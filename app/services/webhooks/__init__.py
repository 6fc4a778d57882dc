"""VERBS of webhooks: which programs are told what happens to an account, and how they fare."""
