"""VERBS that read usage: reports, the forecast, the burn-down of a cycle, statements."""
