"""capsim: what happens between hospitals and municipalities when planners change something.

The names below are what a notebook needs; each is imported when it is first used, so
``import capsim`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capsim.demand.patients import sample_patients as sample_patients
    from capsim.models import simulate as simulate
    from capsim.region.loading import load_region as load_region
    from capsim.region.region import Region as Region
    from capsim.reporting import charts as charts
    from capsim.reporting.html import report as report
    from capsim.scenarios.levers import AddAmbulantTeam as AddAmbulantTeam
    from capsim.scenarios.levers import AddKadBeds as AddKadBeds
    from capsim.scenarios.levers import AddShortTermPlaces as AddShortTermPlaces
    from capsim.scenarios.levers import MoveElective as MoveElective
    from capsim.scenarios.levers import SetPaymentRate as SetPaymentRate
    from capsim.scenarios.scenario import Scenario as Scenario
    from capsim.study.study import Study as Study
    from capsim.study.study import load_result as load_result

__version__ = "0.1.0"

_HOME = {
    "AddAmbulantTeam": "capsim.scenarios.levers",
    "AddKadBeds": "capsim.scenarios.levers",
    "AddShortTermPlaces": "capsim.scenarios.levers",
    "MoveElective": "capsim.scenarios.levers",
    "Region": "capsim.region.region",
    "Scenario": "capsim.scenarios.scenario",
    "SetPaymentRate": "capsim.scenarios.levers",
    "Study": "capsim.study.study",
    "charts": "capsim.reporting.charts",
    "load_region": "capsim.region.loading",
    "load_result": "capsim.study.study",
    "report": "capsim.reporting.html",
    "sample_patients": "capsim.demand.patients",
    "simulate": "capsim.models",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'capsim' has no attribute {name!r}")
    home = import_module(_HOME[name])
    value = home if name == "charts" else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
