"""Proportion: who used so much more than the others that it is worth a kind word.

Method. Use is compared on a logarithmic scale, since it differs by factors and not by amounts. A
member stands out whose use is more than 3.5 robust standard deviations (from the median absolute
deviation) above the median of the others, at least three times that median, twice their mean, at
least 50 credits, and at least a twentieth of all. Medians, so that one who stands out hides
neither themselves nor a second one. Only those who used something are compared; it takes three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")

LEAST_MEMBERS, LEAST_CREDITS, LEAST_SHARE = 3, 50, 0.05
TIMES_THE_MEDIAN, TIMES_THE_MEAN = 3, 2
DEVIATIONS = 3.5
AS_A_DEVIATION = 1.4826  # of the normal distribution, from its median absolute deviation
LEAST_DEVIATION = 0.25  # where the others use nearly the same: a quarter more or less is nothing
MOST = 3


class Crowd(NamedTuple):
    """All who used something: how many, how much together, and what each used.

    Of a large crowd, `sample` is what every so-manieth used, the order by use.
    """

    members: int
    credits: int
    sample: Sequence[int]


@dataclass(frozen=True, slots=True)
class Flag(Generic[K]):
    """Somebody whose share stands out. Shares are between 0 and 1.

    `others` is how many others used something, `others_share` the share of each on average.
    """

    who: K
    credits: int
    share: float
    others: int
    others_share: float


def out_of_proportion(most: Sequence[tuple[K, int]], crowd: Crowd) -> list[Flag[K]]:
    """Find those who stand out among `most`, who used the most and how much, the first first."""
    if crowd.members < LEAST_MEMBERS or crowd.credits <= 0:
        return []
    stand_out = [(who, credits) for who, credits in most if _stands_out(credits, crowd)]
    return [_flag(who, credits, crowd) for who, credits in stand_out[:MOST]]


def _stands_out(credits: int, crowd: Crowd) -> bool:
    mean = (crowd.credits - credits) / (crowd.members - 1)
    if credits < max(LEAST_CREDITS, LEAST_SHARE * crowd.credits, TIMES_THE_MEAN * mean):
        return False
    others = list(crowd.sample)
    if credits in others:
        others.remove(credits)
    if not others or credits < TIMES_THE_MEDIAN * median(others):
        return False
    logs = [log(max(each, 1)) for each in others]
    middle = median(logs)
    strays = AS_A_DEVIATION * median(abs(each - middle) for each in logs)
    return log(credits) - middle > DEVIATIONS * max(strays, LEAST_DEVIATION)


def _flag(who: K, credits: int, crowd: Crowd) -> Flag[K]:
    share, others = credits / crowd.credits, crowd.members - 1
    return Flag(who, credits, share, others, max(0.0, 1 - share) / others)
