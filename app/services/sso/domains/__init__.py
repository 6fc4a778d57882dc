"""VERBS of a workspace's domains: add, verify, check again, remove, and vouch as the operator."""
