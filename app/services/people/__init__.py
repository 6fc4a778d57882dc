"""VERBS of people: sign up and in, prove an address, change a name or a password."""
