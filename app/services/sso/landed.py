"""The contract's terms for what doors carry to and fro, for rooms that don't see the contract."""

from __future__ import annotations

from app.hookspecs import Arrival, PostForm, Redirect

__all__ = ["Arrival", "PostForm", "Redirect"]
