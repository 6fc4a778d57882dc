"""VERBS of SCIM: connect a directory, and follow what it tells of its users."""
