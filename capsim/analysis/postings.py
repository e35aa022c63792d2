"""From what happened to who pays for it: every fact of a run, priced and posted.

Facts before day 0 (the warm-up) are not posted; what goes on across day 0, a New Year or a year of the
study is divided there. A price is moved to the year of the fact (:meth:`Rates.level`).
"""

from __future__ import annotations

import numpy as np

from capsim.analysis.delays import DelayDays
from capsim.analysis.ledger import PATIENTS, RESOURCES, RHF, STATE, Costing, Ledger, Reason
from capsim.analysis.outpatients import outpatient
from capsim.analysis.pricing import DAYS_PER_YEAR, Poster, drg_weights
from capsim.demand.columns import DAY, KAD_OWN
from capsim.errors import InputError, Problem
from capsim.models.facilities import PATIENT, SECTORS
from capsim.models.pathway import HOUR, NEVER, Need
from capsim.models.records import Records
from capsim.region.rates import PaymentRule
from capsim.region.region import UNLIMITED

__all__ = ["BED_DAY", "post"]

BED_DAY = {"somatic": "bed_day", "phv": "bed_day_phv", "tsb": "bed_day_tsb"}


def post(records: Records, delays: DelayDays) -> Ledger:
    """The ledger of a run, both costings in one.

    Raises:
        InputError: if a grant names an account that the region does not have.
        InvariantError: if an øre was lost.
    """
    b = Poster(records, delays)
    for facts in (
        payment,
        hospital_stays,
        theatres,
        clinics,
        outpatients,
        journeys,
        transfers,
        private_treatments,
        short_term,
        settled,
        kad,
        home_care,
        kept_from_hospital,
        team_staff,
        team_visits,
        grants,
    ):
        facts(b)
    return b.book.close()


def payment(b: Poster) -> None:
    """Each overliggerdøgn, at the rule of the year its date is in."""
    d, p, s, plan = b.delays, b.patients, b.stays, b.plan
    rows = np.flatnonzero(d.counts)
    rows = rows[np.lexsort((d.day[rows], d.patient[rows]))]
    who, day = d.patient[rows], d.day[rows]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = who[1:] != who[:-1]
    begins = np.flatnonzero(new)
    nth = np.arange(len(rows)) - np.repeat(begins, np.diff(np.append(begins, len(rows)))) + 1
    rules = b.facilities.regions[0].rules
    early = np.minimum(s.admitted[who] + round(rules.notice_hours * HOUR), s.ready[who])
    notice = np.where(plan.notified_early[who], early, s.ready[who])
    since = (day + 1) * DAY - notice  # from the notice to the midnight
    sector = _sector(b, who)
    last = b.last_hospital()[who]
    for k, year in dict.fromkeys(zip(b.phase.tolist(), b.year.tolist(), strict=True)):
        rule = b.facilities.regions[k].rates.payment_in(year)
        if rule is None:
            continue
        here = np.flatnonzero((day >= 0) & (day < b.days))
        here = here[(b.phase[day[here]] == k) & (b.year[day[here]] == year)]
        here = here[np.isin(sector[here], [SECTORS.index(x) for x in rule.sectors])]
        here = here[since[here] > rule.notice_days * DAY]
        payer = (p.registered if rule.payer == "registered" else p.municipality)[who[here]]
        amount = _payments(rule, nth[here])
        b.book.post(Reason.PAYMENT, day[here], payer, b.trust[last[here]], amount, who[here])


def _sector(b: Poster, who: np.ndarray) -> np.ndarray:
    sector = np.array([SECTORS.index(s.sector) for s in b.region.specialties] + [0])
    return sector[b.plan.specialty[who]]


def hospital_stays(b: Poster) -> None:
    """Bed-days and staffed beds; activity-based funding of those who leave, and the settlement for
    guests."""
    f, s, plan = b.facilities, b.stays, b.plan
    who, ward, start, end = b.records.bed_spans()
    row, day, length = b.pieces(start, end)
    trust_of_ward = b.trust[f.ward_hospital]
    # beds close as they empty: one that is still in use is still staffed
    bedded = np.flatnonzero(s.bed[who] != NEVER)
    in_bed = np.maximum(start, s.bed[who])[bedded]
    in_beds = b.present(ward[bedded], in_bed, end[bedded], len(f.wards))
    sector_of_row = f.ward_sector[ward[row]]
    for sector, item in BED_DAY.items():
        of = f.ward_sector == SECTORS.index(sector)
        here = np.flatnonzero(sector_of_row == SECTORS.index(sector))
        if len(here):
            payer = trust_of_ward[ward[row[here]]]
            b.use(Reason.BED_DAYS, item, "beds", day[here], payer, length[here], who[row[here]])
        if of.any():
            beds = np.maximum(b.measured_days(f.ward_beds), in_beds) * of
            b.capacity(Reason.BED_CAPACITY, item, "beds", beds, trust_of_ward)
    stayed = b.measured(s.left)
    stayed = stayed[s.admitted[stayed] != NEVER]
    operated = b.measured(np.where(plan.day_surgery & (s.admitted == NEVER), s.treated, NEVER))
    rows = np.concatenate([stayed, operated])
    when = np.concatenate([s.left[stayed], s.treated[operated]])
    moved = s.moved[rows] != NEVER
    # the weight of a stay at two hospitals is divided by the time at each
    length = (when - s.admitted[rows]).clip(min=1)
    at_first = np.where(moved, (s.moved[rows] - s.admitted[rows]) / length, 1.0)
    points = drg_weights(b.records)[rows]
    day = when // DAY
    b.funding(day, b.home[rows], s.hospital[rows], points * at_first, rows)
    back = np.flatnonzero(moved)
    second = f.ward_hospital[s.moved_to[rows[back]]]
    b.funding(day[back], b.home[rows[back]], second, (points * (1 - at_first))[back], rows[back])


def theatres(b: Poster) -> None:
    """Minutes used in each session, and the minutes staffed."""
    e, f = b.records.events, b.facilities
    lists = f.lists
    theatre = np.array([kind == "theatre" for _, _, kind in lists] + [False])
    trust = np.array([b.trust[f.hospitals.index(h)] for h, _, _ in lists] + [0])
    rows = b.measured(e.session_time)
    rows = rows[theatre[e.session_list[rows]]]
    day, of = e.session_time[rows] // DAY, e.session_list[rows]
    b.use(Reason.THEATRE_MINUTES, "theatre_minute", "theatres", day, trust[of], e.session_used[rows], of)
    minutes = f.session_capacity[:, -f.first_day : b.days - f.first_day].T * theatre[:-1]
    b.capacity(Reason.THEATRE_CAPACITY, "theatre_minute", "theatres", minutes, trust[:-1])


def clinics(b: Poster) -> None:
    """First contacts, their funding, and the slots there are for them."""
    f, s = b.facilities, b.stays
    rows = b.measured(s.seen)
    day, hospital = s.seen[rows] // DAY, s.hospital[rows]
    one = np.ones(len(rows))
    b.use(Reason.CLINIC_VISITS, "clinic_visit", "clinics", day, b.trust[hospital], one, rows)
    weight = b.facilities.regions[0].rules.first_contact_weight
    b.funding(day, b.home[rows], hospital, one * weight, rows)
    slots = f.clinic_capacity[:, -f.first_day : b.days - f.first_day].T / PATIENT
    trust = np.array([b.trust[f.hospitals.index(h)] for h, _ in f.clinics], dtype=np.int64)
    b.capacity(Reason.CLINIC_CAPACITY, "clinic_visit", "clinics", slots, trust)


def outpatients(b: Poster) -> None:
    """Visits that are a load in closed form: an amount for each municipality, type and hospital and each
    stretch of days; resources over a stretch of one price, funding and refunds in each phase."""
    f = b.facilities
    if not any(region.visit_types for region in f.regions):
        return
    loads = [outpatient(region, f.hospitals) for region in f.regions]
    rhf = b.number[RHF]
    for first, last in b.stretches():
        phases, days = np.unique(b.phase[first:last], return_counts=True)
        part = list(zip(phases.tolist(), (days / DAYS_PER_YEAR).tolist(), strict=True))
        hospital_visits = sum(loads[k].at_hospital * years for k, years in part)
        private, km = np.zeros(len(b.people[0])), np.zeros(len(b.people[0]))
        m = np.arange(len(private))
        home, kind, hospital = (x.ravel() for x in np.indices(loads[0].at_hospital.shape))
        for k, years in part:
            load, types = loads[k], f.regions[k].visit_types
            private += load.visits @ np.array([t.private_share for t in types]) * years
            km += load.km.sum(axis=1) * years
            begins = first + int(np.argmax(b.phase[first:last] == k))
            points = load.at_hospital.ravel() * years * np.array([t.drg_weight for t in types])[kind]
            b.funding(np.full(len(points), begins), home, hospital, points, home)
            b.refund(np.full(len(m), begins), m, load.km.sum(axis=1) * years, m)
        day = np.full(hospital_visits.size, first)
        b.use(
            Reason.CLINIC_VISITS, "clinic_visit", "clinics", day, b.trust[hospital],
            hospital_visits.ravel(), home,
        )  # fmt: skip
        b.use(
            Reason.PRIVATE_VISITS, "private_visit", "private_providers",
            np.full(len(m), first), np.full(len(m), rhf), private, m,
        )  # fmt: skip
        b.travel(np.full(len(m), first), km, m)


def journeys(b: Poster) -> None:
    """Travel to and from stays, day surgery and first contacts."""
    s, f = b.stays, b.facilities
    table = b.region.travel_km
    km = np.array([[table[m.number, h] for h in f.hospitals] for m in b.region.municipalities])
    last = b.last_hospital()
    came = np.where(b.plan.day_surgery, s.treated, s.admitted)
    for time, back in ((came, last), (s.seen, s.hospital)):
        rows = b.measured(time)
        home = b.home[rows]
        way = km[home, s.hospital[rows]] + km[home, back[rows]]
        b.travel(time[rows] // DAY, way, rows)
        b.refund(time[rows] // DAY, home, way, rows)


def transfers(b: Poster) -> None:
    """Transport of those who move back to their catchment hospital, paid by the trust that sends them."""
    s = b.stays
    rows = b.measured(s.moved)
    day, trust = s.moved[rows] // DAY, b.trust[s.hospital[rows]]
    b.use(Reason.PATIENT_TRANSFERS, "transfer", "transport", day, trust, np.ones(len(rows)), rows)


def private_treatments(b: Poster) -> None:
    """Treatments bought from private providers, on the day of referral: the RHF pays, and keeps the
    activity-based funding."""
    rows = np.flatnonzero(b.plan.bought)
    rows = rows[np.isin(rows, b.measured(b.patients.arrival))]
    day = b.patients.arrival[rows] // DAY
    weight = np.array([t.drg_weight for t in b.region.elective_types] + [0.0])
    value = weight[b.patients.type[rows]] * b.unit[day]
    rhf = b.number[RHF]
    cost = np.rint(value * b.private_share[day]).astype(np.int64)
    b.book.post(Reason.PRIVATE_TREATMENTS, day, rhf, b.number["private_providers"], cost, rows)
    funding = np.rint(value * b.isf_share[day]).astype(np.int64)
    b.book.post(Reason.ISF, day, b.number[STATE], rhf, funding, rows)


def short_term(b: Poster) -> None:
    """Days in short-term places, ordinary and stretched, and the places there are."""
    f, s = b.facilities, b.stays
    there = s.place_start != NEVER
    for stretched, reason, item in (
        (False, Reason.PLACE_DAYS, "short_term_day"),
        (True, Reason.STRETCHED_DAYS, "stretched_day"),
    ):
        who = np.flatnonzero(there & (s.stretched == stretched))
        b.municipal(reason, item, "places", who, s.place_start[who], s.place_end[who])
    users = np.array(
        [
            [f.pools.index(m.short_term_pool) if m.short_term_pool else -1 for m in r.municipalities]
            for r in f.regions
        ]
    )
    who = np.flatnonzero(there & ~s.stretched)
    inside = b.present(s.pool[who], s.place_start[who], s.place_end[who], len(f.pools))
    # who stays on in a pool that was taken over has one of its heir's places
    places = np.where(b.measured_days(f.heir) >= 0, 0, np.maximum(b.measured_days(f.places), inside))
    b.shared_capacity(Reason.PLACE_CAPACITY, "short_term_day", "places", places, users)


def settled(b: Poster) -> None:
    """Long-term places and supported housing: the days of those who live there, and what there is of
    them for patients from hospital; temporary dwellings."""
    f, s, plan = b.facilities, b.stays, b.plan
    for kind, need, reason, capacity, item, there in (
        (0, Need.LONG_TERM, Reason.LONG_TERM_DAYS, Reason.LONG_TERM_CAPACITY, "long_term_day",
         f.long_term_places),
        (1, Need.HOUSING, Reason.HOUSING_DAYS, Reason.HOUSING_CAPACITY, "housing_day", f.supported_housing),
    ):  # fmt: skip
        who = np.flatnonzero((plan.need == need) & (s.settled != NEVER) & (s.left != NEVER))
        begins, ends = np.maximum(s.settled[who], s.left[who]), s.settled[who] + plan.settled_stay[who]
        b.municipal(reason, item, "places", who, begins, ends)
        home, leaves = _there_before(b, kind, there[0])
        row, day, length = b.pieces(np.zeros_like(leaves), leaves)
        b.use(reason, item, "places", day, home[row], length, home[row])
        lives = np.concatenate([b.home[who], home])
        since = np.concatenate([begins, np.zeros_like(leaves)])
        inside = b.present(lives, since, np.concatenate([ends, leaves]), there.shape[1])
        units = b.measured_days(there)
        units = np.where(units < UNLIMITED, np.maximum(units, inside), 0)
        b.capacity(capacity, item, "places", units, np.arange(units.shape[1]))
    who = np.flatnonzero((plan.need == Need.HOUSING) & s.stretched & (s.left != NEVER))
    until = s.left[who] + plan.settled_stay[who]
    b.municipal(Reason.STRETCHED_DAYS, "temporary_dwelling_day", "places", who, s.left[who], until)


def _there_before(b: Poster, kind: int, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those who live in the places or homes when the clock starts: municipality, and when they leave
    (``NEVER``: not in this run)."""
    f = b.facilities
    loaded = f.regions[0].rules.loaded_start
    full = np.where((places < UNLIMITED) & loaded, places, 0)
    time, home, of_kind = f.openings.T
    time, home = time[of_kind == kind], home[of_kind == kind]
    stay_on = np.repeat(np.arange(len(full)), full - np.bincount(home, minlength=len(full)))
    return np.concatenate([home, stay_on]), np.concatenate([time, np.full(len(stay_on), NEVER)])


def kad(b: Poster) -> None:
    """Days in KAD beds, and the beds, divided among their owners by population."""
    f, s, plan = b.facilities, b.stays, b.plan
    if not f.kad_units:
        return
    who = np.flatnonzero(s.kad_start != NEVER)
    b.municipal(Reason.KAD_DAYS, "kad_day", "kad", who, s.kad_start[who], s.kad_end[who])
    users = np.array(
        [[f.kad_units.index(m.kad_unit) if m.kad_unit else -1 for m in r.municipalities] for r in f.regions]
    )
    inside = b.present(plan.kad[who], s.kad_start[who], s.kad_end[who], len(f.kad_units))
    beds = np.maximum(b.measured_days(f.kad_beds), inside)
    b.shared_capacity(Reason.KAD_CAPACITY, "kad_day", "kad", beds, users)


def home_care(b: Poster) -> None:
    """A course of home care for each who goes home to it, and the starts there could be a day."""
    f, s = b.facilities, b.stays
    who = b.measured(np.where((b.plan.need == Need.HOME_CARE) & (s.offer != NEVER), s.left, NEVER))
    _courses(b, who, s.left[who])
    starts = b.measured_days(f.home_care_starts)
    starts = np.where(starts < UNLIMITED, starts, 0)
    b.capacity(Reason.HOME_CARE_CAPACITY, "home_care_start", "home_care", starts, np.arange(starts.shape[1]))


def _courses(b: Poster, who: np.ndarray, time: np.ndarray) -> None:
    one = np.ones(len(who))
    b.use(Reason.HOME_CARE, "home_care_start", "home_care", time // DAY, b.home[who], one, who)


def kept_from_hospital(b: Poster) -> None:
    """What the municipality would have given after the stay that a team or KAD stood in for: a need does
    not go away with the admission. A course of home care, or days in a place of the length drawn, at
    the price of those used; it takes nobody's place."""
    s, plan = b.stays, b.plan
    instead = (s.asked == NEVER) & (b.patients.stream != KAD_OWN) & ~plan.dies
    over = np.where(instead, np.maximum(s.team_end, s.kad_end), NEVER)
    who = b.measured(np.where(plan.need == Need.HOME_CARE, over, NEVER))
    _courses(b, who, over[who])
    for need, stay, reason, item in (
        (Need.SHORT_TERM, plan.place_stay, Reason.PLACE_DAYS, "short_term_day"),
        (Need.LONG_TERM, plan.settled_stay, Reason.LONG_TERM_DAYS, "long_term_day"),
    ):
        who = np.flatnonzero((plan.need == need) & (over != NEVER))
        b.municipal(reason, item, "places", who, over[who], over[who] + stay[who])


def team_staff(b: Poster) -> None:
    """Staff on duty, whether they have patients or not: paid by the base's trust and, for their share,
    by the municipalities served."""
    f, to = b.facilities, b.number["teams"]
    for staffing, costing in (("average_nok", Costing.AVERAGE), ("capacity_nok", Costing.MARGINAL)):
        price = b.price("team_staff_day", staffing)
        for k in np.unique(b.phase).tolist():
            region, days = f.regions[k], b.day[b.phase == k]
            numbers = [m.number for m in region.municipalities]
            for team in region.teams:
                duty = np.array(team.staff_by_weekday)[b.weekday[days]]
                amount = np.rint(duty * price[days]).astype(np.int64)
                index = f.teams.index(team.id)
                municipal = np.rint(amount * team.municipal_share).astype(np.int64)
                served = np.array([numbers.index(m) for m in team.municipalities])
                b.book.post_shared(
                    Reason.TEAM_STAFF, days, served, b.people[k, served], to, municipal, index, costing
                )
                trust = b.number[region.hospital(team.base).trust]
                b.book.post(Reason.TEAM_STAFF, days, trust, to, amount - municipal, index, costing)


def team_visits(b: Poster) -> None:
    """Visits in courses and to those enrolled; and those of home care beside a course at home."""
    f, s = b.facilities, b.stays
    if not f.teams:
        return
    latest = {t.id: t for region in f.regions for t in region.teams}
    trust = np.array([b.number[b.region.hospital(latest[t].base).trust] for t in f.teams])
    per_day = np.array([latest[t].visits_per_patient_day for t in f.teams])
    beside = np.array([latest[t].municipal_visits_per_day for t in f.teams])
    for team, start, end, at_home in (
        (s.team, s.team_start, s.team_end, True),
        (s.follow_team, s.follow_start, s.follow_end, False),
    ):
        who = np.flatnonzero(start != NEVER)
        row, day, length = b.pieces(start[who], end[who])
        of = team[who[row]]
        b.use(Reason.TEAM_VISITS, "team_visit", "teams", day, trust[of], length * per_day[of], who[row])
        if at_home:
            home = b.home[who[row]]
            b.use(Reason.HOME_VISITS, "home_visit", "home_care", day, home, length * beside[of], who[row])
    index = np.arange(len(f.teams))
    for first, last in b.stretches():
        visits = np.zeros(len(f.teams))
        for k, days in zip(*np.unique(b.phase[first:last], return_counts=True), strict=True):
            for t in f.regions[k].teams:
                visits[f.teams.index(t.id)] += t.enrolled * t.visits_per_enrolled_week * days / 7
        b.use(Reason.TEAM_VISITS, "team_visit", "teams", np.full(len(index), first), trust, visits, index)


def grants(b: Poster) -> None:
    """Each grant, each day that it is in force."""
    for k in np.unique(b.phase).tolist():
        days = b.day[b.phase == k]
        for i, grant in enumerate(b.facilities.regions[k].grants):
            amount = np.full(len(days), round(grant.nok_per_day * 100))
            payer, receiver = (_account(b, grant.id, name) for name in (grant.payer, grant.receiver))
            b.book.post(Reason.GRANT, days, payer, receiver, amount, i)


def _account(b: Poster, grant: str, name: str) -> int:
    known = b.accounts[: -len(RESOURCES)]
    if name not in known:
        allowed = f"must be a payer: a municipality's number, a trust, {RHF}, {STATE} or {PATIENTS}"
        raise InputError(Problem(f"grant {grant}", allowed, column="payer or receiver", value=name))
    return b.number[name]


def _payments(rule: PaymentRule, nth: np.ndarray) -> np.ndarray:
    """Whole øre for each overliggerdøgn, by its number in the stay."""
    most = int(nth.max(initial=0))
    by_number = [round(rule.nok_per_day * 100 * rule.factor(n)) for n in range(most + 1)]
    return np.array(by_number, dtype=np.int64)[nth]
