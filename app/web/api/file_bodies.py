"""DOORS, API: what requests about files of apps carry."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated

from pydantic import Field, model_validator

from app.domain.app_file import LONGEST_WHY, MOST_FILES
from app.web.api.values import Base64, Body, Line, Query

Why = Annotated[Line, Field(max_length=LONGEST_WHY, description="for the history")]
Base = Annotated[
    Annotated[int, Field(ge=0, lt=2**31)] | None,
    Field(
        description="the version that the changes were made on; 409 when the same files "
        "were changed since"
    ),
]


class FileBody(Body):
    """What is in a file: as text, or as base64 where it is none."""

    text: str | None = None
    base64: Base64 | None = None

    @model_validator(mode="after")
    def _says_one(self) -> FileBody:
        if (self.text is None) == (self.base64 is None):
            raise ValueError("send one of text, base64")
        return self

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.text.encode() if self.text is not None else b64decode(self.base64 or "")


class NewVersion(Body):
    """Changes of an app's files; `null` deletes a file."""

    files: dict[str, FileBody | None] = Field(
        min_length=1,
        max_length=2 * MOST_FILES,
        description="by path",
        examples=[{"index.html": {"text": "<h1>Hello</h1>"}, "old.css": None}],
    )
    why: Why = ""
    base: Base = None
    whole: bool = Field(False, description="these are all files: every other one goes")


class Restored(Body):
    """Why a former version is made the latest again."""

    why: Why = ""


class ZipSent(Query):
    """What a zip is for."""

    why: Why = ""
    base: Base = None
    whole: bool = Field(True, description="files that are not in the zip go")
