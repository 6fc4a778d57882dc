"""An identity provider of our own that forges what no real one sends, and tests of each check."""
