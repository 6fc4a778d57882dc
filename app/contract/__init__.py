"""THE CONTRACT's values and Protocols, a module per subject. Plugins import `app.hookspecs`."""
