"""What providers lack, told at the end of a run: nothing that was left out goes by in silence."""

from __future__ import annotations

import pytest

NAME = "coffer-conformance-report"


class Report:
    """Gathers what was declared to be lacking, and tells it after the results."""

    def __init__(self) -> None:
        self.lines: dict[str, None] = {}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write a line for each; pytest calls this."""
        if self.lines:
            terminalreporter.section("conformance: declared to be lacking")
            for line in self.lines:
                terminalreporter.line(line)


def tell(config: pytest.Config, line: str) -> None:
    """Have a line told at the end of the run, once."""
    report = config.pluginmanager.get_plugin(NAME)
    if report is None:
        report = Report()
        config.pluginmanager.register(report, NAME)
    report.lines[line] = None
