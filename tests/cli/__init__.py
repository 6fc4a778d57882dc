"""The `coffer` command, in this process and as a process of its own."""
