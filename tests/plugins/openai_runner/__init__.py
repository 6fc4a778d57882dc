"""Tests of the runner that asks a model in OpenAI's wire format."""
