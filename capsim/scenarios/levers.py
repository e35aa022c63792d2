"""The levers: what a planner can change, one small frozen class each.

``lever.apply(region)`` returns the region with the change in force from day ``from_day`` on (day 0 is
the first measured day; a negative day lies in the warm-up). Every class says what it changes, what it
must move, and how strong the evidence for its default effect is. All raise ``InputError``: values that
make no sense when the lever is made, values that do not fit the region when it is applied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, NoReturn, get_args, get_origin, get_type_hints

from capsim.errors import InputError, Problem
from capsim.region.region import AmbulantTeam, Duration, ElectiveType, Region, Session, Ward
from capsim.region.schema import Column
from capsim.region.tables import parse_value

__all__ = [
    "AddAmbulantTeam",
    "AddKadBeds",
    "AddShortTermPlaces",
    "Key",
    "Lever",
    "MoveElective",
    "SetPaymentRate",
    "expected_volume",
]

DAYS_PER_YEAR = 365
LEAST_KEPT = 0.05  # of a list's sessions: those referred before the move are treated where they wait


@dataclass(frozen=True)
class Key:
    """What one value of a lever means, its unit and the bounds it is checked against; also what
    ``docs/levers.md`` says of it."""

    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: bool = False  # more than ``low``, not at least
    not_zero: bool = False

    @property
    def allowed(self) -> str:
        """What may be given, as the second half of a sentence."""
        if self.low is None or self.high is None:
            return ""
        if self.above:
            return f"must be more than {self.low:.10g} and at most {self.high:.10g}"
        but = ", but not 0: that changes nothing" if self.not_zero else ""
        return f"must be from {self.low:.10g} to {self.high:.10g}{but}"

    def allows(self, value: float) -> bool:
        """Whether a number is within the bounds."""
        if self.low is None or self.high is None:
            return True
        lowest = self.low < value if self.above else self.low <= value
        return lowest and value <= self.high and not (self.not_zero and value == 0)


FromDay = Annotated[
    int,
    Key("First day in force; 0 is the first measured day, negative days lie in the warm-up", "day",
        -36_500, 36_500),
]  # fmt: skip


@dataclass(frozen=True)
class MoveElective:
    """Move part of a hospital's elective patients of one type to other hospitals.

    Changes: where ``share`` of the type's expected volume at ``source`` is treated. ``to`` says how the
    movers are divided over the targets; its shares add up to one. Nearest first among those eligible:
    municipalities are taken in the order of extra travel (minutes to the target less minutes to the
    source), each wholly until the target has its volume, the last one in part. Only patients whom a
    local hospital may take are eligible (the type's ``local_share`` by age).

    ``sessions="move"`` lets capacity follow: the movers' part of the specialty's expected theatre
    minutes at the source is the part of every weekday's session minutes there that goes to the target
    (for a ``planned_stay`` its patients called in per day). The part is taken of the session rather
    than computed from operating times, because the session also pays for holidays and postponements.
    Those already on the source's list stay there, so it must keep some of its sessions.
    ``beds="move"`` moves the movers' expected beds, volume × stay / 365 rounded, from the source's
    ward of the specialty to the target's.

    Must move: waits and volumes at both sites, travel, and bed pressure at both.
    Evidence: capacity moves by assumption; that movers then wait and stay shorter is observational
    (Norway 1999–2002: 60 days and 1 day) and is left to the simulation. No own effect size.
    """

    type: Annotated[str, Key("Id of the elective type (elective_types.csv)")]
    source: Annotated[str, Key("Id of the hospital they leave (hospitals.csv)")]
    to: Annotated[Mapping[str, float], Key("Hospital id → its part of the movers; adds to 1", "share", 0, 1)]
    share: Annotated[float, Key("Part of the type's expected volume at the source that moves", "share", 0, 1)]
    sessions: Annotated[Literal["move", "stay"], Key("Whether theatre time or call-ins follow")] = "move"
    beds: Annotated[Literal["stay", "move"], Key("Whether the movers' expected beds follow")] = "stay"
    from_day: FromDay = 0

    def __post_init__(self) -> None:
        _check(self)
        if not self.to:
            _refuse(self, "to", "name at least one hospital and its share of the movers, e.g. {orkdal: 1.0}")
        if abs(sum(self.to.values()) - 1) > 1e-9:
            _refuse(self, "to", "the shares of the movers must add up to 1", dict(self.to))
        if self.source in self.to:
            _refuse(self, "to", "must not name the source itself", self.source)

    def apply(self, region: Region) -> Region:
        return region.changed(self._moved, self.from_day)

    def _moved(self, region: Region) -> Region:
        kind = region.elective_type(self.type)
        for site in (self.source, *self.to):
            _require_hospital(self, region, site, "source" if site == self.source else "to")
        if kind.minimum_tier == "regional" and any(region.hospital(site).tier == "local" for site in self.to):
            _refuse(self, "type", "needs the regional hospital and cannot be moved to a local one", self.type)
        for site in self.to:
            if kind.kind != "day_surgery" and _ward_of(region, site, kind.specialty) is None:
                _refuse(self, "to", f"has no ward for {kind.specialty}", site)
            if self.sessions == "stay" and not any(_is_session(s, site, kind) for s in region.sessions):
                _refuse(self, "to", f"has no session for {kind.specialty}; use sessions: move", site)
        moves = self._moves(region, kind)
        changed = replace(region, site_shares=_new_site_shares(region, kind, self.source, moves))
        volume = {site: sum(v for (_, to), v in moves.items() if to == site) for site in self.to}
        if self.sessions == "move":
            changed = replace(changed, sessions=self._new_sessions(region, kind, volume))
        if self.beds == "move":
            changed = replace(changed, wards=self._new_wards(region, kind, moves))
        return changed

    def _moves(self, region: Region, kind: ElectiveType) -> dict[tuple[str, str], float]:
        """Patients a year by (municipality, target)."""
        eligible = {
            m.number: sum(
                share for site, share in region.general_site_share(kind, m.number) if site == self.source
            )
            * sum(_local_volume(region, kind, m.number))
            for m in region.municipalities
        }
        volume = expected_volume(region, kind)
        at_source = sum(v for (_, site), v in volume.items() if site == self.source)
        if self.share * at_source > sum(eligible.values()) * (1 + 1e-9):
            most = sum(eligible.values()) / at_source if at_source else 0.0
            where = "a local hospital may treat" if at_source else "there are no such patients at the source;"
            _refuse(
                self,
                "share",
                f"at most {math.floor(most * 1000) / 1000:g} of {self.type} at {self.source} is eligible: "
                f"{where} {sum(eligible.values()):.0f} of {at_source:.0f} a year",
                self.share,
            )
        wanted = {site: self.share * part * at_source for site, part in self.to.items()}
        moves: dict[tuple[str, str], float] = {}
        for _, number, site in sorted(
            (_minutes(self, region, number, site) - _minutes(self, region, number, self.source), number, site)
            for number in eligible
            if eligible[number] > 0
            for site in wanted
        ):
            taken = min(eligible[number], wanted[site])
            if taken > 0:
                moves[number, site] = taken
                eligible[number] -= taken
                wanted[site] -= taken
        return moves

    def _new_sessions(
        self, region: Region, kind: ElectiveType, volume: Mapping[str, float]
    ) -> tuple[Session, ...]:
        if sum(volume.values()) == 0:
            return region.sessions
        what = _session_kind(kind)
        given = [s for s in region.sessions if _is_session(s, self.source, kind)]
        weekly = [sum(day) for day in zip(*(s.capacity for s in given), strict=True)]
        if not sum(weekly):
            _refuse(
                self,
                "sessions",
                f"{self.source} has no {what} session for {kind.specialty} to move; use sessions: stay",
                self.sessions,
            )
        load = sum(
            _session_use(t) * v
            for t in region.elective_types
            if t.specialty == kind.specialty and _session_kind(t) == what
            for (_, site), v in expected_volume(region, t).items()
            if site == self.source
        )
        part = {site: _session_use(kind) * v / load for site, v in volume.items()}
        kept = 1 - sum(part.values())
        if kept < LEAST_KEPT:
            _refuse(
                self,
                "share",
                f"would leave {self.source} {max(kept, 0):.0%} of its {kind.specialty} {what} sessions for "
                f"those already on its list; move less, or use sessions: stay",
                self.share,
            )
        sessions = [
            replace(s, capacity=_week(c * kept for c in s.capacity)) if s in given else s
            for s in region.sessions
        ]
        for site in self.to:
            more = _week(c * part[site] for c in weekly)
            here = next((i for i, s in enumerate(sessions) if _is_session(s, site, kind)), None)
            if here is None:
                sessions.append(Session(site, kind.specialty, what, more))
            else:
                both = zip(sessions[here].capacity, more, strict=True)
                sessions[here] = replace(sessions[here], capacity=_week(a + b for a, b in both))
        return tuple(sessions)

    def _new_wards(
        self, region: Region, kind: ElectiveType, moves: Mapping[tuple[str, str], float]
    ) -> tuple[Ward, ...]:
        if kind.kind == "day_surgery":
            _refuse(self, "beds", f"{self.type} is day surgery and uses no bed; use beds: stay", self.beds)
        wards = list(region.wards)
        source = _ward_of(region, self.source, kind.specialty)
        if source is None:
            _refuse(
                self, "beds", f"{self.source} has no ward for {kind.specialty}; use beds: stay", self.beds
            )
        for site in self.to:
            target = _ward_of(region, site, kind.specialty)
            assert target is not None
            days = sum(v * _mean_stay(region, kind, m) for (m, to), v in moves.items() if to == site)
            beds = round(days / DAYS_PER_YEAR)
            if beds > wards[source].beds:
                allowed = f"needs {beds} beds but {wards[source].id} has {wards[source].beds}"
                _refuse(self, "beds", allowed, self.beds)
            wards[source] = replace(wards[source], beds=wards[source].beds - beds)
            wards[target] = replace(wards[target], beds=wards[target].beds + beds)
        return tuple(wards)


@dataclass(frozen=True)
class AddAmbulantTeam:
    """Add a team that treats patients at home, from a base hospital, in some municipalities.

    Changes: acute patients of the target group whom the team averts from hospital while it has a free
    place, and stays it ends early at home. Its places follow from ``staff_by_weekday`` (people on duty,
    Monday first), the minutes of a visit and the driving (:class:`capsim.region.region.AmbulantTeam`).

    Must move: admissions and bed-days of the target group; and visits, which somebody must staff.

    Evidence: ``averts_share`` 0.10, range 0–0.35 (patient-centred team in Tromsø: admissions −10 %,
    emergency bed-days −28 %; matched cohort). ``early_discharge_after`` 0.6 leaves about 40 % of a
    stay to the home (early-discharge hospital at home: 4–7 days shorter in those eligible; randomised
    trials, lengths recalled). ``escalates_share`` 0.19, range 0.14–0.24, is that of KAD. Who is
    eligible for early discharge, the course and the visits are assumptions. No Norwegian effect size
    exists for geriatric teams; digital follow-up has central effect 0.
    """

    id: Annotated[str, Key("Id of the new team: lower-case letters a-z, digits and _")]
    base: Annotated[str, Key("Id of the hospital it drives from (hospitals.csv)")]
    municipalities: Annotated[tuple[str, ...], Key("Numbers of the municipalities served, each once")]
    staff_by_weekday: Annotated[
        tuple[float, float, float, float, float, float, float],
        Key("People on duty, seven numbers, Monday first", "persons", 0, 10_000),
    ] = (4, 4, 4, 4, 4, 0, 0)
    name: Annotated[str, Key("Name in reports; empty: the id")] = ""
    working_minutes: Annotated[float, Key("Working time per person and shift", "minutes", 0, 1440, True)] = (
        420.0
    )
    minutes_per_visit: Annotated[float, Key("Time per visit without driving", "minutes", 0, 1440, True)] = (
        60.0
    )
    visits_per_tour: Annotated[float, Key("Visits per tour from the base", "visits", 0, 1000, True)] = 3.0
    digital_share: Annotated[float, Key("Share of visits on video, without driving", "share", 0, 1)] = 0.0
    visits_first_day: Annotated[float, Key("Visits on a course's first day", "per day", 0, 1000)] = 1.5
    visits_last_day: Annotated[float, Key("Visits on a course's last day", "per day", 0, 1000)] = 0.5
    target_ages: Annotated[tuple[str, ...], Key("Age bands served (ages.csv); empty: all")] = ()
    target_groups: Annotated[tuple[str, ...], Key("Patient groups served (groups.csv); empty: all")] = ()
    averts_share: Annotated[
        float, Key("Part of the target's acute patients who may be treated at home", "share", 0, 1)
    ] = 0.10
    escalates_share: Annotated[float, Key("Part of those who end in hospital after all", "share", 0, 1)] = (
        0.19
    )
    course_days: Annotated[float, Key("Mean length of a course", "days", 0, 36_500, True)] = 7.0
    course_cv: Annotated[float, Key("Its coefficient of variation", "1", 0, 1000)] = 0.5
    early_discharge_share: Annotated[
        float, Key("Part of the target's stays that may end early at home", "share", 0, 1)
    ] = 0.0
    early_discharge_after: Annotated[
        float, Key("Part of the clinical stay spent in hospital before that", "share", 0, 1)
    ] = 0.6
    from_day: FromDay = 0

    def __post_init__(self) -> None:
        _check(self)
        for key in ("id", "name"):  # as in teams.csv
            if key == "id" or self.name:
                _, fault = parse_value(getattr(self, key), Column(key, key))
                if fault:
                    _refuse(self, key, fault, getattr(self, key))
        for number in self.municipalities:
            if self.municipalities.count(number) > 1:
                _refuse(self, "municipalities", "must name each municipality once", number)
        if not self.municipalities:
            _refuse(
                self, "municipalities", "name at least one municipality number", list(self.municipalities)
            )
        if self.visits_first_day + self.visits_last_day == 0:
            _refuse(self, "visits_first_day", "the first and the last day cannot both have no visit", 0)

    def apply(self, region: Region) -> Region:
        _require_hospital(self, region, self.base, "base")
        for number in self.municipalities:
            _one_of(self, "municipalities", number, (m.number for m in region.municipalities))
            _minutes(self, region, number, self.base)
        for age in self.target_ages:
            _one_of(self, "target_ages", age, (a.id for a in region.ages))
        for group in self.target_groups:
            _one_of(self, "target_groups", group, (g.id for g in region.groups))
        team = AmbulantTeam(
            **{
                f.name: getattr(self, f.name)
                for f in fields(AmbulantTeam)
                if f.name not in ("name", "course")
            },
            name=self.name or self.id,
            course=Duration(self.course_days, self.course_cv),
        )
        return region.changed(lambda r: replace(r, teams=(*r.teams, self._new(r, team))), self.from_day)

    def _new(self, region: Region, team: AmbulantTeam) -> AmbulantTeam:
        taken = {t.id for t in region.teams} | {h.id for h in region.hospitals} | {"region"}
        taken |= {w.id for w in region.wards} | {p.id for p in region.short_term_pools}
        taken |= {k.id for k in region.kad_units} | {m.number for m in region.municipalities}
        if team.id in taken:
            _refuse(self, "id", "the region already has something of this id; choose another", team.id)
        return team


@dataclass(frozen=True)
class SetPaymentRate:
    """Set the betalingsplikt, the day rate of a patient who is ready and waits for the municipality.

    Changes: the rate in kroner, from ``from_day`` on and in all later years. Must move: payments, by
    the same factor; it moves money from municipality to trust and, as long as the region has no
    municipal response, no patient at all.

    Evidence: none near today's rate. The duty's introduction in 2012 more than halved overliggerdøgn
    (before–after; −40 to −60 % assumed), bundled with kommunal medfinansiering; it is no elasticity.
    """

    nok_per_day: Annotated[float, Key("Rate per patient and day", "nok per day", 0, 1_000_000)]
    from_day: FromDay = 0

    def __post_init__(self) -> None:
        _check(self)

    def apply(self, region: Region) -> Region:
        # A phase with one entry: years outside the table take the nearest year's rate, so it holds
        # for every later year; the earlier phases keep the table as it was.
        table = {region.start.year: self.nok_per_day}
        return region.changed(
            lambda r: replace(r, rates=replace(r.rates, payment_nok_per_day=table)), self.from_day
        )


@dataclass(frozen=True)
class AddKadBeds:
    """Open beds in a KAD unit; a negative number closes them.

    Must move: KAD's occupancy and refusals, and acute admissions of the oldest.
    Evidence: KAD lowers acute admissions of those over 80 by 1.9 % (0 to 3.0 %), with a physician around
    the clock and co-located with legevakt by 5 % (1.6 to 8.6 %): quasi-experimental, Norway. About a
    third of KAD stays replace a hospital stay; at today's occupancy of a third, more beds alone do little.
    """

    unit: Annotated[str, Key("Id of the KAD unit (kad_units.csv)")]
    beds: Annotated[int, Key("Beds more; negative closes them", "beds", -100_000, 100_000, not_zero=True)]
    from_day: FromDay = 0

    def __post_init__(self) -> None:
        _check(self)

    def apply(self, region: Region) -> Region:
        _one_of(self, "unit", self.unit, (u.id for u in region.kad_units))
        return region.changed(self._changed, self.from_day)

    def _changed(self, region: Region) -> Region:
        beds = _never_below_zero(self, "beds", region.kad_unit(self.unit).beds, self.beds)
        units = tuple(replace(u, beds=beds) if u.id == self.unit else u for u in region.kad_units)
        return replace(region, kad_units=units)


@dataclass(frozen=True)
class AddShortTermPlaces:
    """Open municipal short-term places; a negative number closes them.

    Give either the ``pool`` or a ``municipality``, whose pool is meant then (also where it shares one).
    Must move: overliggerdøgn with the cause short_term; postponements at the hospital.
    Evidence: intermediate care shortens hospital stays of its target group by 10–22 % (a randomised
    trial of 142, and observational). What places do to overliggerdøgn follows from the queue and depends
    on the fit: ten places in Trondheim gave −1.9 and −4.2 days per 1000 under two equally good ones.
    """

    pool: Annotated[str, Key("Id of the pool (short_term_pools.csv)")] = ""
    places: Annotated[
        int, Key("Places more; negative closes them", "places", -100_000, 100_000, not_zero=True)
    ] = 0
    municipality: Annotated[str, Key("Number of the municipality, instead of the pool")] = ""
    from_day: FromDay = 0

    def __post_init__(self) -> None:
        if isinstance(self.pool, int):
            hint = f'must be the id of a pool; a municipality is given as municipality="{self.pool}"'
            _refuse(self, "pool", hint, self.pool)
        _check(self)
        if bool(self.pool) == bool(self.municipality):
            _refuse(self, "pool", "give either a pool or a municipality", self.pool or None)

    def apply(self, region: Region) -> Region:
        return region.changed(self._changed, self.from_day)

    def _changed(self, region: Region) -> Region:
        pool = self.pool
        if self.municipality:
            _one_of(self, "municipality", self.municipality, (m.number for m in region.municipalities))
            pool = region.municipality(self.municipality).short_term_pool
            if not pool:
                _refuse(self, "municipality", "has no short-term places in this region", self.municipality)
        elif any(m.number == pool for m in region.municipalities):
            hint = f'is the number of a municipality; give it as municipality="{pool}"'
            _refuse(self, "pool", hint, pool)
        _one_of(self, "pool", pool, (p.id for p in region.short_term_pools))
        places = _never_below_zero(self, "places", region.short_term_pool(pool).places, self.places)
        pools = tuple(replace(p, places=places) if p.id == pool else p for p in region.short_term_pools)
        return replace(region, short_term_pools=pools)


Lever = MoveElective | AddAmbulantTeam | SetPaymentRate | AddKadBeds | AddShortTermPlaces


# --- volumes


def expected_volume(region: Region, type: ElectiveType | str) -> dict[tuple[str, str], float]:
    """Elective patients a year by (municipality number, hospital id), as the region's rates and site
    shares have it before anything is simulated.

    Patients whose site is a local hospital that may not take them (tier, or ``local_share`` at their
    age) count at the regional hospital, as in the simulation.
    """
    kind = region.elective_type(type) if isinstance(type, str) else type
    regional = region.regional_hospital
    volume: dict[tuple[str, str], float] = {}
    for m in region.municipalities:
        whole, local = sum(_volume(region, kind, m.number)), sum(_local_volume(region, kind, m.number))
        for site, share in region.general_site_share(kind, m.number):
            stays = local if region.hospital(site).tier == "local" else whole
            volume[m.number, site] = volume.get((m.number, site), 0.0) + share * stays
            if regional is not None and stays < whole:
                sent_on = m.number, regional.id
                volume[sent_on] = volume.get(sent_on, 0.0) + share * (whole - stays)
    return volume


def _volume(region: Region, kind: ElectiveType, number: str) -> list[float]:
    """Patients a year of a municipality, by age band."""
    municipality = region.municipality(number)
    factor = municipality.demand_factor * region.demand_scale.get("elective", 1.0) / 1000
    return [p * rate * factor for p, rate in zip(municipality.population, kind.per_1000, strict=True)]


def _local_volume(region: Region, kind: ElectiveType, number: str) -> list[float]:
    """Those of them whom a local hospital may treat; everyone where there is no regional hospital."""
    volume = _volume(region, kind, number)
    if region.regional_hospital is None:
        return volume
    if kind.minimum_tier == "regional":
        return [0.0] * len(volume)
    return [v * share for v, share in zip(volume, kind.local_share, strict=True)]


def _mean_stay(region: Region, kind: ElectiveType, number: str) -> float:
    """Mean stay in days of a municipality's patients whom a local hospital may treat."""
    volume = _local_volume(region, kind, number)
    days = [
        a.elective_stay.mean_days * kind.stay_factor * v for a, v in zip(region.ages, volume, strict=True)
    ]
    return sum(days) / sum(volume)


def _session_kind(kind: ElectiveType) -> Literal["theatre", "ward"]:
    return "ward" if kind.kind == "planned_stay" else "theatre"


def _is_session(session: Session, site: str, kind: ElectiveType) -> bool:
    """Whether the session is the one at ``site`` that patients of this type wait for."""
    return (session.hospital, session.specialty, session.kind) == (site, kind.specialty, _session_kind(kind))


def _week(capacity: Iterable[float]) -> tuple[float, float, float, float, float, float, float]:
    mon, tue, wed, thu, fri, sat, sun = capacity
    return mon, tue, wed, thu, fri, sat, sun


def _ward_of(region: Region, hospital: str, specialty: str) -> int | None:
    """Index of the hospital's ward for a specialty; the last one that lists it, as in the simulation."""
    for i, ward in reversed(list(enumerate(region.wards))):
        if ward.hospital == hospital and specialty in ward.specialties:
            return i
    return None


def _session_use(kind: ElectiveType) -> float:
    """What one patient takes of a session: minutes in theatre, or one place among those called in."""
    return 1.0 if kind.kind == "planned_stay" else kind.minutes_mean


def _new_site_shares(
    region: Region, kind: ElectiveType, source: str, moves: Mapping[tuple[str, str], float]
) -> dict[tuple[str, str], tuple[tuple[str, float], ...]]:
    """The region's site shares with ``moves`` (patients a year by municipality and target) moved."""
    shares = dict(region.site_shares)
    for number in sorted({number for number, _ in moves}):
        local = sum(_local_volume(region, kind, number))
        left = {site: v / local for (m, site), v in moves.items() if m == number}
        row: list[tuple[str, float]] = []
        for site, share in region.general_site_share(kind, number):
            if site != source:
                row.append((site, share))
                continue
            # The site is drawn by where a uniform falls among the cumulated shares. Movers take the
            # end of the source's own segment, so that nobody else's site changes.
            moved: dict[str, float] = {}
            stay = share
            for to in left:  # a site may have several segments: what this one gives is gone
                moved[to] = min(left[to], stay)
                left[to] -= moved[to]
                stay -= moved[to]
            row.append((source, stay if stay > 1e-12 else 0.0))
            row.extend(moved.items())
        shares[kind.id, number] = _joined(row)
    return shares


def _joined(row: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Without empty segments, and neighbours of the same site as one."""
    out: list[tuple[str, float]] = []
    for site, share in row:
        if share <= 0:
            continue
        if out and out[-1][0] == site:
            out[-1] = (site, out[-1][1] + share)
        else:
            out.append((site, share))
    return tuple(out)


# --- checks


def _refuse(lever: Any, column: str, allowed: str, value: object = None) -> NoReturn:
    raise InputError(Problem(type(lever).__name__, allowed, column=column, value=value))


def _one_of(lever: Any, column: str, value: str, known: Iterable[str]) -> None:
    known = list(known)
    if value not in known:
        shown = ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "")
        _refuse(lever, column, f"must be one of: {shown or 'none in this region'}", value)


def _require_hospital(lever: Any, region: Region, site: str, column: str) -> None:
    _one_of(lever, column, site, (h.id for h in region.hospitals))


def _minutes(lever: Any, region: Region, number: str, site: str) -> float:
    minutes = region.travel_minutes.get((number, site))
    if minutes is None:
        _refuse(lever, "travel_minutes", f"the region has no travel time from {number} to {site}")
    return minutes


def _never_below_zero(lever: Any, column: str, have: int, more: int) -> int:
    if have + more < 0:
        _refuse(lever, column, f"there are {have}, so at most {have} can be closed", more)
    return have + more


def _check(lever: Any) -> None:
    """Check every field against its annotation and bounds; lists become tuples and whole numbers floats."""
    hints = get_type_hints(type(lever), include_extras=True)
    for f in fields(lever):
        hint, key = get_args(hints[f.name])
        value = getattr(lever, f.name)
        try:
            value = _typed(hint, value)
        except TypeError as error:
            _refuse(lever, f.name, str(error), value)
        object.__setattr__(lever, f.name, value)
        parts = value.items() if isinstance(value, Mapping) else [("", value)]
        for name, part in parts:
            for number in part if isinstance(part, tuple) else (part,):
                if isinstance(number, int | float) and not key.allows(number):
                    _refuse(lever, f"{f.name}.{name}" if name else f.name, key.allowed, number)


def _typed(hint: Any, value: Any) -> Any:
    """``value`` as ``hint`` wants it, or a ``TypeError`` whose text says what is allowed.

    Knows the annotations that levers use: text, numbers, choices, tuples and mappings of those."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            raise TypeError("must be text; YAML reads no, yes, on and off as true or false: put it in quotes")
        raise TypeError("must be text; put numbers that are names in quotes")
    if hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise TypeError("must be a whole number")
    if hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        raise TypeError("must be a number")
    if origin is Literal:
        if value in args and isinstance(value, str):
            return value
        raise TypeError(f"must be one of: {', '.join(args)}")
    if origin is tuple:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise TypeError("must be a list")
        items = list(value)
        if args[-1] is Ellipsis:
            return tuple(_typed(args[0], item) for item in items)
        if len(items) != len(args):
            raise TypeError(f"must be a list of {len(args)} values")
        return tuple(_typed(a, item) for a, item in zip(args, items, strict=True))
    if not isinstance(value, Mapping):
        raise TypeError("must be a mapping of name to value")
    return {_typed(args[0], k): _typed(args[1], v) for k, v in value.items()}
