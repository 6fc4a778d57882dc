"""DOORS, AI proxy: answered before Flask sees the request, so that no session, cookie or form check
comes near it, and a stream needs no request to live in.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flask import Flask

from app.domain.ai_model import AiModel, ModelKind
from app.domain.refusals import InvalidRequest, NotFound, Refusal, Unauthenticated
from app.services.ai.call import Surroundings
from app.services.ai.call_model import call_model
from app.services.ai.models import offered_model, offered_models
from app.services.credits.caller import Caller, caller_of
from app.store.tokens import TokenKind
from app.web.ai.errors import refuse
from app.web.api.fast_lane import PHRASES, ROUTE
from app.web.api.rate import Window
from app.web.api.writing import PRIVATE, Plain, answer
from app.web.portal import Portal
from app.web.problems import InternalError, MethodNotAllowed, NotJson, TooLarge

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/ai/v1"
ROOT = "/ai/"
MODELS = f"{PREFIX}/models"
CALLS = {
    f"{PREFIX}/chat/completions": ModelKind.CHAT,
    f"{PREFIX}/images/generations": ModelKind.IMAGE,
    f"{PREFIX}/embeddings": ModelKind.EMBEDDING,
}
log = logging.getLogger(__name__)


class AiDoor:
    """A WSGI application around another, which is `behind`."""

    def __init__(self, app: Flask, behind: WSGIApplication) -> None:
        portal: Portal = app.extensions["coffer"]
        self._app = app
        self._behind = behind
        self._rate = Window(portal.settings.ai_rate_limit_per_key)
        self._largest = portal.settings.max_ai_body_bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what is for AI models; pass everything else on."""
        path = environ["PATH_INFO"]
        if not path.startswith(ROOT):
            return self._behind(environ, start_response)
        environ[ROUTE] = path if path in CALLS else f"{MODELS}" if path == MODELS else ROOT
        with self._app.app_context():
            status, headers, body = self._answered(path, environ)
        if isinstance(body, bytes):
            headers = [*headers, ("Content-Length", str(len(body)))]
            body = [body]
        start_response(PHRASES[status], headers)
        return body

    def _answered(
        self, path: str, environ: WSGIEnvironment
    ) -> tuple[int, list[tuple[str, str]], bytes | Iterable[bytes]]:
        """Whatever happens becomes an answer."""
        try:
            return self._serve(path, environ)
        except Refusal as refusal:
            return refuse(refusal)
        except Exception:
            log.exception("%s broke", environ.get(ROUTE))
            return refuse(InternalError())

    def _serve(
        self, path: str, environ: WSGIEnvironment
    ) -> tuple[int, list[tuple[str, str]], bytes | Iterable[bytes]]:
        portal: Portal = self._app.extensions["coffer"]
        caller = self._caller(environ.get("HTTP_AUTHORIZATION"))
        method = environ["REQUEST_METHOD"]
        if path in CALLS:
            _require(method, "POST")
            here = Surroundings(portal.clock.now, self._app.app_context)
            reply = call_model(caller, CALLS[path], self._body(environ), here)
            return 200, [("Content-Type", reply.content_type), *PRIVATE], reply.body
        if path == MODELS or path.startswith(f"{MODELS}/"):
            _require(method, "GET")
            return self._models(path)
        raise NotFound(f"{PREFIX} has chat/completions, embeddings, images/generations, models.")

    def _caller(self, authorization: str | None) -> Caller:
        portal: Portal = self._app.extensions["coffer"]
        scheme, _, text = (authorization or "").partition(" ")
        text = text.strip()
        if scheme.lower() != "bearer" or not text or not text.isascii():
            raise Unauthenticated("Send the app's key: Authorization: Bearer coffer_a_…")
        caller = caller_of(text, portal.clock.now(), checked_later=True)
        if caller.kind is not TokenKind.APP:
            raise Unauthenticated("AI models are called with an app's key, made on the app's page.")
        self._rate.count(caller.token_id)
        return caller

    def _models(self, path: str) -> Plain:
        now = self._app.extensions["coffer"].clock.now()
        if path == MODELS:
            found = [_shown(each) for each in offered_models(now)]
            return answer(200, {"object": "list", "data": found})
        return answer(200, _shown(offered_model(unquote(path[len(MODELS) + 1 :]), now)))

    def _body(self, environ: WSGIEnvironment) -> bytes:
        """Read the body, however it is framed, and no more than may be."""
        media = (environ.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()
        if media and media != "application/json":
            raise InvalidRequest("Send JSON: Content-Type: application/json")
        length = environ.get("CONTENT_LENGTH") or ""
        if length and not (length.isascii() and length.isdigit()):
            raise NotJson("The length of the body can't be read.")
        if length and int(length) > self._largest:
            raise _too_large(self._largest)
        source = environ["wsgi.input"]
        if length:
            raw = source.read(int(length))
            if len(raw) < int(length):
                raise NotJson("The body broke off.")
            return bytes(raw)
        if not environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" not in environ:
            return b""
        raw = source.read(self._largest + 1)
        if len(raw) > self._largest:
            raise _too_large(self._largest)
        return bytes(raw)


def _require(method: str, wanted: str) -> None:
    if method != wanted:
        raise MethodNotAllowed(method, [wanted])


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"The body is longer than {largest:,} bytes.")


def _shown(model: AiModel) -> dict[str, object]:
    return {"id": model.name, "object": "model", "created": 0, "owned_by": "coffer"}
