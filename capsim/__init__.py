"""capsim: what happens between hospitals and municipalities when planners change something.

The names below are what a notebook needs; each is imported when it is first used, so
``import capsim`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capsim.analysis.metrics import summarise as summarise
    from capsim.demand.patients import sample_patients as sample_patients
    from capsim.errors import CapsimError as CapsimError
    from capsim.errors import InputError as InputError
    from capsim.models import simulate as simulate
    from capsim.region.loading import load_region as load_region
    from capsim.region.region import Region as Region
    from capsim.reporting import charts as charts
    from capsim.reporting.html import report as report
    from capsim.scenarios.demand import GpCoverage as GpCoverage
    from capsim.scenarios.demand import ProjectPopulation as ProjectPopulation
    from capsim.scenarios.demand import ScaleDemand as ScaleDemand
    from capsim.scenarios.elective import AddClinicSlots as AddClinicSlots
    from capsim.scenarios.elective import AddTheatreSessions as AddTheatreSessions
    from capsim.scenarios.elective import MoveTheatreSessions as MoveTheatreSessions
    from capsim.scenarios.elective import PoolReferrals as PoolReferrals
    from capsim.scenarios.elective import ShiftOutpatients as ShiftOutpatients
    from capsim.scenarios.hospital import AddBeds as AddBeds
    from capsim.scenarios.hospital import MoveCatchment as MoveCatchment
    from capsim.scenarios.hospital import SetEmergencyFunction as SetEmergencyFunction
    from capsim.scenarios.hospital import TransferBack as TransferBack
    from capsim.scenarios.kad import AddKadBeds as AddKadBeds
    from capsim.scenarios.kad import ColocateKad as ColocateKad
    from capsim.scenarios.kad import PoolKad as PoolKad
    from capsim.scenarios.kad import RaiseKadUse as RaiseKadUse
    from capsim.scenarios.move_elective import MoveElective as MoveElective
    from capsim.scenarios.municipal import AddHomeCareStarts as AddHomeCareStarts
    from capsim.scenarios.municipal import AddLongTermPlaces as AddLongTermPlaces
    from capsim.scenarios.municipal import AddShortTermPlaces as AddShortTermPlaces
    from capsim.scenarios.municipal import AddSupportedHousing as AddSupportedHousing
    from capsim.scenarios.municipal import EarlyNotification as EarlyNotification
    from capsim.scenarios.municipal import PoolShortTermPlaces as PoolShortTermPlaces
    from capsim.scenarios.payment import SetIsfShare as SetIsfShare
    from capsim.scenarios.payment import SetPaymentRate as SetPaymentRate
    from capsim.scenarios.payment import SetPaymentRule as SetPaymentRule
    from capsim.scenarios.payment import SetResponse as SetResponse
    from capsim.scenarios.purchases import BuyPrivate as BuyPrivate
    from capsim.scenarios.purchases import JointGrant as JointGrant
    from capsim.scenarios.scenario import Scenario as Scenario
    from capsim.scenarios.teams import AddAmbulantTeam as AddAmbulantTeam
    from capsim.scenarios.teams import AddHospitalAtHome as AddHospitalAtHome
    from capsim.scenarios.teams import ShareStaff as ShareStaff
    from capsim.study.study import Study as Study
    from capsim.study.study import load_result as load_result

__version__ = "0.1.0"

_HOME = {
    "AddAmbulantTeam": "capsim.scenarios.teams",
    "AddBeds": "capsim.scenarios.hospital",
    "AddClinicSlots": "capsim.scenarios.elective",
    "AddHomeCareStarts": "capsim.scenarios.municipal",
    "AddHospitalAtHome": "capsim.scenarios.teams",
    "AddKadBeds": "capsim.scenarios.kad",
    "AddLongTermPlaces": "capsim.scenarios.municipal",
    "AddShortTermPlaces": "capsim.scenarios.municipal",
    "AddSupportedHousing": "capsim.scenarios.municipal",
    "AddTheatreSessions": "capsim.scenarios.elective",
    "BuyPrivate": "capsim.scenarios.purchases",
    "CapsimError": "capsim.errors",
    "ColocateKad": "capsim.scenarios.kad",
    "EarlyNotification": "capsim.scenarios.municipal",
    "GpCoverage": "capsim.scenarios.demand",
    "InputError": "capsim.errors",
    "JointGrant": "capsim.scenarios.purchases",
    "MoveCatchment": "capsim.scenarios.hospital",
    "MoveElective": "capsim.scenarios.move_elective",
    "MoveTheatreSessions": "capsim.scenarios.elective",
    "PoolKad": "capsim.scenarios.kad",
    "PoolReferrals": "capsim.scenarios.elective",
    "PoolShortTermPlaces": "capsim.scenarios.municipal",
    "ProjectPopulation": "capsim.scenarios.demand",
    "RaiseKadUse": "capsim.scenarios.kad",
    "Region": "capsim.region.region",
    "ScaleDemand": "capsim.scenarios.demand",
    "Scenario": "capsim.scenarios.scenario",
    "SetEmergencyFunction": "capsim.scenarios.hospital",
    "SetIsfShare": "capsim.scenarios.payment",
    "SetPaymentRate": "capsim.scenarios.payment",
    "SetPaymentRule": "capsim.scenarios.payment",
    "SetResponse": "capsim.scenarios.payment",
    "ShareStaff": "capsim.scenarios.teams",
    "ShiftOutpatients": "capsim.scenarios.elective",
    "Study": "capsim.study.study",
    "TransferBack": "capsim.scenarios.hospital",
    "charts": "capsim.reporting.charts",
    "load_region": "capsim.region.loading",
    "load_result": "capsim.study.study",
    "report": "capsim.reporting.html",
    "sample_patients": "capsim.demand.patients",
    "simulate": "capsim.models",
    "summarise": "capsim.analysis.metrics",
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
