"""VERBS that take a workspace from one installation to another, in one file that proves itself."""
