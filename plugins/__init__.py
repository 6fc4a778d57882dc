"""PLUGINS: the bundled ones. Each imports `app.hookspecs` and nothing else of app."""
