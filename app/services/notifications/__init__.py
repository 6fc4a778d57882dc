"""VERBS about notifications: tell people in the page, and let them read and choose."""
