"""VERBS: offer AI models to apps, withdraw them, and list those that there are.

Each change is a new version. A call that is on keeps the price that it began with.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.ai_model import AiModel
from app.domain.refusals import NotFound
from app.services.audit.note import note
from app.services.directory import directory, looked_up
from app.services.plugins.prices import price_of
from app.store.ai_models import AiModelRow, latest_version
from app.store.database import add, transaction


def offered_models(now: datetime) -> list[AiModel]:
    """List what apps may call, by name."""
    directory().fresh(now)
    return looked_up(lambda view: list(view.ai_models().values()), now)


def offered_model(name: str, now: datetime) -> AiModel:
    """Find one that apps may call, or raise `NotFound`."""
    for model in offered_models(now):
        if model.name == name:
            return model
    raise NotFound(f"There is no model {name[:100]!r} here.")


def offer_model(model: AiModel, now: datetime) -> AiModel:
    """Offer a model, or change one that is offered, as the operator.

    Raises `InvalidRequest` when it can't be called or paid as it is.
    """
    model.require_sound()
    if model.price is None:
        looked_up(lambda view: price_of(view, model.action), now)
    with transaction():
        former = latest_version(model.name)
        row = _row(model, former.version + 1 if former else 1, now)
        add(row)
        before = _facts(former) if former is not None and former.offered else None
        note(
            "catalogue.model_offered", None, now, about=model.name, before=before, after=_facts(row)
        )
    return model


def withdraw_model(name: str, now: datetime) -> None:
    """Offer a model no longer; calls that are on complete."""
    with transaction():
        former = latest_version(name)
        if former is None or not former.offered:
            raise NotFound(f"There is no model {name[:100]!r} here.")
        columns = {each.key: getattr(former, each.key) for each in AiModelRow.__table__.c}
        changed = {"version": former.version + 1, "offered": False, "made_at": now}
        add(AiModelRow(**columns | changed))
        note("catalogue.model_withdrawn", None, now, about=name, before=_facts(former))


def _row(model: AiModel, version: int, now: datetime) -> AiModelRow:
    price = model.price
    return AiModelRow(
        name=model.name,
        version=version,
        kind=model.kind,
        action=model.action,
        upstream=model.upstream,
        per=price.per if price else None,
        input_credits=price.input if price else 0,
        output_credits=price.output if price else 0,
        most_input=model.most_input,
        most_output=model.most_output,
        offered=True,
        made_at=now,
    )


def _facts(row: AiModelRow) -> dict[str, object]:
    """What the audit log says of a model."""
    facts: dict[str, object] = {"kind": row.kind, "action": row.action, "upstream": row.upstream}
    if row.per is not None:
        facts["price"] = f"{row.input_credits} in, {row.output_credits} out per {row.per} tokens"
    return facts
