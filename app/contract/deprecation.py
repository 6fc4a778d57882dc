"""How the contract says good-bye: what is deprecated still works, and warns, for one version."""

from __future__ import annotations

from app.contract.manifest import API_VERSION


class Deprecated(DeprecationWarning):
    """A hook or argument that goes with the hook API version `gone_with`.

    Given to `hookspec(warn_on_impl=…)` or `hookspec(warn_on_impl_args={argument: …})`. The plugins
    that use it go on working; the log and the plugin's page repeat the words. When that version is
    there, the contract can't be loaded before the hook or argument is really gone.
    """

    def __init__(self, words: str, *, gone_with: int) -> None:
        assert gone_with == API_VERSION + 1, f"{words} It was to go with hook API {gone_with}."
        super().__init__(f"{words} It goes with hook API {gone_with}.")
