"""VERBS of billing: which plan an account is on, and what paying or not paying brings about."""
