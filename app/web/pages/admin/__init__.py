"""PAGES of the operator, under /admin. For everybody else there is nothing here."""
