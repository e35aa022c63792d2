"""The ledger counted again from the records in plain Python: patient by patient, midnight by midnight,
day by day. Nothing here is shared with what writes the ledger but the price of a day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from capsim.analysis.ledger import Costing, Ledger, Reason
from capsim.analysis.pricing import daily_price
from capsim.demand.columns import ELECTIVE, KAD_OWN, TYPED
from capsim.models import Records
from capsim.models.pathway import DAY, HOUR, NEVER, Need
from capsim.region.region import UNLIMITED, Region

Span = tuple[Reason, str, str, int, int, float]
"""Reason, item, payer, from and to (seconds), units a day."""
Count = tuple[Reason, str, str, int, float]
"""Reason, item, payer, day, units."""


def on_day(region: Region, day: int) -> Region:
    """The region in force on a day."""
    return [p.region for p in region.phases() if p.from_day <= day][-1]


def on_date(region: Region, day: int) -> date:
    return region.start + timedelta(day)


def rule_of(table, year: int):  # type: ignore[no-untyped-def]
    """The row of the year, of the last year before it, else of the first."""
    before = [y for y in table if y <= year]
    return table[max(before) if before else min(table)] if table else None


class Recount:
    """The records as Python lists, and what is looked up by patient."""

    def __init__(self, records: Records):
        self.records, self.region = records, records.region
        self.days = records.patients.days
        self.end = self.days * DAY
        self.stay = {
            name: getattr(records.stays, name).tolist() for name in records.stays.__dataclass_fields__
        }
        p, plan = records.patients, records.itinerary
        self.home = [p.municipalities[m] for m in p.municipality.tolist()]
        self.registered = [p.municipalities[m] for m in p.registered.tolist()]
        self.need = plan.need.tolist()
        self.trust_of = {h.id: h.trust for h in self.region.hospitals}
        self.hospitals = [h.id for h in self.region.hospitals]
        wards = {w.id: w for phase in reversed(self.region.phases()) for w in phase.region.wards}
        self.wards = [wards[id] for id in records.facilities.wards]
        self.sector_of = {s.id: s.sector for s in self.region.specialties}
        self.specialty = [self.region.specialties[s].id if s >= 0 else "" for s in plan.specialty.tolist()]
        self.last = [
            self.wards[ward].hospital if ward >= 0 else self.hospitals[hospital] if hospital >= 0 else ""
            for ward, hospital in zip(self.stay["moved_to"], self.stay["hospital"], strict=True)
        ]
        self.by_day = [on_day(self.region, day) for day in range(self.days)]

    # --- betalingsplikt

    def payments(self) -> list[tuple[int, str, str, int]]:
        """(day, payer, receiver, øre) of every midnight that is paid for."""
        s, plan, out = self.stay, self.records.itinerary, []
        for p in range(len(self.need)):
            ready = s["ready"][p]
            if self.need[p] == Need.NOTHING or ready == NEVER or s["admitted"][p] == NEVER:
                continue
            notice = ready
            if plan.notified_early[p]:
                hours = self.region.rules.notice_hours
                notice = min(ready, s["admitted"][p] + round(hours * HOUR))
            sector = self.sector_of[self.specialty[p]]
            nth = 0
            for midnight in range((ready // DAY + 1) * DAY, self.end + 1, DAY):
                if any(s[c][p] != NEVER and s[c][p] < midnight for c in ("offer", "left")):
                    break
                ill, again = s["ill"][p], s["ready_again"][p]
                if ill != NEVER and ill < midnight and not (again != NEVER and again < midnight):
                    continue
                nth += 1
                day = midnight // DAY - 1
                if day < 0:
                    continue
                rule = rule_of(self.by_day[day].rates.payment, on_date(self.region, day).year)
                if rule is None or sector not in rule.sectors or nth <= rule.free_days:
                    continue
                if midnight - notice <= rule.notice_days * DAY:
                    continue
                factor = 1.0
                for first, then in rule.steps:
                    if nth >= first:
                        factor = then
                amount = round(Fraction(rule.nok_per_day) * 100 * Fraction(factor))
                if amount:
                    payer = self.registered[p] if rule.payer == "registered" else self.home[p]
                    out.append((day, payer, self.trust_of[self.last[p]], amount))
        return sorted(out)

    def kept_until(self, p: int) -> int:
        """When the team or KAD that kept a patient from hospital was done, who would have lived."""
        plan, s = self.records.itinerary, self.stay
        if self.records.patients.stream[p] == KAD_OWN or s["asked"][p] != NEVER or plan.dies[p]:
            return NEVER
        return max(s["team_end"][p], s["kad_end"][p])

    # --- what is used over time

    def spans(self) -> Iterator[Span]:
        s, plan, region = self.stay, self.records.itinerary, self.region
        settled_stay = plan.settled_stay.tolist()
        teams = {t.id: t for phase in region.phases() for t in phase.region.teams}
        team_ids = self.records.facilities.teams

        def until(time: int) -> int:
            return self.end if time == NEVER else time

        for p, home in enumerate(self.home):
            yield from self._beds(p, until(s["left"][p]))
            if s["place_start"][p] != NEVER:
                item = ("stretched_day", Reason.STRETCHED_DAYS) if s["stretched"][p] else (
                    "short_term_day", Reason.PLACE_DAYS)  # fmt: skip
                yield item[1], item[0], home, s["place_start"][p], until(s["place_end"][p]), 1.0
            left, settled = s["left"][p], s["settled"][p]
            if left != NEVER and settled != NEVER:
                reason, item_ = (Reason.LONG_TERM_DAYS, "long_term_day")
                if self.need[p] == Need.HOUSING:
                    reason, item_ = (Reason.HOUSING_DAYS, "housing_day")
                yield reason, item_, home, max(left, settled), settled + settled_stay[p], 1.0
            if left != NEVER and self.need[p] == Need.HOUSING and s["stretched"][p]:
                end = left + settled_stay[p]
                yield Reason.STRETCHED_DAYS, "temporary_dwelling_day", home, left, end, 1.0
            if (over := self.kept_until(p)) != NEVER:
                if self.need[p] == Need.SHORT_TERM:
                    end = over + int(plan.place_stay[p])
                    yield Reason.PLACE_DAYS, "short_term_day", home, over, end, 1.0
                elif self.need[p] == Need.LONG_TERM:
                    yield Reason.LONG_TERM_DAYS, "long_term_day", home, over, over + settled_stay[p], 1.0
            if s["kad_start"][p] != NEVER:
                yield Reason.KAD_DAYS, "kad_day", home, s["kad_start"][p], until(s["kad_end"][p]), 1.0
            for who, start, end_ in (
                ("team", "team_start", "team_end"), ("follow_team", "follow_start", "follow_end")
            ):  # fmt: skip
                if s[start][p] == NEVER:
                    continue
                team = teams[team_ids[s[who][p]]]
                span = s[start][p], until(s[end_][p])
                base = self.trust_of[team.base]
                yield Reason.TEAM_VISITS, "team_visit", base, *span, team.visits_per_patient_day
                if who == "team":
                    yield Reason.HOME_VISITS, "home_visit", home, *span, team.municipal_visits_per_day
        yield from self._lived_there_before()

    def _beds(self, p: int, left: int) -> Iterator[Span]:
        s = self.stay
        admitted, bed, moved = s["admitted"][p], s["bed"][p], s["moved"][p]
        if admitted == NEVER:
            return
        own = next(
            i
            for i, w in enumerate(self.wards)
            if w.hospital == self.hospitals[s["hospital"][p]] and self.specialty[p] in w.specialties
        )
        lay = [(admitted, s["ward"][p])]
        if bed not in (NEVER, admitted):
            lay = [(admitted, own), (bed, s["ward"][p])]
        if moved != NEVER:
            lay.append((moved, s["moved_to"][p]))
        ends = [*(start for start, _ in lay[1:]), left]
        for (start, ward), end in zip(lay, ends, strict=True):
            sector = self.sector_of[self.wards[ward].specialties[0]]
            item = "bed_day" if sector == "somatic" else f"bed_day_{sector}"
            yield Reason.BED_DAYS, item, self.trust_of[self.wards[ward].hospital], start, end, 1.0

    def _lived_there_before(self) -> Iterator[Span]:
        start = self.records.clock_start
        region = on_day(self.region, start // DAY)
        rules = region.rules
        if not self.region.rules.loaded_start:
            return
        for m in region.municipalities:
            for places, mean, reason, item in (
                (m.long_term_places, rules.long_term_stay_days, Reason.LONG_TERM_DAYS, "long_term_day"),
                (m.supported_housing, rules.housing_stay_days, Reason.HOUSING_DAYS, "housing_day"),
            ):
                for k in range(places if places < UNLIMITED else 0):
                    leaves = start + round(-mean * math.log1p(-(k + 0.5) / places) * DAY)
                    yield reason, item, m.number, 0, leaves, 1.0

    def used(self) -> dict[tuple[str, int | str], list[tuple[int, int]]]:
        """Who is in a bed of a ward, an ordinary place of a pool, a KAD unit, a municipality's long-term
        places or homes: (from, to) in seconds."""
        s, plan, out = self.stay, self.records.itinerary, defaultdict(list)

        def until(time: int) -> int:
            return self.end if time == NEVER else time

        for p, home in enumerate(self.home):
            left, moved = until(s["left"][p]), s["moved"][p]
            if s["bed"][p] != NEVER:
                out["ward", s["ward"][p]].append((s["bed"][p], left if moved == NEVER else moved))
            if moved != NEVER:
                out["ward", s["moved_to"][p]].append((moved, left))
            if s["place_start"][p] != NEVER and not s["stretched"][p]:
                out["short_term_pool", s["pool"][p]].append((s["place_start"][p], until(s["place_end"][p])))
            if s["kad_start"][p] != NEVER:
                out["kad_unit", int(plan.kad[p])].append((s["kad_start"][p], until(s["kad_end"][p])))
            if s["left"][p] != NEVER and s["settled"][p] != NEVER:
                item = "housing_day" if self.need[p] == Need.HOUSING else "long_term_day"
                start = max(left, s["settled"][p])
                out[item, home].append((start, s["settled"][p] + int(plan.settled_stay[p])))
        for _, item, home, start, end, _ in self._lived_there_before():
            out[item, home].append((start, end))
        return out

    # --- what happens on a day

    def counts(self) -> Iterator[Count]:
        s, plan, region, rhf = self.stay, self.records.itinerary, self.region, "rhf"
        km = region.travel_km
        surgery = plan.day_surgery.tolist()
        for p, home in enumerate(self.home):
            hospital = self.hospitals[s["hospital"][p]] if s["hospital"][p] >= 0 else ""
            if s["left"][p] != NEVER and s["offer"][p] != NEVER and self.need[p] == Need.HOME_CARE:
                yield Reason.HOME_CARE, "home_care_start", home, s["left"][p] // DAY, 1
            if self.need[p] == Need.HOME_CARE and (over := self.kept_until(p)) != NEVER:
                yield Reason.HOME_CARE, "home_care_start", home, over // DAY, 1
            if s["moved"][p] != NEVER:
                day = s["moved"][p] // DAY
                yield Reason.PATIENT_TRANSFERS, "transfer", self.trust_of[hospital], day, 1
            if s["seen"][p] != NEVER:
                day = s["seen"][p] // DAY
                yield Reason.CLINIC_VISITS, "clinic_visit", self.trust_of[hospital], day, 1
                yield Reason.TRAVEL, "travel_km", "patients", day, 2 * km[home, hospital]
            came = s["treated"][p] if surgery[p] else s["admitted"][p]
            if came != NEVER:
                way = km[home, hospital] + km[home, self.last[p]]
                yield Reason.TRAVEL, "travel_km", "patients", came // DAY, way
        e = self.records.events
        for time, of, used in zip(
            e.session_time.tolist(), e.session_list.tolist(), e.session_used.tolist(), strict=True
        ):
            site, _, kind = self.records.facilities.lists[of]
            if kind == "theatre":
                yield Reason.THEATRE_MINUTES, "theatre_minute", self.trust_of[site], time // DAY, used
        for day, now in enumerate(self.by_day):
            for team in now.teams:
                yield (
                    Reason.TEAM_VISITS, "team_visit", self.trust_of[team.base], day,
                    self._team(team.id, day).enrolled * team.visits_per_enrolled_week / 7,
                )  # fmt: skip
            for m, kind, site, visits in self._visits(now):
                if site is None:
                    yield Reason.PRIVATE_VISITS, "private_visit", rhf, day, visits
                    yield Reason.TRAVEL, "travel_km", "patients", day, visits * 2 * kind.near_km
                    continue
                yield Reason.CLINIC_VISITS, "clinic_visit", self.trust_of[site], day, visits
                # of all visits the private ones are gone; near and video are shares of all
                there = 1 - kind.private_share
                if there > 0:
                    far = there - kind.near_share - kind.video_share
                    way = (far * km[m.number, site] + kind.near_share * kind.near_km) / there
                    yield Reason.TRAVEL, "travel_km", "patients", day, visits * 2 * way

    def _team(self, id: str, day: int):  # type: ignore[no-untyped-def]
        """The team with the people that shared staff leave it."""
        f = self.records.facilities
        region = f.regions[f.phase_of_day[day - f.first_day]]
        return next(t for t in region.teams if t.id == id)

    @staticmethod
    def _visits(region: Region) -> Iterator[tuple]:
        """(municipality, type, hospital or None for a private one, visits a day)."""
        for m in region.municipalities:
            for kind in region.visit_types:
                people = sum(n * rate for n, rate in zip(m.population, kind.per_1000, strict=True))
                visits = people * m.demand_factor / 1000 / 365
                yield m, kind, None, visits * kind.private_share
                hub = region.regional_hospital
                sites = [(m.catchment, 1 - kind.regional_share)]
                sites.append((hub.id if hub else m.catchment, kind.regional_share))
                for site, share in sites:
                    yield m, kind, site, visits * (1 - kind.private_share) * share

    # --- funding

    def funding(self) -> Iterator[tuple[int, str, str, float]]:
        """(day, home, trust that treats, DRG points)."""
        s, p, region = self.stay, self.records.patients, self.region
        weight_of = {x.id: x.drg_weight for x in region.specialties}
        surgery = self.records.itinerary.day_surgery.tolist()
        for k, (stream, type) in enumerate(zip(p.stream.tolist(), p.type.tolist(), strict=True)):
            points = weight_of.get(self.specialty[k], 0.0)
            if stream in TYPED:
                points = region.acute_types[type].drg_weight
            elif stream == ELECTIVE:
                points = region.elective_types[type].drg_weight
            home, hospital = self.home[k], s["hospital"][k]
            if s["seen"][k] != NEVER:
                trust = self.trust_of[self.hospitals[hospital]]
                yield s["seen"][k] // DAY, home, trust, region.rules.first_contact_weight
            if surgery[k] and s["treated"][k] != NEVER and s["admitted"][k] == NEVER:
                yield s["treated"][k] // DAY, home, self.trust_of[self.hospitals[hospital]], points
            elif s["left"][k] != NEVER and s["admitted"][k] != NEVER:
                start, moved, left = s["admitted"][k], s["moved"][k], s["left"][k]
                first = 1.0 if moved == NEVER else (moved - start) / (left - start)
                day = left // DAY
                yield day, home, self.trust_of[self.hospitals[hospital]], points * first
                if first < 1:
                    yield day, home, self.trust_of[self.last[k]], points * (1 - first)
        for day, now in enumerate(self.by_day):
            for m, kind, site, visits in self._visits(now):
                if site is not None:
                    yield day, m.number, self.trust_of[site], visits * kind.drg_weight


def check_payments(records: Records, ledger: Ledger) -> None:
    """Every payment of the ledger is one of the recount's, to the øre."""
    rows = np.flatnonzero(ledger.reason == Reason.PAYMENT)
    names = ledger.accounts
    found = [
        (int(ledger.day[i]), names[ledger.payer[i]], names[ledger.receiver[i]], int(ledger.amount[i]))
        for i in rows
    ]
    assert sorted(found) == Recount(records).payments()


def check_uses(records: Records, ledger: Ledger) -> None:
    """What is posted for each reason, payer and year of the study is what was used × the price of each
    day: to half an øre for each posting."""
    again, region, days = Recount(records), records.region, records.patients.days
    for costing, which in ((Costing.AVERAGE, "average_nok"), (Costing.MARGINAL, "marginal_nok")):
        price: dict[str, list[int]] = {}

        def of(item: str, which: str = which, price: dict = price) -> list[int]:
            if item not in price:
                price[item] = daily_price(region, item, which, days).tolist()
            return price[item]

        expected: dict[tuple[Reason, str], float] = defaultdict(float)
        for reason, item, payer, start, end, per_day in again.spans():
            nok = of(item)
            for day in range(max(start, 0) // DAY, min(-(-end // DAY), days)):
                seconds = min(end, (day + 1) * DAY) - max(start, day * DAY)
                if seconds > 0:
                    expected[reason, payer] += per_day * seconds / DAY * nok[day]
        for reason, item, payer, day, units in again.counts():
            if 0 <= day < days:
                expected[reason, payer] += units * of(item)[day]
        uses = {reason for reason, _ in expected} | set(USES)
        compare(ledger, costing, uses, expected)


USES = (
    Reason.BED_DAYS, Reason.THEATRE_MINUTES, Reason.CLINIC_VISITS, Reason.PLACE_DAYS, Reason.STRETCHED_DAYS,
    Reason.LONG_TERM_DAYS, Reason.HOUSING_DAYS, Reason.KAD_DAYS, Reason.HOME_CARE, Reason.HOME_VISITS,
    Reason.TEAM_VISITS, Reason.TRAVEL, Reason.PRIVATE_VISITS, Reason.PATIENT_TRANSFERS,
)  # fmt: skip


def compare(
    ledger: Ledger, costing: Costing, reasons: set[Reason], expected: dict[tuple[Reason, str], float]
) -> None:
    """Totals by reason and payer, as exact as the rounding of each posting allows."""
    found: dict[tuple[Reason, str], int] = defaultdict(int)
    postings: dict[tuple[Reason, str], int] = defaultdict(int)
    rows = np.flatnonzero(ledger.counts(costing) & np.isin(ledger.reason, list(reasons)))
    for reason, payer, amount in zip(
        ledger.reason[rows].tolist(), ledger.payer[rows].tolist(), ledger.amount[rows].tolist(), strict=True
    ):
        key = Reason(reason), ledger.accounts[payer]
        found[key] += amount
        postings[key] += 1
    for key in found.keys() | expected.keys():
        # a posting below half an øre is none, so a few may have gone
        room = 0.5 * postings[key] + 20 + 1e-9 * abs(expected.get(key, 0.0))
        assert abs(found[key] - expected.get(key, 0.0)) <= room, (key, costing, found[key], expected.get(key))


def check_funding(records: Records, ledger: Ledger) -> None:
    """The state's and the guests' trusts' payments, by who pays, as :func:`check_uses`."""
    again, region = Recount(records), records.region
    expected: dict[tuple[Reason, str], float] = defaultdict(float)
    received: dict[str, float] = defaultdict(float)

    def rule(day: int):  # type: ignore[no-untyped-def]
        return rule_of(again.by_day[day].rates.isf, on_date(region, day).year)

    for day, home, trust, points in again.funding():
        if not 0 <= day < again.days or rule(day) is None:
            continue
        isf = rule(day)
        value = points * isf.unit_price_nok * 100
        at_home = region.hospital(region.municipality(home).catchment).trust  # before any lever's day
        expected[Reason.ISF, "state"] += value * isf.share
        expected[Reason.ISF, "rhf"] += value * isf.share
        received[trust] += value * isf.share
        if at_home != trust and isf.guest_share > isf.share:
            expected[Reason.GUEST, at_home] += value * (isf.guest_share - isf.share)
    p = records.patients
    for k in np.flatnonzero(records.itinerary.bought).tolist():
        day = int(p.arrival[k]) // DAY
        if 0 <= day < again.days and (isf := rule(day)) is not None:
            value = region.elective_types[p.type[k]].drg_weight * isf.unit_price_nok * 100
            expected[Reason.ISF, "state"] += value * isf.share
            expected[Reason.PRIVATE_TREATMENTS, "rhf"] += value * isf.private_share
    compare(ledger, Costing.AVERAGE, {Reason.ISF, Reason.GUEST, Reason.PRIVATE_TREATMENTS}, expected)
    paid = ledger.flows(Costing.AVERAGE, 0, again.days)[1][:, Reason.ISF]
    rows = int((ledger.reason == Reason.ISF).sum())
    for trust, amount in received.items():
        assert abs(paid[ledger.accounts.index(trust)] - amount) <= 0.5 * rows + 20 + 1e-9 * amount


def inside(spans: list[tuple[int, int]], day: int) -> int:
    """How many are there at the midnight that begins the day."""
    return sum(start <= day * DAY < end for start, end in spans)


def check_capacity(records: Records, ledger: Ledger) -> None:
    """What is there each day, or in use where that is more: the parts that municipalities pay of a pool or
    unit add up to its cost, and are in proportion to their people to the øre; the rest has one payer."""
    f, region, days = records.facilities, records.region, records.patients.days
    again = Recount(records)

    def measured(by_day: np.ndarray) -> np.ndarray:
        return by_day[-f.first_day :] if f.first_day else by_day

    used = again.used()
    heir = measured(f.heir)
    parts: dict[tuple[int, int, int], dict[str, int]] = defaultdict(dict)
    shared = (Reason.PLACE_CAPACITY, Reason.KAD_CAPACITY)
    for i in np.flatnonzero(np.isin(ledger.reason, shared)).tolist():
        key = int(ledger.reason[i]), int(ledger.day[i]), int(ledger.subject[i])
        name = ledger.accounts[ledger.payer[i]]
        assert name not in parts[key]
        assert ledger.costing[i] == Costing.MARGINAL
        parts[key][name] = int(ledger.amount[i])
    for reason, item, ids, there, attribute in (
        (Reason.PLACE_CAPACITY, "short_term_day", f.pools, measured(f.places), "short_term_pool"),
        (Reason.KAD_CAPACITY, "kad_day", f.kad_units, measured(f.kad_beds), "kad_unit"),
    ):
        price = daily_price(region, item, "capacity_nok", days).tolist()
        for day in range(days):
            for k, id in enumerate(ids):
                users = {
                    m.number: round(m.inhabitants)
                    for m in again.by_day[day].municipalities
                    if getattr(m, attribute) == id
                }
                units = max(int(there[day, k]), inside(used[attribute, k], day))
                if reason == Reason.PLACE_CAPACITY and heir[day, k] >= 0:
                    units = 0  # those who are still there have places of the heir's
                whole = units * price[day] if users else 0
                paid = parts.pop((reason, day, k), {})
                assert sum(paid.values()) == whole
                assert paid.keys() <= users.keys()
                for number, people in users.items():
                    exact = Fraction(whole * people, max(1, sum(users.values())))
                    if sum(users.values()):
                        assert abs(paid.get(number, 0) - exact) < 1
    assert not parts
    expected: dict[tuple[Reason, str], float] = defaultdict(float)
    own = (
        (Reason.LONG_TERM_CAPACITY, "long_term_day", f.long_term_places),
        (Reason.HOUSING_CAPACITY, "housing_day", f.supported_housing),
        (Reason.HOME_CARE_CAPACITY, "home_care_start", f.home_care_starts),
    )
    for reason, item, by_day in own:  # of home care there are starts, and nobody inside
        price = daily_price(region, item, "capacity_nok", days).tolist()
        for day, row in enumerate(measured(by_day).tolist()):
            for m, units in zip(region.municipalities, row, strict=True):
                if units < UNLIMITED:
                    most = max(units, inside(used[item, m.number], day))
                    expected[reason, m.number] += price[day] * most
    sectors = {"bed_day": "somatic", "bed_day_phv": "phv", "bed_day_tsb": "tsb"}
    for item, sector in sectors.items():
        price = daily_price(region, item, "capacity_nok", days).tolist()
        for day, row in enumerate(measured(f.ward_beds).tolist()):
            for k, (ward, beds) in enumerate(zip(again.wards, row, strict=True)):
                if again.sector_of[ward.specialties[0]] == sector:
                    most = max(beds, inside(used["ward", k], day))
                    expected[Reason.BED_CAPACITY, again.trust_of[ward.hospital]] += most * price[day]
    for reason, item, names, capacity, unit in (
        (Reason.THEATRE_CAPACITY, "theatre_minute", f.lists, f.session_capacity, 1),
        (Reason.CLINIC_CAPACITY, "clinic_visit", f.clinics, f.clinic_capacity, 1000),
    ):
        price = daily_price(region, item, "capacity_nok", days).tolist()
        for name, row in zip(names, measured(capacity.T).T.tolist(), strict=True):
            if name[-1] == "ward":
                continue
            for day, amount in enumerate(row):
                expected[reason, again.trust_of[name[0]]] += amount / unit * price[day]
    compare(ledger, Costing.MARGINAL, {reason for reason, _ in expected}, expected)
    compare(ledger, Costing.AVERAGE, {r for r in Reason if r.name.endswith("CAPACITY")}, {})


def check_the_rest(records: Records, ledger: Ledger) -> None:
    """Team staff, grants and refunds of travel."""
    again, region, days = Recount(records), records.region, records.patients.days
    for costing, which in ((Costing.AVERAGE, "average_nok"), (Costing.MARGINAL, "capacity_nok")):
        price = daily_price(region, "team_staff_day", which, days).tolist()
        expected: dict[tuple[Reason, str], float] = defaultdict(float)
        for day, now in enumerate(again.by_day):
            for team in now.teams:
                own = again._team(team.id, day).staff_by_weekday[on_date(region, day).weekday()] * price[day]
                expected[Reason.TEAM_STAFF, again.trust_of[team.base]] += own * (1 - team.municipal_share)
                people = {n: round(now.municipality(n).inhabitants) for n in team.municipalities}
                whole = sum(people.values()) or 1
                for number, count in people.items():
                    expected[Reason.TEAM_STAFF, number] += own * team.municipal_share * count / whole
            for grant in now.grants:
                expected[Reason.GRANT, grant.payer] += round(grant.nok_per_day * 100)
        # the municipal part is rounded before it is divided, so a posting may be an øre or so off
        compare(ledger, costing, {Reason.TEAM_STAFF, Reason.GRANT}, expected)
    refund = daily_price(region, "travel_refund_km", "average_nok", days).tolist()
    way = sum(
        units * refund[day]
        for reason, _, _, day, units in again.counts()
        if reason == Reason.TRAVEL and 0 <= day < days
    )
    paid = ledger.amount[ledger.reason == Reason.TRAVEL_REFUND]
    assert abs(int(paid.sum()) - way) <= 0.5 * len(paid) + 20 + 1e-9 * way


def check_ledger(records: Records, ledger: Ledger) -> None:
    """Every law of the ledger of a run."""
    for costing in (Costing.AVERAGE, Costing.MARGINAL):
        paid, received = ledger.flows(costing, 0, records.patients.days)
        society = (received - paid)[: ledger.payers]
        assert paid.sum() == received.sum()
        assert ledger.balances(costing).sum() == 0
        assert society.sum() == -received[ledger.payers :].sum()
        assert society[:, Reason.PAYMENT].sum() == 0
        assert not paid[ledger.payers :].any()
    check_payments(records, ledger)
    check_uses(records, ledger)
    check_funding(records, ledger)
    check_capacity(records, ledger)
    check_the_rest(records, ledger)
