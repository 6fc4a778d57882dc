"""A STAND-IN for Stripe, for tests: speaks its wire format over HTTP and keeps its promises.

Real are the SDK, the HTTP, the signatures. Requests are checked, name by name, against the SDK's
own parameter types, which Stripe generates from its OpenAPI description; idempotency keys are
replayed as docs.stripe.com/api/idempotent_requests says. Each secret key is an account of its own.
"""
