"""The keys with which an identity provider signs: fetched, kept for an hour, and fetched anew."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import JWKRegistry, Key

from plugins._checks import Failed
from plugins.sso_oidc.asking import Asking
from plugins.sso_oidc.reading import object_in

LAST = timedelta(hours=1)
LARGEST = 256 * 1024
MOST_KEYS = 100
MOST_KEPT = 200
OK = 200
TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
RSA_BITS = range(2048, 16_385)
PUBLIC = frozenset(("kty", "n", "e", "crv", "x", "y"))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key, and what its publisher says of it."""

    key: Key
    kid: str | None
    kind: str
    curve: str | None
    algorithm: str | None

    def fits(self, algorithm: str) -> bool:
        """Tell whether the key is made for an algorithm."""
        if self.kind != TYPES[algorithm[:2]] or self.algorithm not in (None, algorithm):
            return False
        return self.kind == "RSA" or self.curve == CURVES[algorithm]


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one identity provider, as they were at an instant."""

    keys: tuple[PublicKey, ...]
    at: datetime

    def key_for(self, kid: object, algorithm: str) -> PublicKey | None:
        """Find the key by its id; without an id there has to be only one that fits."""
        fitting = [each for each in self.keys if each.fits(algorithm)]
        named = [each for each in fitting if kid is not None and each.kid == kid]
        if named:
            return named[0]
        return fitting[0] if kid is None and len(fitting) == 1 else None


class KeyKeeper:
    """Keeps the keys of identity providers by the address where they stand; for many threads."""

    def __init__(self) -> None:
        self._kept: dict[str, KeySet] = {}
        self._lock = threading.Lock()

    def kept(self, address: str, now: datetime) -> KeySet | None:
        """The keys as they were lately, if they are known."""
        with self._lock:
            found = self._kept.get(address)
        return found if found is not None and abs(now - found.at) < LAST else None

    def fetched(self, address: str, asking: Asking, now: datetime) -> KeySet:
        """The keys as they are; raises `Failed`."""
        answer = asking.ask("keys", address)
        found = KeySet(_keys(address, answer.status, answer.body), now)
        with self._lock:
            self._kept.pop(address, None)
            self._kept[address] = found
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return found


def _keys(address: str, status: int, body: bytes) -> tuple[PublicKey, ...]:
    found = object_in(body) if status == OK and len(body) <= LARGEST else None
    keys = found.get("keys") if found else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise Failed("keys", f"{address} shows no keys (JWKS); it answered with status {status}.")
    return tuple(key for each in keys if (key := _key(each)) is not None)


def _key(data: Any) -> PublicKey | None:  # noqa: ANN401 - whatever stands in the list
    """Read one key; None for one that is of no use here, as there may be others beside it."""
    try:
        if data["kty"] not in TYPES.values() or data.get("use", "sig") != "sig":
            return None
        if "verify" not in data.get("key_ops", ["verify"]):
            return None
        key = JWKRegistry.import_key({name: data[name] for name in data if name in PUBLIC})
        public: Any = key.get_op_key("verify")
    except Exception:  # noqa: BLE001 - a key that can't be read is none
        return None
    kid, kind = data.get("kid"), str(data["kty"])
    if kind == "RSA" and public.key_size not in RSA_BITS:
        return None
    kid = kid if isinstance(kid, str) else None
    return PublicKey(key, kid, kind, data.get("crv"), data.get("alg"))
