"""An independent model of one pool, credit by credit, with arithmetic of its own.

A credit is the number of the lot that it came in; a payment is a list of credits. Nothing here
comes from Coffer: the ledger is compared with it, step by step.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

DAY = timedelta(days=1)
ALLOCATION, CAP = 20, 30


@dataclass
class Lot:
    source: str
    size: int
    end: object
    free: int = 0
    held: int = 0
    used: int = 0
    gone: int = 0


@dataclass
class Held:
    credits: list
    who: tuple
    born: object
    until: object
    state: str = "active"


@dataclass
class Line:
    kind: str
    sign: int
    credits: list
    balance: int
    at: object
    who: tuple = ()
    given_back: int = 0


@dataclass
class Model:
    """A pool that gets 20 credits at each midnight, which live for two days; at most 30 of them."""

    at: object
    midnight: object
    lots: list = field(default_factory=list)
    holds: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)
    usage: Counter = field(default_factory=Counter)
    counts: Counter = field(default_factory=Counter)
    seen: Counter = field(default_factory=Counter)

    def enter(self, source, size, end):
        self.lots.append(Lot(source, size, end, free=size))
        return self.write(source, +1, [len(self.lots)] * size)

    def write(self, kind, sign, credits, who=()):
        balance = (self.lines[-1].balance if self.lines else 0) + sign * len(credits)
        self.lines.append(Line(kind, sign, credits, balance, self.at, who))
        if kind in ("deduction", "refund"):
            self.usage[(*who, self.at.date())] -= sign * len(credits)
            self.counts[(*who, self.at.date())] += kind == "deduction"
        return ("line", len(self.lines), sign * len(credits), balance, runs(credits))

    def move(self, credits, here, there):
        for number in credits:
            lot = self.lots[number - 1]
            setattr(lot, here, getattr(lot, here) - 1)
            setattr(lot, there, getattr(lot, there) + 1)

    def lose(self, number, count):
        if count:
            self.move([number] * count, "free", "gone")
            self.write("expiry", -1, [number] * count)

    def let_go(self, credits):
        for number, some in runs(credits):
            self.move([number] * some, "held", "free")
            self.lose_if_over(number, "what is released of an expired grant")

    def lose_if_over(self, number, what):
        lot = self.lots[number - 1]
        if lot.end is not None and lot.end <= self.at:
            self.seen[what] += 1
            self.lose(number, lot.free)

    def pass_time(self, now):
        self.seen["several periods closed at once"] += self.midnight + DAY <= now
        while (instant := self.next_event()) <= now:
            self.at = instant
            for number, lot in enumerate(self.lots, 1):
                if lot.end == instant:
                    self.lose(number, lot.free)
            for hold in self.holds:
                if hold.state == "active" and hold.until == instant:
                    self.seen["timed-out hold"] += 1
                    self.let_go(hold.credits)
                    hold.state = "expired"
            if self.midnight == instant:
                self.renew()
        self.at = max(self.at, now)

    def next_event(self):
        ends = [lot.end for lot in self.lots if lot.free and lot.end is not None]
        untils = [hold.until for hold in self.holds if hold.state == "active"]
        return min([self.midnight, *ends, *untils])

    def renew(self):
        old = [
            (lot.end, number, lot)
            for number, lot in enumerate(self.lots, 1)
            if lot.source == "allocation" and lot.end > self.at
        ]
        excess = sum(lot.free + lot.held for _, _, lot in old) + ALLOCATION - CAP
        for _, number, lot in sorted(old, key=lambda item: item[:2]):
            trimmed = max(0, min(excess, lot.free))
            self.seen["trim at rollover"] += trimmed > 0
            self.lose(number, trimmed)
            excess -= trimmed
        self.enter("allocation", ALLOCATION, self.midnight + 2 * DAY)
        self.midnight += DAY

    def pay(self, count):
        order = sorted(
            (lot.end is None, lot.end, number) if lot.end else (True, number)
            for number, lot in enumerate(self.lots, 1)
        )
        return [key[-1] for key in order for _ in range(self.lots[key[-1] - 1].free)][:count]

    def free(self):
        return sum(lot.free for lot in self.lots)

    def held(self):
        return sum(lot.held for lot in self.lots)

    def ask(self, name, arguments, key=None):
        """Apply a command; the outcome as a tuple, and whether it repeats an earlier answer."""
        asked = (name, arguments)
        if key in self.keys:
            known, outcome = self.keys[key]
            self.seen["replay" if known == asked else "conflict"] += 1
            return (outcome, True) if known == asked else (("no", "idempotency_conflict"), False)
        outcome = getattr(self, name)(*arguments)
        if key is not None and outcome[0] != "no":
            self.keys[key] = (asked, outcome)
        return outcome, False

    def deduct(self, count, who):
        if count > self.free():
            return ("no", "insufficient_credits")
        credits = self.pay(count)
        self.move(credits, "free", "used")
        return self.write("deduction", -1, credits, who)

    def hold(self, count, who, lasts):
        if count > self.free():
            return ("no", "insufficient_credits")
        credits = self.pay(count)
        self.move(credits, "free", "held")
        self.holds.append(Held(credits, who, self.at, self.at + lasts))
        return self.answer(len(self.holds))

    def answer(self, number):
        hold = self.holds[number - 1]
        return ("hold", number, hold.state, len(hold.credits), hold.until)

    def why_not(self, number):
        if not 1 <= number <= len(self.holds):
            return ("no", "not_found")
        return ("no", "hold_not_active") if self.holds[number - 1].state != "active" else None

    def capture(self, number, count):
        if no := self.why_not(number):
            return no
        hold = self.holds[number - 1]
        count = len(hold.credits) if count is None else count
        if count > len(hold.credits):
            return ("no", "invalid_request")
        taken, rest = hold.credits[:count], hold.credits[count:]
        ends = [self.lots[credit - 1].end for credit in taken]
        self.seen["hold captured after its grant expired"] += any(e and e <= self.at for e in ends)
        self.seen["partial capture"] += bool(rest)
        self.move(taken, "held", "used")
        outcome = self.write("deduction", -1, taken, hold.who)
        self.let_go(rest)
        hold.state = "captured"
        return outcome

    def release(self, number):
        if no := self.why_not(number):
            return no
        self.let_go(self.holds[number - 1].credits)
        self.holds[number - 1].state = "released"
        return self.answer(number)

    def extend(self, number, lasts):
        if no := self.why_not(number):
            return no
        hold = self.holds[number - 1]
        if self.at + lasts > hold.born + DAY:
            return ("no", "invalid_request")
        hold.until = max(hold.until, self.at + lasts)
        self.seen["extended hold"] += 1
        return self.answer(number)

    def refund(self, seq, count):
        line = self.lines[seq - 1] if 1 <= seq <= len(self.lines) else None
        if line is None or line.kind != "deduction":
            return ("no", "not_found")
        left = line.credits[: len(line.credits) - line.given_back]
        if not left:
            return ("no", "conflict")
        count = len(left) if count is None else count
        if count > len(left):
            return ("no", "invalid_request")
        line.given_back += count
        back = left[::-1][:count]
        self.seen["partial refund"] += count < len(line.credits)
        self.move(back, "used", "free")
        outcome = self.write("refund", +1, back, line.who)
        for number, _ in runs(back):
            self.lose_if_over(number, "refund to an expired grant")
        return outcome

    def grant(self, source, size, lasts):
        return self.enter(source, size, None if lasts is None else self.at + lasts)


def runs(credits):
    """The credits as (lot, how many) in a row."""
    return [(number, len(list(some))) for number, some in groupby(credits)]
