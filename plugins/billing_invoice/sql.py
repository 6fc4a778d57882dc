"""The statements on the plugin's own tables."""

from __future__ import annotations

LOCK = "UPDATE billing_invoice_receivables SET received = received WHERE reference = :reference"

COUNT = """
UPDATE billing_invoice_receivables SET received = (
    SELECT COALESCE(SUM(t.amount), 0) FROM billing_invoice_receipts AS t
    WHERE t.reference = :reference)
WHERE reference = :reference
"""

SETTLE = """
UPDATE billing_invoice_receivables SET state = 'paid', settled_at = :now
WHERE reference = :reference AND state = 'open' AND received >= amount
"""

CANCEL = """
UPDATE billing_invoice_receivables SET state = 'cancelled', settled_at = :now
WHERE key = :key AND state = 'open'
"""

NEW_RECEIVABLE = """
INSERT INTO billing_invoice_receivables (
    key, reference, account, name, email, amount, currency, words,
    tax_words, tax, instructions, state, received, created_at, due_on, settled_at)
VALUES (
    :key, :reference, :account, :name, :email, :amount, :currency, :words,
    :tax_words, :tax, :instructions, :state, 0, :now, :due_on, :settled_at)
ON CONFLICT DO NOTHING
"""

NEW_RECEIPT = """
INSERT INTO billing_invoice_receipts (
    id, reference, amount, booked_on, source, noted_by, noted_at)
SELECT :id, r.reference, :amount, :booked_on, :source, :noted_by, :now
FROM billing_invoice_receivables AS r
WHERE r.reference = :reference AND r.currency = :currency
ON CONFLICT DO NOTHING
"""

NEW_RETURN = """
INSERT INTO billing_invoice_receipts (
    id, reference, amount, booked_on, source, noted_by, noted_at)
SELECT :id, r.reference, -:amount, :booked_on, 'returned', :noted_by, :now
FROM billing_invoice_receivables AS r
WHERE r.reference = :reference AND r.currency = :currency AND r.state <> 'open'
AND :amount <= r.received - CASE r.state WHEN 'paid' THEN r.amount ELSE 0 END
ON CONFLICT DO NOTHING
"""

NEW_REFUND = """
INSERT INTO billing_invoice_refunds (
    key, reference, amount, currency, reason, state, created_at, sent_on)
SELECT :key, r.reference, :amount, r.currency, :reason, 'open', :now, ''
FROM billing_invoice_receivables AS r
WHERE r.reference = :reference AND r.currency = :currency AND r.state = 'paid'
AND r.amount >= :amount + (
    SELECT COALESCE(SUM(f.amount), 0) FROM billing_invoice_refunds AS f
    WHERE f.reference = r.reference)
ON CONFLICT DO NOTHING
"""

SEND = """
UPDATE billing_invoice_refunds SET state = 'sent', sent_on = :sent_on
WHERE key = :key AND state = 'open'
"""

FOUND = "SELECT * FROM billing_invoice_receivables AS r WHERE "

SEARCHED = """
(LOWER(r.reference) LIKE :sought ESCAPE '!' OR LOWER(r.account) LIKE :sought ESCAPE '!'
OR LOWER(r.name) LIKE :sought ESCAPE '!' OR LOWER(r.email) LIKE :sought ESCAPE '!'
OR LOWER(r.words) LIKE :sought ESCAPE '!')
"""

SHOWN = {
    "open": "r.state = 'open'",
    "overdue": "r.state = 'open' AND r.due_on < :today",
    "paid": "r.state = 'paid'",
    "cancelled": "r.state = 'cancelled'",
    "surplus": "r.state <> 'open' AND "
    "r.received > CASE r.state WHEN 'paid' THEN r.amount ELSE 0 END",
    "all": "1 = 1",
}

TOTALS = """
SELECT r.currency, SUM(r.amount - r.received) AS missing, COUNT(*) AS many
FROM billing_invoice_receivables AS r WHERE r.state = 'open'
GROUP BY r.currency ORDER BY r.currency
"""

SETTLED = """
SELECT r.*, (
    SELECT COALESCE(SUM(f.amount), 0) FROM billing_invoice_refunds AS f
    WHERE f.reference = r.reference AND f.state = 'sent') AS sent_back
FROM billing_invoice_receivables AS r
WHERE r.state = 'paid' AND r.settled_at >= :since AND r.settled_at < :until
ORDER BY r.settled_at, r.key
"""

RECEIPTS_OF = """
SELECT t.*, r.currency FROM billing_invoice_receipts AS t
JOIN billing_invoice_receivables AS r ON r.reference = t.reference
WHERE t.reference = :reference ORDER BY t.noted_at, t.id
"""

KNOWN_RECEIPTS = "SELECT t.id FROM billing_invoice_receipts AS t WHERE t.id IN "

REFUNDS = "SELECT * FROM billing_invoice_refunds AS f WHERE "

IN_ORDER = " ORDER BY f.created_at, f.key LIMIT 1000"
