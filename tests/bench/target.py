"""The server under measure: the portal itself, with two references beside its own routes.

`/bench/empty` parses JSON and does nothing. `/bench/orm` deducts in the usual way: a session per
request, `SELECT … FOR UPDATE`, objects, one commit each. `/bench/alone` is our own money path
with one commit per request instead of group commit.
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from typing import Any

from flask import Flask, jsonify, request
from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app import create_app
from app.cli.server import serve
from app.domain.command import Deduct
from app.domain.transaction import Attribution
from app.services.credits.ledger import commit
from app.services.credits.post import Entry
from app.store.database import Base, BigKey, Instant, db, transaction


class OrmPool(Base):
    """The reference's pool."""

    __tablename__ = "bench_pools"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger)


class OrmGrant(Base):
    """The reference's grant."""

    __tablename__ = "bench_grants"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    pool: Mapped[int] = mapped_column(BigInteger, index=True)
    remaining: Mapped[int] = mapped_column(BigInteger)


class OrmLine(Base):
    """The reference's transaction, with its idempotency key."""

    __tablename__ = "bench_lines"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    pool: Mapped[int] = mapped_column(BigInteger, index=True)
    key: Mapped[str] = mapped_column(String(255), unique=True)
    credits: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(Instant)


def load() -> Flask:
    """Build the portal and add the references."""
    app = create_app()
    app.extensions["csrf"].exempt("tests.bench.target.empty")
    for rule, view in (("empty", empty), ("orm", orm), ("alone", alone)):
        app.add_url_rule(f"/bench/{rule}", view_func=view, methods=["POST"])
        app.extensions["csrf"].exempt(view)
    return app


def empty() -> Any:
    """Parse JSON and do nothing."""
    return jsonify({"action": request.get_json()["action"]}), 201


def orm() -> Any:
    """Deduct one credit with objects, one commit per request."""
    with transaction():
        pool = db.session.scalars(select(OrmPool).with_for_update()).one()
        grants = db.session.scalars(select(OrmGrant).where(OrmGrant.pool == pool.id))
        first = next(grant for grant in grants if grant.remaining)
        first.remaining -= 1
        pool.balance -= 1
        line = OrmLine(
            pool=pool.id,
            key=request.headers["Idempotency-Key"],
            credits=-1,
            balance_after=pool.balance,
            action=request.get_json()["action"],
            at=datetime.now(UTC),
        )
        db.session.add(line)
    return jsonify({"id": line.id, "balance_after": line.balance_after}), 201


def alone() -> Any:
    """Deduct one credit by our own money path, one commit per request."""
    pool = int(os.environ["BENCH_POOL"])
    who = Attribution(action=request.get_json()["action"], quantity=1)
    entry = Entry(Deduct(1, who), key=request.headers["Idempotency-Key"], fingerprint="bench")
    (result,) = commit({pool: [entry]}, datetime.now(UTC))[pool]
    return jsonify({"seq": result.value.seq}), 201


def main() -> None:
    """Serve, as `coffer serve` does."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--workers", type=int, required=True)
    asked = options.parse_args()
    serve(load, "127.0.0.1", asked.port, workers=asked.workers, threads=128 + 500)


if __name__ == "__main__":
    main()
