"""VERBS of invoices: written with the payment, read by the owner, printed on request."""
