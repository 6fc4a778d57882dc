"""The guides in docs/ and the README: what they say to type works."""
