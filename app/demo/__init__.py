"""DEMO: a throw-away installation that tells a story. Made of the same verbs as a real one."""
