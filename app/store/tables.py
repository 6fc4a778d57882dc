"""All tables at once, for the migrations: importing this module makes the metadata complete."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from app.store.database import Base

for module in sorted(Path(__file__).parent.glob("*.py")):
    import_module(f"app.store.{module.stem}")

metadata = Base.metadata
