"""Schemathesis asks whatever our own document allows: nothing breaks, answers are as documented."""

import itertools

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.domain.zip_file import zip_of
from app.web.api.doors import SUBJECTS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TAGS = [subject.tag for subject in SUBJECTS]
EXAMPLES, MANY_EXAMPLES = 3, 40
UNHURRIED = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


@schemathesis.serializer("application/zip")
def zipped(_context, value):
    """Every second body is a real zip, whatever was made up; the others are sent as they are."""
    sent = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    return zip_of({"made.up": sent}) if len(sent) % 2 else sent


@pytest.fixture
def real(world, hold, deduct):
    """Real names for the holes in paths; each operation gets new ones."""

    def renewed():
        slug = world.workspace()
        return {
            "slug": slug,
            "email": "bob@acme.test",
            "app_id": world.app_with_files(),
            "number": "1",
            "path": "index.html",
            "hold_id": hold()["id"],
            "transaction_id": deduct()["id"],
            "invitation_id": world.invitation(slug),
            "domain": world.domain(slug),
            "webhook_id": world.webhook(slug),
            "delivery_id": world.delivery(),
        }

    names = {}
    names["renew"] = lambda: names.update(renewed())
    return names


@pytest.fixture
def document(app, real):
    """The document, with real names in place of most made-up ones."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)

    @schema.hook
    def map_path_parameters(context, path_parameters):
        return {
            name: value if sum(map(ord, str(value))) % 4 == 0 else real.get(name, value)
            for name, value in (path_parameters or {}).items()
        }

    @schema.hook
    def map_body(context, body):
        if isinstance(body, dict) and isinstance(body.get("action"), str):
            return body | {"account": "acme", "action": "deploy", "member": "bob@acme.test"}
        return body

    return schema


def ask(document, world, real, subtests, examples, tags):
    """Send many requests to the operations with these tags, sound ones and unsound ones."""
    settings = hypothesis.settings(max_examples=examples, **UNHURRIED)
    whos = itertools.cycle(["service", "owner", "service", "member", "service", "app"])
    for found in document.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["tags"][0] not in tags:
            continue
        for mode in GenerationMode:
            real["renew"]()

            @settings
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def every_answer_is_as_documented(case):
                token = world.tokens[next(whos)]
                headers = {"Authorization": f"Bearer {token}"}
                case.call_and_validate(checks=CHECKS, headers=headers)

            with subtests.test(f"{operation.label} {mode.value}"):
                every_answer_is_as_documented()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_few_of_everything(document, world, real, subtests):
    ask(document, world, real, subtests, EXAMPLES, TAGS)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("tag", TAGS)
def test_many_of_everything(tag, document, world, real, subtests):
    ask(document, world, real, subtests, MANY_EXAMPLES, [tag])
