"""VERBS of signing in through others: domains, identity providers, and who joins by address."""
