"""What is known of each lever's effect: central value, range, grade of evidence and source.

Literal tables. ``TEAM_EFFECTS`` holds the effects that an ambulant team of a kind has unless others are
given; ``RESPONSE_EFFECTS`` how strongly a rate is answered to; ``LEVER_EFFECTS`` what is known of every
lever. Ranges without a published interval
are judgements, and say so. Most levers change a capacity and nothing else: what that does is
left to the simulation, and the grade is ``by construction``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["LEVER_EFFECTS", "RESPONSE_EFFECTS", "TEAM_EFFECTS", "Effect", "central"]

Grade = Literal[
    "randomised", "quasi-experimental", "matched cohort", "before–after", "observational",
    "by construction", "none",
]  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """One effect. ``what`` is the key it is given by, or a result in words; relative changes and
    shares are numbers (−0.33 is a third less), None is not known. ``certainty`` is the source's."""

    what: str
    central: float | None
    low: float | None
    high: float | None
    grade: Grade
    source: str
    certainty: Literal["quoted", "derived", "recalled", "assumption"] = "quoted"


TEAM_EFFECTS: Mapping[str, tuple[Effect, ...]] = {
    "somatic": (
        Effect(
            "averts_share", 0.10, 0.0, 0.35, "matched cohort",
            "patient-centred team in Tromsø, 439 against 779 patients: emergency admissions −10 %, emergency "
            "bed-days −28 % (BMC HSR 2019); the range is a judgement; no Norwegian effect size was found "
            "for geriatric teams",
        ),
        Effect(
            "escalates_share", 0.19, 0.14, 0.24, "observational",
            "taken from KAD: 14 % (2016) to 24 % (Oslo 2016–17) are sent on to hospital", "assumption",
        ),
    ),
    "follow_up": (
        Effect(
            "readmission_effect", -0.10, -0.30, 0.10, "none",
            "no effect size was found for follow-up teams; nearest: intermediate care in Trondheim, "
            "readmitted 19.4 against 35.7 % (randomised, n = 142), and hospital at home, risk ratio 1.09 "
            "(0.71–1.66)",
            "assumption",
        ),
        Effect("follows_share", 0.5, 0.2, 0.8, "none", "a choice of the team", "assumption"),
    ),
    "fact": (
        Effect(
            "stay_effect", -0.33, -0.50, -0.20, "before–after",
            "seven FACT teams (NKROP 2020): inpatient days −33 %; twelve ACT teams: about half; 397 "
            "patients of eight teams (Brekke 2025): fewer days. People are "
            "enrolled when they are at their worst, so part of this is regression to the mean; the range is "
            "a judgement",
        ),
        Effect(
            "caseload_per_staff", 14.0, 11.0, 17.0, "none",
            "ten people per position, as the models have it; a position is on duty five days of seven",
            "recalled",
        ),
    ),
    "hospital_at_home": (
        Effect(
            "early_discharge_after", 0.6, 0.4, 0.8, "randomised",
            "early-discharge hospital at home (Cochrane 2017, 32 trials): 4–7 days shorter in those "
            "eligible; readmission risk ratio 1.09 (0.71–1.66), taken as 1; leaves 40 % of the stay to "
            "the home",
            "recalled",
        ),
        Effect(
            "early_discharge_share", 0.10, 0.05, 0.20, "none", "a local choice", "assumption",
        ),
    ),
    "legevaktbil": (
        Effect(
            "averts_share", 0.0, 0.0, 0.05, "none",
            "helsevaktbil on Røros replaces one ambulance; no effect on admissions is published",
            "assumption",
        ),
    ),
    "digital": (
        Effect(
            "averts_share", 0.0, 0.0, 0.05, "randomised",
            "trial 2018–21 (n ≈ 730): no clear effect on specialist care; bed-days +0.18 (−1.66 to 2.02). "
            "The range around 0 is −5 to +5 %; a team cannot add admissions, so its lower half is 0",
        ),
    ),
}  # fmt: skip
"""Kind of team → the effects it has by default."""


_NO_ELASTICITY = (
    "no elasticity is identified near today's rate: 2012 was one step, bundled with kommunal medfinansiering "
    "(Melberg and Hagen 2016; Kverndokk and Melberg 2021)"
)
RESPONSE_EFFECTS: tuple[Effect, ...] = (
    Effect(
        "time", 0.2, 0.0, 0.5, "none",
        f"{_NO_ELASTICITY}; late answers and waits are divided by rate^this", "assumption",
    ),
    Effect(
        "places", 0.02, 0.0, 0.05, "none",
        "short-term places are multiplied by rate^this, at most a tenth more: staff", "assumption",
    ),
    Effect(
        "reported", 0.05, 0.0, 0.15, "none",
        "more patients were reported ready after 2012 (Meld. St. 9, 4.2.3), by how much for the rate is not "
        "known; the share reported is multiplied by rate^this", "assumption",
    ),
)  # fmt: skip
"""Exponents of the relative rate by the names of :class:`~capsim.region.rates.Response`; their range is the
band that a response is shown as."""


def central(kind: str, what: str) -> float | None:
    """The central value of one effect of a kind of team; None if that kind does not have it."""
    return next((e.central for e in TEAM_EFFECTS[kind] if e.what == what), None)


def _by_construction(what: str) -> tuple[Effect, ...]:
    source = "the capacity is the lever; what it does follows from the queues"
    return (Effect(what, None, None, None, "by construction", source, "assumption"),)


def _unknown(what: str, source: str) -> tuple[Effect, ...]:
    return (Effect(what, None, None, None, "none", source, "assumption"),)


_TEAMS = tuple(effect for effects in TEAM_EFFECTS.values() for effect in effects)
_KAD = "Swanson and Hagen (BMJ Open 2016), Norway"
_INTERMEDIATE = (
    Effect(
        "hospital stay of the target group", None, -0.22, -0.10, "observational",
        "intermediate care hospital over five years (Dahl, BMC HSR 2015)",
    ),
    Effect(
        "readmission after a place, percentage points", -0.16, None, None, "randomised",
        "Søbstad, Trondheim: 19.4 against 35.7 % (Garåsen 2007, n = 142); not in the model",
    ),
)  # fmt: skip

LEVER_EFFECTS: Mapping[str, tuple[Effect, ...]] = {
    "AddAmbulantTeam": _TEAMS,
    "AddBeds": _by_construction("occupancy, postponements"),
    "AddClinicSlots": _by_construction("wait for first contact"),
    "AddHomeCareStarts": _by_construction("overliggerdøgn, cause home_care"),
    "AddHospitalAtHome": (
        *TEAM_EFFECTS["hospital_at_home"],
        Effect(
            "bed-days saved per patient on intravenous antibiotics", 20.0, 10.0, 40.0, "observational",
            "Kristiansund: the first 16 patients, 314 days at home; the range is a judgement",
        ),
    ),
    "AddKadBeds": (
        Effect(
            "acute admissions of those over 80", -0.019, -0.030, 0.0, "quasi-experimental",
            f"{_KAD}: having KAD against not; more beds where a third are in use do less",
        ),
    ),
    "AddLongTermPlaces": _by_construction("overliggerdøgn, cause long_term"),
    "AddShortTermPlaces": _INTERMEDIATE,
    "AddSupportedHousing": _by_construction("overliggerdøgn, cause housing"),
    "AddTheatreSessions": _by_construction("waits"),
    "BuyPrivate": (
        *_by_construction("wait"),
        Effect(
            "share of arthroscopies treated privately", 0.65, 0.17, None, "observational",
            "St. Olavs area 2012–16, the highest of all; low: carpal tunnel, Norway (SKDE atlases); the "
            "lever's share is the user's own",
        ),
    ),
    "ColocateKad": (
        Effect(
            "acute admissions of those over 80", -0.05, -0.086, -0.016, "quasi-experimental",
            f"{_KAD}: with a physician around the clock and co-located with legevakt; the centre is the "
            "middle of the range. What co-location alone does is known in direction only",
        ),
    ),
    "EarlyNotification": _unknown(
        "overliggerdøgn, cause response", "no study isolates how much earlier notices shorten the wait"
    ),
    "GpCoverage": _unknown("acute admissions", "no effect size was found: a what-if with the user's number"),
    "JointGrant": _by_construction("overliggerdøgn, by what it buys"),
    "MoveCatchment": _by_construction("admissions, travel"),
    "MoveElective": (
        Effect(
            "wait of those who move, days", -60.0, None, None, "observational",
            "patients who chose another hospital, 14 diagnosis groups, 1999–2002 (Kjerstad and Kristiansen "
            "2005); not used: waits follow from the simulation",
        ),
        Effect(
            "stay of those who move, days", -1.0, None, None, "observational",
            "the same patients; not used: stays are by age and type",
        ),
    ),
    "MoveTheatreSessions": _by_construction("waits at both hospitals"),
    "PoolKad": _by_construction("share refused"),
    "PoolReferrals": _by_construction("wait"),
    "PoolShortTermPlaces": _by_construction("overliggerdøgn, cause short_term"),
    "ProjectPopulation": _by_construction("everything"),
    "RaiseKadUse": (
        Effect(
            "acute admissions of those over 80, most against least use", -0.18, None, None, "observational",
            "345 against 419 per 1000 (Helsedirektoratet 2017): municipalities differ in much else; "
            "one randomised trial (Hallingdal, n = 60) found no difference",
        ),
    ),
    "ScaleDemand": _unknown("demand", "the factor is the user's own"),
    "SetEmergencyFunction": _by_construction("where acute patients lie"),
    "SetIsfShare": _unknown(
        "number and mix of treatments", "nobody in the model answers to the share: it moves money only"
    ),
    "SetPaymentRate": (
        Effect(
            "overliggerdøgn, the duty's introduction in 2012", -0.5, -0.6, -0.4, "before–after",
            "billed days more than halved, together with kommunal medfinansiering; no elasticity near "
            "today's rate is known; the range is a judgement",
        ),
    ),
    "SetPaymentRule": _unknown(
        "overliggerdøgn", "what free days, steps or notice do is not known; with a response they count by "
        "the mean rate of a delay",
    ),
    "SetResponse": RESPONSE_EFFECTS,
    "ShareStaff": _by_construction("capacity of sessions, places and teams"),
    "ShiftOutpatients": (
        Effect(
            "need for hospital outpatient visits", -0.15, None, None, "before–after",
            "Oslo with avtalespesialister (Meld. St. 9, Boks 4.8); one place, not used",
        ),
    ),
    "TransferBack": _by_construction("bed-days at both hospitals"),
}  # fmt: skip
"""Lever → what is known of its effect."""
