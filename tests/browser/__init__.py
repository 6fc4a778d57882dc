"""The portal in a real Chromium: real processes, real mail, and people who click."""
