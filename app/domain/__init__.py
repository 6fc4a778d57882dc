"""RULES: what is true in the product. Standard library only; no clock, no tables, no network."""
