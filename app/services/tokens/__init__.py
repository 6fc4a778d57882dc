"""VERBS of tokens: make and revoke what programs call with."""
