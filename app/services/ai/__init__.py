"""VERBS of AI models: offer them, let apps call them, pay for what was used."""
