"""VERBS about limits: guard-rails on the shared pool. The money path enforces them itself."""
