"""The stand-in keeps what Stripe promises; else what is proved with it would prove nothing."""

import pytest
import stripe

from plugins.billing_stripe.stand_in.payments import make_customer


@pytest.fixture
def v1(bench):
    base = {"api": bench.settings["api_base"]}
    return stripe.StripeClient(bench.settings["secret_key"], base_addresses=base).v1


@pytest.fixture
def asked(bench, account):
    (method,) = account.all("payment_method")
    return {
        "amount": 4900,
        "currency": "eur",
        "customer": bench.payer.reference,
        "payment_method": method["id"],
        "allowed_payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
    }


def test_a_key_gives_its_first_answer_again(v1, asked, account):
    first = v1.payment_intents.create(asked, {"idempotency_key": "k"})
    again = v1.payment_intents.create(asked, {"idempotency_key": "k"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(account.all("charge")) == 1


def test_a_key_remembers_a_decline_and_refuses_another_request(v1, asked, account):
    account.fate = "decline"
    for _ in range(2):
        with pytest.raises(stripe.CardError) as error:
            v1.payment_intents.create(asked, {"idempotency_key": "k"})
        assert error.value.error.payment_intent.status == "requires_payment_method"
    with pytest.raises(stripe.IdempotencyError):
        v1.payment_intents.create(asked | {"amount": 100}, {"idempotency_key": "k"})
    assert len(account.all("payment_intent")) == 1


def test_what_was_refused_before_any_work_is_not_remembered(v1, asked):
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.create(asked | {"amuont": 1}, {"idempotency_key": "k"})
    assert v1.payment_intents.create(asked, {"idempotency_key": "k"}).status == "succeeded"


@pytest.mark.parametrize(
    ("unknown", "param"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"hooks": {"inputs": {"text": 1}}}, "hooks[inputs][text]"),
        ({"amount_details": {"line_items": [{"a": 1}]}}, "amount_details[line_items][a]"),
    ],
)
def test_parameters_that_stripe_does_not_know_are_refused(v1, asked, unknown, param):
    with pytest.raises(stripe.InvalidRequestError) as error:
        v1.payment_intents.create(asked | unknown)
    assert (error.value.code, error.value.param) == ("parameter_unknown", param)


def test_lists_come_in_pages_the_newest_first(v1, account):
    made = [make_customer(account, {"email": "a@b.example"})["id"] for _ in range(5)]
    listed = v1.customers.list({"email": "a@b.example", "limit": 2})
    assert (len(listed.data), listed.has_more) == (2, True)
    assert [each.id for each in listed.auto_paging_iter()] == made[::-1]


def test_accounts_keep_apart(v1, bench, stand_in):
    other = "sk_test_other"
    stand_in.account(other)
    base = {"api": stand_in.url}
    with pytest.raises(stripe.InvalidRequestError) as error:
        stripe.StripeClient(other, base_addresses=base).v1.customers.retrieve(bench.payer.reference)
    assert error.value.http_status == 404
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_test_nobody", base_addresses=base).v1.customers.list()


def test_lists_of_another_customer_are_not_mixed_in(v1, asked, account):
    v1.payment_intents.create(asked)
    other = make_customer(account, {})["id"]
    assert v1.payment_intents.list({"customer": other}).data == []
    assert len(v1.payment_intents.list({"customer": asked["customer"]}).data) == 1
