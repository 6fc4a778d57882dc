"""The OpenAPI document is valid 3.1, complete, and says what the answers really look like."""

import re
from dataclasses import fields

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from app.services.credits import answers
from app.web.api import credit_shapes as shapes
from app.web.api.doors import SUBJECTS
from app.web.problems import STATUSES

FILES = {"application/zip", "application/octet-stream"}


@pytest.fixture
def document(app):
    return app.test_client().get("/api/v1/openapi.json").json


def test_the_document_is_valid(document):
    assert document["openapi"].startswith("3.1.")
    validate(document, cls=OpenAPIV31SpecValidator)


def test_the_document_names_every_operation(document):
    documented = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert documented == {
        (operation.method, f"/api/v1{operation.path}")
        for subject in SUBJECTS
        for operation in subject.all
    }


def test_every_operation_explains_itself(document):
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert {"401", "429"} <= operation["responses"].keys()
            for status, response in operation["responses"].items():
                kinds = set(response.get("content", {}))
                expected = {"application/problem+json"} if status >= "400" else {"application/json"}
                assert status == "204" or kinds <= FILES or kinds - {"text/csv"} == expected


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (answers.DrawView, shapes.Draw),
        (answers.Deduction, shapes.Deduction),
        (answers.HoldView, shapes.Hold),
        (answers.Refund, shapes.Refund),
        (answers.GrantView, shapes.Grant),
        (answers.Period, shapes.Period),
        (answers.PoolView, shapes.Pool),
        (answers.ContextView, shapes.Context),
        (answers.TransactionView, shapes.Transaction),
        (answers.UsageItem, shapes.UsageItem),
        (answers.UsageView, shapes.Usage),
    ],
)
def test_services_answer_in_the_documented_shapes(answer, shape):
    assert [field.name for field in fields(answer)] == list(shape.model_fields)


def test_the_page_shows_the_whole_document_without_scripts_of_its_own(app, document):
    answer = app.test_client().get("/api/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in answer.text
    for name in document["components"]["schemas"]:
        assert f'id="shape-{name}"' in answer.text
    anchors = set(re.findall(r'href="#([^"]+)"', answer.text))
    assert anchors - {"main"} <= set(re.findall(r'id="([^"]+)"', answer.text))
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    assert not any(script.strip() for script in scripts)
    assert "style=" not in answer.text


def test_every_code_is_explained_where_problems_point_to(app, document):
    page = app.test_client().get("/api/docs").text
    for kind in STATUSES:
        assert f'id="problem-{kind.code}"' in page
