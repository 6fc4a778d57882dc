"""AI models that the operator offers. A new price is a new version; the latest counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.ai_model import AiModel, ModelKind, TokenPrice
from app.store.database import Base, Instant, choice, db


class AiModelRow(Base):
    """A version of a model. `per` null: calls are paid a piece; not `offered`: it is withdrawn."""

    __tablename__ = "ai_models"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ModelKind] = mapped_column(choice(ModelKind))
    action: Mapped[str] = mapped_column(String(60))
    upstream: Mapped[str] = mapped_column(String(100))
    per: Mapped[int | None]
    input_credits: Mapped[int] = mapped_column(BigInteger, default=0)
    output_credits: Mapped[int] = mapped_column(BigInteger, default=0)
    most_input: Mapped[int] = mapped_column(BigInteger, default=0)
    most_output: Mapped[int] = mapped_column(BigInteger, default=0)
    offered: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime] = mapped_column(Instant)


def read_models(connection: Connection) -> dict[str, AiModel]:
    """Read the models that are offered, by name, each as its latest version says."""
    rows = AiModelRow.__table__
    found: dict[str, Any] = {}
    for row in connection.execute(select(rows).order_by(rows.c.name, rows.c.version)):
        found[row.name] = row
    return {name: _model(row) for name, row in found.items() if row.offered}


def latest_version(name: str) -> AiModelRow | None:
    """Find the latest version of a model, a withdrawn one too."""
    versions = select(AiModelRow).where(AiModelRow.name == name)
    return db.session.scalar(versions.order_by(AiModelRow.version.desc()).limit(1))


def _model(row: Row[*tuple[Any, ...]]) -> AiModel:
    price = TokenPrice(row.input_credits, row.output_credits, row.per) if row.per else None
    return AiModel(
        row.name,
        ModelKind(row.kind),
        row.action,
        row.upstream,
        price,
        row.most_input,
        row.most_output,
        row.version,
    )
