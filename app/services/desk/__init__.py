"""VERBS of the operator's desk: what needs attention, accounts, people, catalogue, audits."""
