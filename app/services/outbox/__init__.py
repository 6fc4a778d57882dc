"""VERBS of the outbox: write down what consumers are to be told, and tell them, surely."""
