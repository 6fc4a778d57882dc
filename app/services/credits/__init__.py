"""VERBS on pools: spend, hold, refund, grant, read, verify."""
