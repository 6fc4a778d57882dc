"""VERBS: what people and programs do, one transaction each, grouped by subject. No Flask."""
