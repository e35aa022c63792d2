"""What awaits each patient: the row's variates read with a region's parameters.

Everything that depends on the row and the region alone is settled here, vectorised, in whole
seconds and codes, before the clock starts; :mod:`routing` says where, :mod:`needs` what happens
there. What depends on others (is a bed free?) is left to the engines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from capsim.demand.columns import (
    ACUTE,
    ASSESSMENT,
    ELECTIVE,
    FROM_HOME,
    KAD_OWN,
    READMISSION,
    STREAMS,
    features_of,
)
from capsim.demand.patients import PatientTable
from capsim.demand.scaling import demand_ceiling, demand_multiplier, readmission_bound
from capsim.errors import InputError, Problem
from capsim.models import needs, routing
from capsim.models.facilities import Facilities
from capsim.models.pathway import DAY, Need, Start
from capsim.models.routing import Sorts, among, put
from capsim.region.region import Region

__all__ = ["DTYPES", "Itinerary", "itinerary_of"]

NONE = -1
KAD_STREAMS = (ACUTE, KAD_OWN)
DRAW_FOR_IT = "pass this region to sample_patients(scenarios=…)"


_TYPES: dict[type, tuple[str, ...]] = {
    np.int64: (  # seconds
        "began", "stay", "transfer_after", "readmit_delay", "response", "complex", "home_second", "ill_after",
        "ill_stay", "settled_stay", "place_stay", "stretch", "kad_stay", "course", "early_after",
        "option_stay", "first_due", "not_before", "statutory", "due",
    ),
    np.int32: (  # indices and counts
        "hospital", "specialty", "ward", "home_ward", "child", "enrolled", "pool", "kad", "list", "clinic",
        "option", "minutes",
    ),
    np.int8: ("start", "need"),
    np.bool_: (
        "active", "bought", "dies", "readmits", "notified_early", "kad_sent_on", "averts", "escalates",
        "early", "follows", "readmits_followed", "goes_on", "day_surgery",
    ),
    np.float64: ("options", "join"),
}  # fmt: skip
DTYPES: dict[str, type] = {column: dtype for dtype, columns in _TYPES.items() for column in columns}
"""The type of every column of :class:`Itinerary`, whatever the region."""
NONE_AT_FIRST = {*_TYPES[np.int32], "transfer_after"} - {"minutes"}
OF_TEAMS = ("averts", "course", "escalates", "early", "early_after", "follows", "readmits_followed")


@dataclass(frozen=True, eq=False, repr=False)
class Itinerary:
    """One entry per patient, in the table's order; times and durations in whole seconds, -1 for "none".
    Read-only and C-contiguous, of the types in :data:`DTYPES`; columns in which nothing is written for
    anybody are one array if they are alike.

    ``active``: in this scenario (a readmission: if its parent is). ``bought``: not, since the treatment
    is bought from a private provider. ``start``: a
    :class:`~capsim.models.pathway.Start`. ``began``: when the stay of somebody already in a bed or
    place began; of somebody gone, when it ended. ``hospital``, ``specialty``, ``ward``, ``list``,
    ``clinic``, ``pool``, ``kad`` index :class:`Facilities`: where the patient is to go, if nothing
    that depends on others sends them elsewhere.

    Electives: ``option``: row of ``options`` (choosers, hospitals), -1 for those sent to ``hospital``;
    a chooser takes the site with the largest options - expected wait, both in days, and has the stay
    ``option_stay`` there. ``first_due``:
    when first contact is planned, ``not_before`` the earliest it is given, ``statutory`` the deadline;
    ``due``: for treatment; ``goes_on`` from first contact to treatment. ``minutes``: in theatre; 0 for
    planned stays.

    The stay: ``stay``; whether it ends in death (``dies``); ``transfer_after``: from admission to
    asking ``home_ward`` to take the patient back. ``child``: the row of a readmission, ``readmits``
    whether it comes, ``readmit_delay`` after leaving. ``enrolled``: team whose caseload holds the
    patient.

    The municipality: ``response``: from notice to answer; ``complex``: further days for a tailored
    home-care service; both in whole days. ``home_second``: second of the day at which home care
    receives. ``ill_after``: from readiness, if still waiting; then ``ill_stay`` until ready again.
    ``settled_stay``: in a long-term place or home.

    Of shape (patients, teams): whether a team ``averts`` the admission, its ``course`` and whether
    that one ``escalates``; whether it discharges ``early``, and ``early_after``, from admission to
    asking it; whether it ``follows`` up, and whether a readmission comes all the same
    (``readmits_followed``).
    """

    active: np.ndarray
    bought: np.ndarray
    start: np.ndarray
    began: np.ndarray
    hospital: np.ndarray
    specialty: np.ndarray
    ward: np.ndarray
    stay: np.ndarray
    dies: np.ndarray
    transfer_after: np.ndarray
    home_ward: np.ndarray
    child: np.ndarray
    readmits: np.ndarray
    readmit_delay: np.ndarray
    enrolled: np.ndarray
    need: np.ndarray
    notified_early: np.ndarray
    response: np.ndarray
    complex: np.ndarray
    home_second: np.ndarray
    ill_after: np.ndarray
    ill_stay: np.ndarray
    settled_stay: np.ndarray
    pool: np.ndarray
    place_stay: np.ndarray
    stretch: np.ndarray
    kad: np.ndarray
    kad_stay: np.ndarray
    kad_sent_on: np.ndarray
    averts: np.ndarray
    course: np.ndarray
    escalates: np.ndarray
    early: np.ndarray
    early_after: np.ndarray
    follows: np.ndarray
    readmits_followed: np.ndarray
    list: np.ndarray
    clinic: np.ndarray
    goes_on: np.ndarray
    option: np.ndarray
    options: np.ndarray
    option_stay: np.ndarray
    first_due: np.ndarray
    not_before: np.ndarray
    statutory: np.ndarray
    day_surgery: np.ndarray
    minutes: np.ndarray
    due: np.ndarray
    join: np.ndarray


def itinerary_of(patients: PatientTable, facilities: Facilities) -> Itinerary:
    """Read the table with the phase of the region that each patient arrives in; a readmission with
    that of the first stay.

    Raises:
        InputError: if the table was drawn for other municipalities or with less demand than the
            region asks for.
    """
    _check(patients, facilities.regions)
    out = _empty(len(patients), len(facilities.teams), len(facilities.hospitals))
    children = np.flatnonzero(patients.parent >= 0)
    put(out, "child", patients.parent[children], children)
    begins = np.searchsorted(patients.arrival, facilities.phase_start[1:]).tolist()  # the table's in order
    sorts = Sorts.among(patients)
    for region, (begin, end) in zip(facilities.regions, pairwise([0, *begins, len(patients)]), strict=True):
        if begin < end:
            _fill(out, begin, end, sorts, patients, facilities, region)
    _settle_start(out, patients, facilities)
    for column in out.values():
        column.flags.writeable = False
    return Itinerary(**out)


def _check(patients: PatientTable, regions: tuple[Region, ...]) -> None:
    for region in regions:
        if tuple(m.number for m in region.municipalities) != patients.municipalities:
            allowed = f"must have the municipalities the patients were drawn for ({patients.region})"
            raise InputError(Problem("simulate", allowed, column="region", value=region.name))
        for stream in region.demand_scale:
            if stream not in STREAMS:
                raise InputError(
                    Problem(
                        f"region {region.name}",
                        f"must be one of: {', '.join(STREAMS)}",
                        column="demand_scale",
                        value=stream,
                    )
                )
        for stream, asked in demand_ceiling(region, patients.population).items():
            if asked > patients.ceiling[stream] + 1e-9:
                allowed = f"patients were drawn up to {patients.ceiling[stream]}: {DRAW_FOR_IT}"
                raise InputError(
                    Problem(f"region {region.name}", allowed, column=f"demand_scale {stream}", value=asked)
                )
        most, of_type = readmission_bound(region)
        if (most > patients.readmitted + 1e-9).any() or (of_type > patients.readmitted_of_type + 1e-9).any():
            allowed = f"patients were drawn for fewer readmissions: {DRAW_FOR_IT}"
            highest = max(most.max(initial=0.0), of_type.max(initial=0.0))
            raise InputError(Problem(f"region {region.name}", allowed, column="readmitted", value=highest))
        missing = features_of([region]) - patients.features
        if missing:
            allowed = (
                f"the patients were drawn for a region without: {', '.join(sorted(missing))}; {DRAW_FOR_IT}"
            )
            raise InputError(Problem("simulate", allowed, column="region", value=region.name))


def _empty(n: int, teams: int, hospitals: int) -> dict[str, np.ndarray]:
    """Every column as it is where nothing is written: one read-only array for all that are alike."""
    alike: dict[tuple[type, int, tuple[int, ...]], np.ndarray] = {}
    out = {}
    for column, dtype in DTYPES.items():
        shape: tuple[int, ...] = (n, teams) if column in OF_TEAMS else (n,)
        if column in ("options", "option_stay"):
            shape = (0, hospitals)
        key = (dtype, NONE if column in NONE_AT_FIRST else 0, shape)
        if key not in alike:
            alike[key] = np.zeros(shape, dtype) if key[1] == 0 else np.full(shape, key[1], dtype)
            alike[key].flags.writeable = False
        out[column] = alike[key]
    return out


def _fill(
    out: dict[str, np.ndarray],
    begin: int,
    end: int,
    sorts: Sorts,
    patients: PatientTable,
    facilities: Facilities,
    region: Region,
) -> None:
    """Settle the rows from ``begin`` to ``end`` with one phase of the region: first stays, then the
    readmissions after them."""
    p, phase = patients, slice(begin, end)
    stream, level = p.stream[phase], p.level[phase]

    def rows(flags: np.ndarray) -> np.ndarray:
        return begin + np.flatnonzero(flags)

    wanted = demand_multiplier(
        region, p.population, stream, p.municipality[phase], p.age[phase], p.group[phase], p.type[phase]
    )
    first, public = stream != READMISSION, wanted
    if region.purchases:
        public = wanted * (1 - _bought_share(region, p, phase))
        # of the candidates, as many as would join at the reference wait
        joins = rows(first & (level < wanted) & (level >= public))
        if len(joins):
            put(out, "bought", joins, p.variates["join"][joins] * region.rules.candidates_per_referral < 1)
    put(out, "active", np.arange(begin, end), first & (level < public))
    referred = (stream == ELECTIVE) | (stream == ASSESSMENT)
    routing.acute(out, rows(first & ~referred & (stream != FROM_HOME)), sorts, patients, facilities, region)
    routing.elective(out, rows(referred), sorts, patients, facilities, region)
    again = rows(~first)
    while len(again):
        ready = ~np.isin(p.parent[again], again)
        now, again = again[ready], again[~ready]
        put(out, "active", now, out["active"][p.parent[now]])
        routing.readmitted(out, now, sorts, patients, facilities, region)
    inpatient = rows((stream != FROM_HOME) & (stream != ASSESSMENT))
    needs.fill(out, inpatient, sorts, patients, facilities, region)
    if "place" in p.features:
        needs.place(out, np.arange(begin, end), patients, facilities, region)
    if "kad" in p.features:
        needs.kad(out, rows(among(stream, KAD_STREAMS)), patients, facilities, region)


def _bought_share(region: Region, patients: PatientTable, rows: slice) -> np.ndarray:
    """The share of each row's treatments that are bought from private providers, shape of ``rows``."""
    numbers = np.array([m.number for m in region.municipalities])
    share = np.zeros((len(region.elective_types) + 1, len(numbers)))
    for purchase in region.purchases:
        there = np.isin(numbers, purchase.municipalities) if purchase.municipalities else slice(None)
        share[[t.id for t in region.elective_types].index(purchase.type), there] += purchase.share
    treated = patients.stream[rows] == ELECTIVE
    return share[np.where(treated, patients.type[rows], NONE), patients.municipality[rows]]


def _settle_start(out: dict[str, np.ndarray], patients: PatientTable, facilities: Facilities) -> None:
    """Where those who came before the clock started are when it starts, in closed form: they found
    a bed at once, were seen and treated when due, and needed nothing that was full."""
    clock = int(facilities.phase_start[0])
    lateness = round(facilities.regions[0].rules.lateness_days * DAY)
    early = np.flatnonzero((patients.arrival < clock) & out["active"] & (patients.parent < 0))
    stream = patients.stream[early]
    referred = among(stream, (ELECTIVE, ASSESSMENT))
    from_home = stream == FROM_HOME
    at_clinic = referred & (out["clinic"][early] >= 0) & (out["not_before"][early] > clock)
    in_kad = (out["kad"][early] >= 0) & ~referred
    admitted = np.where(referred, out["due"][early] + lateness, patients.arrival[early])
    admitted = np.where(stream == ASSESSMENT, patients.arrival[early], admitted)
    left = admitted + np.where(from_home, 0, out["stay"][early])
    short_term = (out["need"][early] == Need.SHORT_TERM) & ~out["dies"][early]
    placed = (from_home | short_term) & (out["pool"][early] >= 0)
    place: Callable[[Start], np.int8] = np.int8
    start = np.select(
        [
            at_clinic,
            in_kad & (patients.arrival[early] + out["kad_stay"][early] > clock),
            in_kad,
            referred & (admitted > clock),
            ~from_home & (left > clock),
            placed & (left + out["place_stay"][early] > clock),
        ],
        [
            place(Start.AT_CLINIC),
            place(Start.IN_KAD),
            place(Start.GONE),
            place(Start.ON_LIST),
            place(Start.IN_BED),
            place(Start.IN_PLACE),
        ],
        default=place(Start.GONE),
    )
    put(out, "start", early, start)
    over = (start == Start.IN_PLACE) | ((start == Start.GONE) & ~in_kad)
    put(out, "began", early, np.where(over, left, np.where(in_kad, patients.arrival[early], admitted)))
    gone = early[(start == Start.GONE) & in_kad]
    put(out, "readmits", gone, False)  # cared for in KAD: no hospital stay that a readmission could follow
