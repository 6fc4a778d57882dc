"""A bank for tests: its ledger in a SQLite file, so that it outlives any process that asks it.

It knows charges by key, moves money once for each, sends signed deliveries, and does to the next
charge what it is told. Rows are plain dictionaries.
"""

import hashlib
import hmac
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

SECRET = b"the bank's secret"
TABLES = """
CREATE TABLE IF NOT EXISTS charges (
    key TEXT PRIMARY KEY, number INTEGER, payer TEXT, amount INTEGER, currency TEXT, state TEXT,
    paid_at TEXT, calls INTEGER DEFAULT 1);
CREATE TABLE IF NOT EXISTS moves (key TEXT, amount INTEGER, at TEXT);
CREATE TABLE IF NOT EXISTS refunds (
    key TEXT PRIMARY KEY, number INTEGER, charge TEXT, amount INTEGER, currency TEXT, state TEXT);
CREATE TABLE IF NOT EXISTS disputes (id TEXT PRIMARY KEY, charge TEXT, amount INTEGER);
CREATE TABLE IF NOT EXISTS saved (payer TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS words (name TEXT PRIMARY KEY, value TEXT);
"""


class OutOfReach(Exception):  # noqa: N818
    """Nothing arrives at the bank."""


class AnswerLost(Exception):  # noqa: N818
    """It arrived, and the answer did not come back."""


class Bank:
    """One bank, in one file. `now` is its clock."""

    def __init__(self, path: Path, now=lambda: datetime.now(UTC)):
        self.path, self.now = path, now
        with self._open() as connection:
            connection.executescript(TABLES)

    def _open(self):
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        return closing(connection)

    def rows(self, sql, *values):
        with self._open() as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    def write(self, *statements):
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for sql, *values in statements:
                connection.execute(sql, values)
            connection.execute("COMMIT")

    # What the tests say to the world.

    def say(self, name, value):
        self.write(("INSERT OR REPLACE INTO words VALUES (?, ?)", name, value))

    def said(self, name, default=None):
        found = self.rows("SELECT value FROM words WHERE name = ?", name)
        return found[0]["value"] if found else default

    def next_fate(self):
        fate = self.said("fate", self.said("every fate", "process"))
        self.write(("DELETE FROM words WHERE name = 'fate'",))
        return fate

    def require_reach(self):
        if self.said("away", "no") == "yes":
            raise OutOfReach("The bank can't be reached.")

    # Charges.

    def begin(self, key, payer, amount, currency, state):
        """Take a charge in; a key that is known keeps what became of it."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = connection.execute("SELECT 1 FROM charges WHERE key = ?", (key,)).fetchone()
            if known:
                connection.execute("UPDATE charges SET calls = calls + 1 WHERE key = ?", (key,))
            else:
                number = connection.execute("SELECT count(*) + 1 FROM charges").fetchone()[0]
                connection.execute(
                    "INSERT INTO charges VALUES (?, ?, ?, ?, ?, 'pending', NULL, 1)",
                    (key, number, payer, amount, currency),
                )
            connection.execute("COMMIT")
        if not known and state != "pending":
            self.end(key, state)

    def charge(self, key):
        found = self.rows("SELECT * FROM charges WHERE key = ?", key)
        return found[0] if found else None

    def charge_by_number(self, number):
        found = self.rows("SELECT * FROM charges WHERE number = ?", number)
        return found[0] if found else None

    def end(self, key, state):
        """Bring a pending charge to its end; one that has ended stays as it is."""
        charge = self.charge(key)
        if charge is None or charge["state"] != "pending":
            return
        at = self.now().isoformat()
        changes = [("UPDATE charges SET state = ?, paid_at = ? WHERE key = ?", state, at, key)]
        if state == "processed":
            changes.append(("INSERT INTO moves VALUES (?, ?, ?)", key, charge["amount"], at))
            changes.append(("INSERT OR IGNORE INTO saved VALUES (?)", charge["payer"]))
        self.write(*changes)
        self.send(type="charge", key=key)

    def taken(self, key):
        return self.rows("SELECT coalesce(sum(amount), 0) AS n FROM moves WHERE key = ?", key)[0][
            "n"
        ]

    # Refunds and disputes.

    def given_back(self, key):
        sql = "SELECT coalesce(sum(amount), 0) AS n FROM refunds WHERE charge = ? AND state = ?"
        return self.rows(sql, key, "processed")[0]["n"]

    def refund(self, key, charge, amount, currency):
        number = self.rows("SELECT count(*) + 1 AS n FROM refunds")[0]["n"]
        sql = "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, 'processed')"
        self.write((sql, key, number, charge, amount, currency))
        self.send(type="refund", key=key)

    def found_refund(self, key):
        found = self.rows("SELECT * FROM refunds WHERE key = ?", key)
        return found[0] if found else None

    def dispute(self, key):
        number = self.rows("SELECT count(*) + 1 AS n FROM disputes")[0]["n"]
        amount = self.taken(key) - self.given_back(key)
        self.write(("INSERT INTO disputes VALUES (?, ?, ?)", f"dispute-{number}", key, amount))
        self.send(type="dispute opened", dispute=f"dispute-{number}")

    def close_dispute(self, key, *, won):
        (found,) = self.rows("SELECT * FROM disputes WHERE charge = ?", key)
        self.send(type="dispute closed", dispute=found["id"], won=won)

    # Deliveries.

    def send(self, **said):
        """Write a delivery, telling how things stand at this moment."""
        if key := said.get("key"):
            which = "refunds" if said["type"] == "refund" else "charges"
            said["row"] = self.rows(f"SELECT * FROM {which} WHERE key = ?", key)[0]
        if dispute := said.get("dispute"):
            said["row"] = self.rows("SELECT * FROM disputes WHERE id = ?", dispute)[0]
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            number = connection.execute("SELECT count(*) + 1 FROM outbox").fetchone()[0]
            body = json.dumps({"id": f"event-{number}", **said})
            connection.execute("INSERT INTO outbox VALUES (?, ?)", (number, body))
            connection.execute("COMMIT")

    def sent(self):
        """Every body that was ever sent, in order."""
        return [row["body"].encode() for row in self.rows("SELECT body FROM outbox ORDER BY 1")]


def signature(body, at, secret=SECRET):
    """Sign a body the way the bank does: with the time, so that it can't be kept."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"
