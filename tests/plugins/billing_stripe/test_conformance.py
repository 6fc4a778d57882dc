"""The conformance kit over the plugin; `coffer plugins check billing_stripe` runs the same."""

from plugins.billing_stripe.conformance import TestStripe, stand_in

__all__ = ["TestStripe", "stand_in"]
