"""What no cell can say alone: ids that point somewhere, shares that add to one, and everybody with
a population, a way, a ward and a session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from capsim.errors import Problem
from capsim.region.region import Region
from capsim.region.schema import SETTINGS_FILE, TABLES, Table
from capsim.region.tables import Row, did_you_mean

__all__ = ["check_money", "check_references", "check_region_fits", "check_sums", "check_unique"]

Tables = dict[str, list[Row]]
_PAYERS = ("municipalities", "trusts", "rhf", "state", "patients", "society")
Report = Callable[[str, str, str, Any], None]  # file, what is allowed, column, value


def check_unique(where: str, rows: list[Row], table: Table, problems: list[Problem]) -> None:
    """The columns that identify a row must be different in each."""
    first: dict[tuple, int] = {}
    for row in rows:
        key = tuple(row.get(name) for name in table.key)
        if None in key:
            continue
        if key in first:
            allowed = f"must stand once; it is also in row {first[key]}"
            problems.append(
                Problem(where, allowed, row.number, ", ".join(table.key), ", ".join(map(str, key)))
            )
        first.setdefault(key, row.number)


def check_references(folder: Path, tables: Tables, incomplete: set[str], problems: list[Problem]) -> None:
    """Ids that point to another table must be there. Tables in ``incomplete`` have problems of
    their own: nothing is concluded from what they lack; those with unknown ids join them."""
    known: dict[str, list[str]] = {
        table.name: [row[table.key[0]] for row in tables.get(table.name, []) if row.get(table.key[0])]
        for table in TABLES
    }
    known["groups"] = known["groups"] or ["everyone"]
    unsure = set(incomplete)
    for table in TABLES:
        for column in table.columns:
            if not column.table or column.table in unsure:
                continue
            users = [row for row in tables.get(table.name, []) if row.get(column.key)]
            target = folder / f"{column.table}.csv"
            if users and not known[column.table] and not target.exists():
                allowed = f"the file is missing, but {table.file}, row {users[0].number}, refers to it"
                problems.append(Problem(str(target), allowed, column=column.key))
                incomplete.add(table.name)
                continue
            for row in tables.get(table.name, []):
                value = row.get(column.key)
                for id in value or () if column.many else (value,):
                    if id and id not in known[column.table]:
                        ids = ", ".join(known[column.table][:12]) or "no ids"
                        hint = did_you_mean(id, known[column.table]) or f"; it has {ids}"
                        allowed = f"must be in {column.table}.csv{hint}"
                        where = str(folder / table.file)
                        problems.append(Problem(where, allowed, row.number, column.key, id))
                        incomplete.add(table.name)


def check_sums(
    folder: Path, tables: Tables, incomplete: set[str], bands: tuple[str, ...], problems: list[Problem]
) -> None:
    """Shares of groups and specialties add to one in each age band, those of sites for each type
    and catchment."""

    def check(file: str, column: str, shares: list[float], over: str, row: int | None = None) -> None:
        if abs(sum(shares) - 1) > 1e-6:
            allowed = f"must add to 1 {over}"
            problems.append(Problem(str(folder / file), allowed, row, column, round(sum(shares), 6)))

    for name, key in (("groups", "share"), ("specialties", "acute_share")):
        if name in tables and name not in incomplete:
            for position, band in enumerate(bands):
                shares = [row[key][position] for row in tables[name]]
                check(f"{name}.csv", f"{key}_{band}", shares, "over all rows")
    if "elective_sites" in tables and "elective_sites" not in incomplete:
        sites: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in tables["elective_sites"]:
            sites[row["type"], row["catchment"]].append(row)
        for (type, catchment), rows in sites.items():
            over = f"over the rows of {type}, {catchment}"
            check("elective_sites.csv", "share", [row["share"] for row in rows], over, rows[0].number)


def check_money(folder: Path, tables: Tables, incomplete: set[str], problems: list[Problem]) -> None:
    """A unit more costs no more than the average; nobody is registered where they stay, and no more
    than everybody elsewhere."""

    def refuse(name: str, row: Row, column: str, value: object, allowed: str) -> None:
        problems.append(Problem(str(folder / f"{name}.csv"), allowed, row.number, column, value))

    def complete(name: str) -> list[Row]:
        return [] if name in incomplete else tables.get(name, [])

    for row in complete("prices"):
        if row["marginal_nok"] > row["average_nok"]:
            allowed = f"must be no more than average_nok, {row['average_nok']:.10g}"
            refuse("prices", row, "marginal_nok", row["marginal_nok"], allowed)
    elsewhere: dict[str, list[Row]] = defaultdict(list)
    for row in complete("registrations"):
        elsewhere[row["municipality"]].append(row)
        if row["registered"] == row["municipality"]:
            allowed = "must be another municipality than the one of stay"
            refuse("registrations", row, "registered", row["registered"], allowed)
    for place, rows in elsewhere.items():
        total = sum(row["share"] for row in rows)
        if total > 1 + 1e-9:
            allowed = f"must add to no more than 1 over the rows of {place}"
            refuse("registrations", rows[0], "share", round(total, 6), allowed)


def check_region_fits(folder: Path, region: Region, problems: list[Problem]) -> None:
    """Everything that can only be asked of the whole region."""

    def report(file: str, allowed: str, column: str, value: object = None) -> None:
        problems.append(Problem(str(folder / file), allowed, column=column, value=value))

    _rules(region, report)
    _places(region, report)
    _people_and_ways(region, report)
    _hospitals(region, report)
    _wards(region, report)
    _needs(region, report)
    _acute_types(region, report)
    _elective_care(region, report)
    _outpatients(region, report)
    _staff(region, report)


def _rules(region: Region, report: Report) -> None:
    rules = region.rules
    for name in ("month_factor", "hour_weight", "referral_month_factor"):
        if not sum(getattr(rules, name)):
            report(SETTINGS_FILE, "must not be 0 everywhere", f"rules.{name}", getattr(rules, name))
    for name in ("office_hours", "home_care_hours", "summer_weeks"):
        first, last = getattr(rules, name)
        if first > last:
            report(SETTINGS_FILE, "the first must not be after the last", f"rules.{name}", (first, last))
    if rules.bed_hour < rules.session_hour:
        allowed = f"must not be before rules.session_hour, {rules.session_hour:g}"
        report(SETTINGS_FILE, allowed, "rules.bed_hour", rules.bed_hour)


def _places(region: Region, report: Report) -> None:
    """Results name their place by id alone, so an id means one thing in the whole region."""
    used = {"region": "what results of the whole region are called"}
    used |= dict.fromkeys(_PAYERS, "a payer, or several together, is called so")
    helsefellesskap = dict.fromkeys(m.helsefellesskap for m in region.municipalities)
    tables: tuple[tuple[str, str, list[str]], ...] = (
        ("hospitals.csv", "id", [h.id for h in region.hospitals]),
        ("wards.csv", "id", [w.id for w in region.wards]),
        ("municipalities.csv", "number", [m.number for m in region.municipalities]),
        ("municipalities.csv", "helsefellesskap", list(helsefellesskap)),
        ("short_term_pools.csv", "id", [p.id for p in region.short_term_pools]),
        ("kad_units.csv", "id", [k.id for k in region.kad_units]),
        ("teams.csv", "id", [t.id for t in region.teams]),
        ("hospitals.csv", "trust", [h.trust for h in region.hospitals]),
    )
    for file, column, ids in tables:
        for id in dict.fromkeys(ids):
            if id in used:
                report(file, f"is taken: {used[id]}; choose another", column, id)
        used |= {id: f"it stands in {file}, {column}" for id in ids}


def _people_and_ways(region: Region, report: Report) -> None:
    year = region.start.year
    without = [place.number for place in region.municipalities if not place.population]
    if without:
        allowed = f"needs a row for {year}, the year of start, for municipality {', '.join(without)}"
        report("population.csv", allowed, "year", None)
    for place in region.municipalities:
        if place.population and not place.inhabitants:
            report("population.csv", f"must have inhabitants in {place.number}", "population", 0)
        missing = [h.id for h in region.hospitals if (place.number, h.id) not in region.travel_minutes]
        if missing:
            allowed = f"needs a row for municipality {place.number} and {', '.join(missing)}"
            report("travel.csv", allowed, "hospital", None)


def _hospitals(region: Region, report: Report) -> None:
    regional = [hospital.id for hospital in region.hospitals if hospital.tier == "regional"]
    if len(regional) > 1:
        report("hospitals.csv", "one hospital at most is regional", "tier", ", ".join(regional))
    wards = {(ward.hospital, served) for ward in region.wards for served in ward.specialties}
    for hospital in region.hospitals:
        if hospital.transfer_back_share and regional in ([], [hospital.id]):
            allowed = f"must be 0 for {hospital.id}: nobody moves to it from a regional hospital"
            report("hospitals.csv", allowed, "transfer_back_share", hospital.transfer_back_share)
        if not regional and (hospital.regional_share_acute or hospital.regional_share_elective):
            allowed = f"must be 0 for {hospital.id} when no hospital is regional"
            report("hospitals.csv", allowed, "regional_share_acute, regional_share_elective", None)
        lacking = [s for s in hospital.emergency if (hospital.id, s) not in wards]
        if lacking:
            allowed = f"needs a ward at {hospital.id} for the specialties of its emergency function"
            report("wards.csv", allowed, "specialties", ", ".join(lacking))
    sent = any(hospital.regional_share_acute for hospital in region.hospitals)
    for specialty in region.specialties:
        takes = [h.id for h in region.hospitals if specialty.id in h.emergency]
        if any(specialty.acute_share) and not takes:
            allowed = f"needs a hospital that takes acute patients in {specialty.id}"
            report("hospitals.csv", allowed, "emergency", None)
        elif any(specialty.acute_share) and sent and regional and regional[0] not in takes:
            allowed = f"{regional[0]} must take {specialty.id}, since others send it acute patients"
            report("hospitals.csv", allowed, "emergency", None)


def _wards(region: Region, report: Report) -> None:
    hospital_of = {ward.id: ward.hospital for ward in region.wards}
    sectors = {specialty.id: specialty.sector for specialty in region.specialties}
    sector_of = {ward.id: sectors[ward.specialties[0]] for ward in region.wards}
    taken: set[tuple[str, str]] = set()
    for ward in region.wards:
        for served in ward.specialties:
            if (ward.hospital, served) in taken:
                report("wards.csv", f"must be in one ward of {ward.hospital} only", "specialties", served)
            taken.add((ward.hospital, served))
        for column in ("acute_reserve", "weekend_beds", "summer_beds"):
            if (getattr(ward, column) or 0) > ward.beds:
                allowed = f"must be no more than the {ward.beds} beds of {ward.id}"
                report("wards.csv", allowed, column, getattr(ward, column))
        for other in ward.outlier:
            if other == ward.id or hospital_of[other] != ward.hospital:
                allowed = f"must be another ward of {ward.hospital} for {ward.id}"
                report("wards.csv", allowed, "outlier", other)
            elif sector_of[other] != sector_of[ward.id]:
                allowed = f"must be a ward of the sector of {ward.id}, {sector_of[ward.id]}"
                report("wards.csv", allowed, "outlier", other)


def _needs(region: Region, report: Report) -> None:
    for age in region.ages:
        both = age.needs_short_term + age.needs_long_term
        if both > 1 + 1e-9:
            allowed = f"must add to no more than 1 for {age.id}"
            report("ages.csv", allowed, "needs_short_term, needs_long_term", round(both, 6))


def _acute_types(region: Region, report: Report) -> None:
    specialties = {specialty.id: specialty for specialty in region.specialties}
    regional = region.regional_hospital
    sectors = {"phv": "phv", "tsb": "tsb", "birth": "somatic"}
    for specialty in region.specialties:
        if specialty.sector != "somatic" and any(specialty.acute_share):
            allowed = f"must be 0 for {specialty.id}: its acute patients are those of acute_types.csv"
            report("specialties.csv", allowed, "acute_share", max(specialty.acute_share))
    for kind in region.acute_types:
        sector = specialties[kind.specialty].sector
        if sector != sectors[kind.stream]:
            allowed = f"must have the sector {sectors[kind.stream]} for {kind.id}"
            report("acute_types.csv", allowed, "specialty", kind.specialty)
        takes = [hospital for hospital in region.hospitals if kind.specialty in hospital.emergency]
        if any(kind.per_1000) and not takes:
            allowed = f"needs a hospital that takes acute patients in {kind.specialty}, because of {kind.id}"
            report("hospitals.csv", allowed, "emergency", None)
        elif kind.regional_share and regional not in takes:
            allowed = f"must be 0 for {kind.id}: no regional hospital takes {kind.specialty}"
            report("acute_types.csv", allowed, "regional_share", kind.regional_share)
    typed = [("acute_types.csv", t.id, t.per_1000, t.groups) for t in region.acute_types]
    typed += [("elective_types.csv", t.id, t.per_1000, t.groups) for t in region.elective_types]
    for file, id, per_1000, groups in typed:
        for position, age in enumerate(region.ages):
            among = [g for g in region.groups if not groups or g.id in groups]
            if per_1000[position] and not sum(g.share[position] for g in among):
                allowed = f"must be 0 for {id}: none of {age.id} is in {', '.join(groups)}"
                report(file, allowed, f"per_1000_{age.id}", per_1000[position])
    used: dict[str, str] = {}
    for file, ids in (
        ("acute_types.csv", [t.id for t in region.acute_types]),
        ("elective_types.csv", [t.id for t in region.elective_types]),
        ("visits.csv", [t.id for t in region.visit_types]),
    ):
        for id in ids:
            if id in used:
                report(file, f"is taken: it stands in {used[id]}; choose another", "id", id)
        used |= dict.fromkeys(ids, file)


def _outpatients(region: Region, report: Report) -> None:
    for kind in region.visit_types:
        elsewhere = kind.video_share + kind.private_share + kind.near_share
        if elsewhere > 1 + 1e-9:
            allowed = f"must add to no more than 1 for {kind.id}"
            report("visits.csv", allowed, "video_share, private_share, near_share", round(elsewhere, 6))
        if kind.regional_share and region.regional_hospital is None:
            allowed = f"must be 0 for {kind.id} when no hospital is regional"
            report("visits.csv", allowed, "regional_share", kind.regional_share)
    pooled: dict[str, str] = {}
    for pool in region.referral_pools:
        if len(pool.hospitals) < 2:
            allowed = f"must be two hospitals at least for {pool.id}"
            report("referral_pools.csv", allowed, "hospitals", ", ".join(pool.hospitals))
        for type in pool.types:
            if type in pooled:
                allowed = f"must be in one pool only; it is also in {pooled[type]}"
                report("referral_pools.csv", allowed, "types", type)
            pooled.setdefault(type, pool.id)
            able = _able(region, type, pool.hospitals)
            if len(able) < min(2, len(pool.hospitals)):
                allowed = f"two of {', '.join(pool.hospitals)} must be able to treat it: tier and session"
                report("referral_pools.csv", allowed, "types", type)


def _able(region: Region, type: str, hospitals: tuple[str, ...]) -> list[str]:
    """The hospitals that have a session for a type and are of its tier."""
    kind = region.elective_type(type)
    session = "ward" if kind.kind == "planned_stay" else "theatre"
    has = {s.hospital for s in region.sessions if (s.specialty, s.kind) == (kind.specialty, session)}
    local = kind.minimum_tier == "regional" and region.regional_hospital is not None
    return [h for h in hospitals if h in has and not (local and region.hospital(h).tier == "local")]


def _staff(region: Region, report: Report) -> None:
    tables: tuple[tuple[str, str, list[tuple[str, str, float]]], ...] = (
        ("sessions.csv", "staff",
         [(f"{s.hospital}, {s.specialty}, {s.kind}", s.staff_pool, s.staff) for s in region.sessions]),
        ("short_term_pools.csv", "staff_per_place",
         [(p.id, p.staff_pool, p.staff_per_place) for p in region.short_term_pools]),
    )  # fmt: skip
    for file, column, rows in tables:
        for name, pool, staff in rows:
            if bool(pool) != bool(staff):
                allowed = f"must be {'more than 0' if pool else '0'} for {name}, with{'' if pool else 'out'}"
                report(file, f"{allowed} a staff_pool", column, staff)


def _elective_care(region: Region, report: Report) -> None:
    for clinic in region.clinics:
        if not sum(clinic.slots):
            allowed = (
                f"must have a slot on some day for {clinic.hospital}, {clinic.specialty}; or leave it out"
            )
            report("clinics.csv", allowed, "mon", 0)
    tier = {hospital.id: hospital.tier for hospital in region.hospitals}
    for type in region.elective_types:
        if type.minimum_tier == "regional" and region.regional_hospital is not None:
            for _, site, share in type.site_share:
                if share and tier[site] == "local":
                    allowed = f"must be the regional hospital for {type.id}, whose minimum_tier it is"
                    report("elective_sites.csv", allowed, "hospital", site)
    for pool in region.short_term_pools:
        if pool.kept_free > pool.places:
            allowed = f"must be no more than the {pool.places} places of {pool.id}"
            report("short_term_pools.csv", allowed, "kept_free", pool.kept_free)
    sector = {specialty.id: specialty.sector for specialty in region.specialties}
    inpatient = [
        t for t in region.elective_types if t.kind != "day_surgery" and sector[t.specialty] == "somatic"
    ]
    for position, age in enumerate(region.ages):
        total = sum(t.per_1000[position] for t in inpatient)
        if region.elective_types and abs(age.elective_per_1000 - total) > 0.05 + 0.005 * total:
            what = "somatic surgery and planned_stay"
            allowed = f"must be the sum of {what} of {age.id} in elective_types.csv, {total:g}"
            report("ages.csv", allowed, "elective_per_1000", age.elective_per_1000)
    wards = {(ward.hospital, specialty) for ward in region.wards for specialty in ward.specialties}
    sessions = {(s.hospital, s.specialty, s.kind) for s in region.sessions if sum(s.capacity) > 0}
    for type in region.elective_types:
        if type.kind != "planned_stay" and not type.minutes_mean:
            report("elective_types.csv", f"must be more than 0 for {type.id}", "minutes_mean", 0)
        if type.needs_housing and type.needs_municipality is None:
            allowed = f"must be filled in for {type.id}, since needs_housing is"
            report("elective_types.csv", allowed, "needs_municipality", None)
    reported: set[tuple[str, ...]] = set()
    for (site, specialty, kind), id in _treated(region).items():
        if kind != "day_surgery" and (site, specialty) not in wards and (site, specialty) not in reported:
            reported.add((site, specialty))
            allowed = f"needs a ward at {site} for {specialty}, because {id} is treated there"
            report("wards.csv", allowed, "specialties", None)
        session = "ward" if kind == "planned_stay" else "theatre"
        place = (site, specialty, session)
        if place not in sessions | reported and not region.rules.elective_at_any_hour:
            reported.add(place)
            allowed = f"needs a row for {', '.join(place)}, because {id} is treated there"
            report("sessions.csv", allowed, "kind", None)


def _treated(region: Region) -> dict[tuple[str, str, str], str]:
    """(site, specialty, kind) where a type is treated → one such type's id."""
    found: dict[tuple[str, str, str], str] = {}
    regional = region.regional_hospital
    for type in region.elective_types:
        if not sum(type.per_1000):
            continue
        for place in region.municipalities:
            for site, share in region.general_site_share(type, place.number):
                sites = [site] if share else []
                if share and regional is not None and min(type.local_share) < 1:
                    sites.append(regional.id)
                for treated in sites:
                    found.setdefault((treated, type.specialty, type.kind), type.id)
    return found
