"""Notifications: what people are told of, in the page or by mail, and what is told unasked."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class NotificationKind(StrEnum):
    """What a person is told of."""

    CREDITS = "credits"
    LIMIT_ALERT = "limit_alert"
    LIMIT_BLOCK = "limit_block"
    EXPIRING = "expiring"
    RENEWED = "renewed"
    PAYMENT_FAILED = "payment_failed"
    MEMBER_JOINED = "member_joined"
    MEMBER_LEFT = "member_left"
    JOIN_REQUEST = "join_request"
    INVITED = "invited"
    ROLE_CHANGED = "role_changed"
    REMOVED = "removed"
    ACTION_FINISHED = "action_finished"
    WEBHOOK_OFF = "webhook_off"


class Way(StrEnum):
    """How a person is told."""

    PAGE = "page"
    MAIL = "mail"


class Offer(NamedTuple):
    """A kind in plain words, and by which ways one is told unless one says otherwise.

    None: that way can't be chosen. Some mails are always sent, because they ask for something or
    are about oneself.
    """

    words: str
    page: bool | None
    mail: bool | None
    always_mailed: bool = False

    def by(self, way: Way) -> bool | None:
        """Tell whether one is told that way unasked; None when it can't be chosen."""
        return self.page if way is Way.PAGE else self.mail


OFFERS = {
    NotificationKind.CREDITS: Offer("Under 20 %, under 10 %, or no credits are left", True, True),
    NotificationKind.LIMIT_ALERT: Offer("An alert's limit is reached", True, True),
    NotificationKind.LIMIT_BLOCK: Offer("A limit stops somebody", True, False),
    NotificationKind.EXPIRING: Offer(
        "Credits will expire, and more than a tenth would be lost", True, True
    ),
    NotificationKind.RENEWED: Offer("A pool renewed: what the cycle before used", False, True),
    NotificationKind.PAYMENT_FAILED: Offer("A payment failed", True, None, always_mailed=True),
    NotificationKind.MEMBER_JOINED: Offer("Somebody joined a workspace", True, None),
    NotificationKind.MEMBER_LEFT: Offer("Somebody left a workspace", True, None),
    NotificationKind.JOIN_REQUEST: Offer(
        "Somebody asks to join a workspace, or you are answered", True, None, always_mailed=True
    ),
    NotificationKind.INVITED: Offer(
        "You are invited to a workspace", True, None, always_mailed=True
    ),
    NotificationKind.ROLE_CHANGED: Offer("Your role changed", True, None, always_mailed=True),
    NotificationKind.REMOVED: Offer(
        "You were removed from a workspace", True, None, always_mailed=True
    ),
    NotificationKind.ACTION_FINISHED: Offer("An action that you started has ended", True, None),
    NotificationKind.WEBHOOK_OFF: Offer(
        "A webhook was switched off", True, None, always_mailed=True
    ),
}
Choice = tuple[NotificationKind, Way]
CHOOSABLE: frozenset[Choice] = frozenset(
    (kind, way) for kind, offer in OFFERS.items() for way in Way if offer.by(way) is not None
)


def is_wanted(kind: NotificationKind, way: Way, chosen: bool | None) -> bool:
    """Tell whether somebody who chose so, or None, is told of it that way."""
    unasked = OFFERS[kind].by(way)
    return bool(unasked if chosen is None or unasked is None else chosen)
