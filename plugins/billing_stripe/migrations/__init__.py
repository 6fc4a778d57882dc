"""The plugin's own table, one revision after another."""
