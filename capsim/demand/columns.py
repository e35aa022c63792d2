"""What a row of the table of patients holds: streams, and the variates of each feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from capsim.region.region import AcuteType, AgeBand, Region

__all__ = [
    "ACUTE",
    "ASSESSMENT",
    "BIRTH",
    "COLUMNS",
    "DAY",
    "DEPTH",
    "ELECTIVE",
    "FEATURES",
    "FROM_HOME",
    "HISTORY_DAYS",
    "KAD_OWN",
    "PHV",
    "READMISSION",
    "RETURNING",
    "STREAMS",
    "TASTE",
    "TSB",
    "TYPED",
    "features_of",
]

DAY = 86_400
STREAMS = (
    "acute",
    "elective",
    "kad_own",
    "short_term_home",
    "phv",
    "tsb",
    "birth",
    "assessment",
    "readmission",
)
ACUTE, ELECTIVE, KAD_OWN, FROM_HOME, PHV, TSB, BIRTH, ASSESSMENT, READMISSION = range(9)
TYPED = (PHV, TSB, BIRTH)
"""Streams whose rows have an acute type."""

# Variates of a row, by feature. Each feature has a stream of its own, so that a region which gains
# one leaves every other draw as it was.
_MUNICIPAL = (
    "need",
    "need_kind",
    "early",
    "answered",
    "response",
    "complex",
    "complex_days",
    "stretch",
    "home_hour",
)
_TEAM = ("team", "course", "escalates", "early_discharge")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "acute": ("time", "level", "regional", "specialty", "stay"),
    "elective": ("time", "level", "age", "group", "join", "site", "local", "target", "minutes", "stay"),
    "kad_own": ("time", "level", "age", "regional", "specialty", "stay", "group"),
    "short_term_home": ("time", "level"),
    "phv": ("time", "level", "regional", "stay"),
    "tsb": ("time", "level", "regional", "stay"),
    "birth": ("time", "level", "regional", "stay"),
    "assessment": ("time", "level", "age", "group", "join", "site", "local", "target"),
    "readmission": ("regional", "stay"),
    "municipal": _MUNICIPAL,
    "place": ("place_stay",),
    "kad": ("kad_suitable", "kad_use", "kad_stay", "kad_sent_on"),
    "team": _TEAM,
    "after": (
        "dies",
        "readmit",
        "readmit_delay",
        "transfer",
        "ill_after",
        "ill_stay",
        "follows",
        "enrolled",
        "settled_stay",
    ),
    "registered": ("registered",),
    "choice": ("chooses", "accepts"),  # and the taste for each hospital, TASTE + its id
}
_INPATIENT = ("municipal", "place", "team", "after")
FEATURES: Mapping[str, tuple[str, ...]] = {
    "acute": (*_INPATIENT, "kad", "registered"),
    "elective": (*_INPATIENT, "choice", "registered"),
    "kad_own": (*_INPATIENT, "kad", "registered"),
    "short_term_home": ("place",),
    "phv": (*_INPATIENT, "registered"),
    "tsb": (*_INPATIENT, "registered"),
    "birth": (*_INPATIENT, "registered"),
    "assessment": ("choice",),
    "readmission": _INPATIENT,
}
# A readmission's row is one block of its stream: everything that a stay may need.
RETURNING = tuple(c for block in ("readmission", *_INPATIENT) for c in COLUMNS[block])
TASTE = "taste:"

DEPTH = 2
"""How many readmissions may follow one another."""
# Days before the clock starts from which somebody may still be in a bed, on a list or in a place.
HISTORY_DAYS = {
    "acute": 120,
    "kad_own": 30,
    "short_term_home": 120,
    "phv": 365,
    "tsb": 365,
    "birth": 30,
}


def features_of(regions: Iterable[Region]) -> frozenset[str]:
    """The optional features that at least one phase of one region has."""
    found = set()
    for region in (phase.region for r in regions for phase in r.phases()):
        stays: tuple[AgeBand | AcuteType, ...] = (*region.ages, *region.acute_types)
        has = {
            "municipal": any(x.needs_municipality for x in (*stays, *region.elective_types)),
            "place": bool(region.short_term_pools),
            "kad": bool(region.kad_units),
            "team": bool(region.teams),
            "after": any(x.dies or x.readmitted for x in stays)
            or any(a.needs_long_term for a in region.ages)
            or any(t.needs_housing for t in region.acute_types)
            or any(t.needs_housing for t in region.elective_types)
            or any(h.transfer_back_share for h in region.hospitals)
            or region.rules.ill_again_per_day > 0
            or any(t.follows_share or t.caseload_per_staff for t in region.teams),
            "registered": bool(region.registrations),
            "choice": bool(region.referral_pools) or any(t.choice_share for t in region.elective_types),
        }
        found |= {name for name, there in has.items() if there}
    return frozenset(found)
