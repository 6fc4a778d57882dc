"""VERBS of actions: generate, refine and deploy apps, paid by a hold of the pool they began in."""
