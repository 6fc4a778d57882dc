"""DOORS: pages for people, JSON for programs, probes for machines."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register_doors(app: Flask) -> None:
    """Open every door. Each registers its own blueprints and answers to refusals."""
    for name in ("login", "pages", "api", "probes"):  # temporary: doors arrive one by one
        try:
            import_module(f"app.web.{name}").register(app)
        except (ImportError, AttributeError) as missing:
            logging.getLogger(__name__).warning("door %s is not here yet: %s", name, missing)
