"""The OpenAPI document is valid 3.1, complete, and says what the answers really look like."""

from dataclasses import fields

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from app.services.credits import answers
from app.web.api import shapes
from app.web.api.doors import SUBJECTS


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
                assert status == "204" or kinds - {"text/csv"} == expected


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (answers.DrawView, shapes.DrawShape),
        (answers.Deduction, shapes.DeductionShape),
        (answers.HoldView, shapes.HoldShape),
        (answers.Refund, shapes.RefundShape),
        (answers.GrantView, shapes.GrantShape),
        (answers.Period, shapes.PeriodShape),
        (answers.PoolView, shapes.PoolShape),
        (answers.ContextView, shapes.ContextShape),
        (answers.TransactionView, shapes.TransactionShape),
        (answers.UsageItem, shapes.UsageItemShape),
        (answers.UsageView, shapes.UsageShape),
    ],
)
def test_services_answer_in_the_documented_shapes(answer, shape):
    assert [field.name for field in fields(answer)] == list(shape.model_fields)
