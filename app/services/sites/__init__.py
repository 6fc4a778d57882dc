"""VERBS of sites: publish a version of an app, put one back, take it off the web, serve it."""
