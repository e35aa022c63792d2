"""What all tests share: the helper modules beside this file, and the table of figures against theory."""

from collections.abc import Callable

import pytest

from tests.intervals import Against


@pytest.fixture
def against(record_property: Callable[[str, object], None]) -> Callable[[str], Against]:
    """The comparison of a named case with theory."""
    return lambda case: Against(case, record_property)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every figure that was held against theory, from whichever worker it came."""
    reports = [r for outcome in ("passed", "failed") for r in terminalreporter.getreports(outcome)]
    lines = [text for r in reports for name, text in r.user_properties if name == "figure"]
    if lines:
        terminalreporter.section("against theory: simulated ± half-width of the 99.9 % interval")
        terminalreporter.write_line("\n".join(sorted(lines)))
