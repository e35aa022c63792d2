"""The levers: what a planner can change, one small frozen class each, by the name a scenario file uses.

``lever.apply(region)`` returns the region with the change in force from day ``from_day`` on (day 0 is
the first measured day; a negative day lies in the warm-up) and all of it ``ramp_days`` later. Every
class says what it changes, what it must move, what that does elsewhere, and how strong the evidence is
(:mod:`capsim.scenarios.evidence`).
"""

from __future__ import annotations

from collections.abc import Mapping

from capsim.scenarios.demand import GpCoverage, ProjectPopulation, ScaleDemand
from capsim.scenarios.elective import (
    AddClinicSlots,
    AddTheatreSessions,
    MoveTheatreSessions,
    PoolReferrals,
    ShiftOutpatients,
)
from capsim.scenarios.hospital import AddBeds, MoveCatchment, SetEmergencyFunction, TransferBack
from capsim.scenarios.kad import AddKadBeds, ColocateKad, PoolKad, RaiseKadUse
from capsim.scenarios.keys import Key, Lever
from capsim.scenarios.move_elective import MoveElective
from capsim.scenarios.municipal import (
    AddHomeCareStarts,
    AddLongTermPlaces,
    AddShortTermPlaces,
    AddSupportedHousing,
    EarlyNotification,
    PoolShortTermPlaces,
)
from capsim.scenarios.payment import SetIsfShare, SetPaymentRate, SetPaymentRule, SetResponse
from capsim.scenarios.purchases import BuyPrivate, JointGrant
from capsim.scenarios.teams import AddAmbulantTeam, AddHospitalAtHome, ShareStaff
from capsim.scenarios.volumes import expected_volume

__all__ = ["LEVERS", "Key", "Lever", "expected_volume"]

LEVERS: Mapping[str, type] = {
    "AddAmbulantTeam": AddAmbulantTeam,
    "AddBeds": AddBeds,
    "AddClinicSlots": AddClinicSlots,
    "AddHomeCareStarts": AddHomeCareStarts,
    "AddHospitalAtHome": AddHospitalAtHome,
    "AddKadBeds": AddKadBeds,
    "AddLongTermPlaces": AddLongTermPlaces,
    "AddShortTermPlaces": AddShortTermPlaces,
    "AddSupportedHousing": AddSupportedHousing,
    "AddTheatreSessions": AddTheatreSessions,
    "BuyPrivate": BuyPrivate,
    "ColocateKad": ColocateKad,
    "EarlyNotification": EarlyNotification,
    "GpCoverage": GpCoverage,
    "JointGrant": JointGrant,
    "MoveCatchment": MoveCatchment,
    "MoveElective": MoveElective,
    "MoveTheatreSessions": MoveTheatreSessions,
    "PoolKad": PoolKad,
    "PoolReferrals": PoolReferrals,
    "PoolShortTermPlaces": PoolShortTermPlaces,
    "ProjectPopulation": ProjectPopulation,
    "RaiseKadUse": RaiseKadUse,
    "ScaleDemand": ScaleDemand,
    "SetEmergencyFunction": SetEmergencyFunction,
    "SetIsfShare": SetIsfShare,
    "SetPaymentRate": SetPaymentRate,
    "SetPaymentRule": SetPaymentRule,
    "SetResponse": SetResponse,
    "ShareStaff": ShareStaff,
    "ShiftOutpatients": ShiftOutpatients,
    "TransferBack": TransferBack,
}
"""Every lever by its name."""
