"""When the simulation agrees with theory, and when nothing has been shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

CONFIDENCE = 0.999
WIDEST = 0.03  # a half-width above this share of theory shows nothing


Control = tuple[np.ndarray, float]
"""A control variate: values, one per replication, and their known mean."""


def interval(values: np.ndarray, controls: Sequence[Control] = ()) -> tuple[float, float]:
    """Mean of independent values and half-width of its 99.9 % t-interval.

    With control variates: the intercept of the regression on them, which takes away the noise that
    values and controls share (Law, *Simulation Modeling and Analysis*, 5th ed., section 11.4).
    """
    columns = [np.ones(len(values)), *(control - known for control, known in controls)]
    design = np.column_stack(columns)
    coefficients, *_ = np.linalg.lstsq(design, values, rcond=None)
    free = len(values) - len(columns)
    variance = np.sum((values - design @ coefficients) ** 2) / free
    error = np.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])
    return float(coefficients[0]), float(stats.t.ppf((1 + CONFIDENCE) / 2, free) * error)


class Against:
    """Holds simulated means against theory and keeps the figures for the summary."""

    def __init__(self, case: str, report: Callable[[str, object], None]):
        self.case = case
        self.report = report

    def theory(self, what: str, theory: float, values: np.ndarray, controls: Sequence[Control] = ()) -> None:
        """Fails unless the 99.9 % interval of the independent ``values``' mean contains ``theory``
        and is at most 3 % of it to either side.

        Every control must agree with its own known mean: the correction would hide a fault in what
        it has in common with the values.
        """
        for control, known in controls:
            mean, half = interval(control)
            assert abs(mean - known) <= half, (
                f"{self.case}: control {mean:.5g} ± {half:.2g}, known {known:.5g}"
            )
        mean, half = interval(values, controls)
        figures = f"theory {theory:.5g}, simulated {mean:.5g} ± {half:.2g} ({half / abs(theory):.2%})"
        self.report("figure", f"{self.case:<42} {what:<24} {figures}")
        assert half <= WIDEST * abs(theory), f"{self.case}, {what}: not shown, {figures}"
        assert abs(mean - theory) <= half, f"{self.case}, {what}: {figures}"
