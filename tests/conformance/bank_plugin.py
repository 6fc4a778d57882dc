"""The bank for tests as a plugin: its provider, over the bank that lies in a folder."""

from pathlib import Path

from app.hookspecs import Manifest, SettingField, hookimpl
from tests.conformance.bank import Bank
from tests.conformance.reference_provider import ReferenceProvider

manifest = Manifest(
    name="bank",
    version="1.0",
    summary="Takes money at the bank for tests.",
    settings=(SettingField("path", "text", "Where the bank's ledger is.", ""),),
)


@hookimpl
def billing_providers(host, settings):
    return [ReferenceProvider(Bank(Path(settings["path"]), host.now))]
