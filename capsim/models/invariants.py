"""Conservation laws, checked after every run. Vectorised: a few percent of the run's time.

Each law is a function that returns the number of violations. A violation means a fault in the
engine, never in the input: the result must not be used.
"""

from __future__ import annotations

import numpy as np

from capsim.demand.columns import ASSESSMENT, ELECTIVE, FROM_HOME
from capsim.demand.patients import READMISSION_WINDOW_DAYS
from capsim.errors import InvariantError
from capsim.models import holdings
from capsim.models.facilities import PATIENT
from capsim.models.holdings import Spans, until
from capsim.models.pathway import DAY, HOUR, NEVER, Cause, Need, Outcome, Start
from capsim.models.records import Records

__all__ = ["LAWS", "check"]

SETTLED = (Need.LONG_TERM, Need.HOUSING)
MISSING = {
    Need.HOME_CARE: Cause.HOME_CARE,
    Need.SHORT_TERM: Cause.SHORT_TERM,
    Need.LONG_TERM: Cause.LONG_TERM,
    Need.HOUSING: Cause.HOUSING,
}


def check(records: Records) -> None:
    """Raise :class:`InvariantError` naming every law that does not hold."""
    broken = [f"{law.__name__}: {n} violations" for law in LAWS if (n := law(records)) > 0]
    if broken:
        p = records.patients
        raise InvariantError(
            f"region {records.region.name}, seed {p.seed}, replication {p.replication}: {'; '.join(broken)}"
        )


# ---------------------------------------------------------------- everyone


def everyone_is_somewhere(records: Records) -> int:
    """Arrivals = finished + died + inside: everyone in the scenario has exactly one end or
    whereabouts, and the times say the same as the outcome."""
    s, plan, o = records.stays, records.itinerary, records.stays.outcome
    inside = (s.arrived != NEVER) & (plan.start != Start.GONE)
    in_hospital = (s.admitted != NEVER) & (s.left == NEVER)
    in_place = (s.place_start != NEVER) & (s.place_end == NEVER)
    in_kad = (s.kad_start != NEVER) & (s.kad_end == NEVER)
    with_team = (s.team_start != NEVER) & (s.team_end == NEVER)
    waits = s.joined & (s.asked == NEVER)
    at_clinic = waits & (_clinic(records) >= 0) & (s.seen == NEVER)
    called = (s.asked != NEVER) & (s.admitted == NEVER) & (s.treated == NEVER)
    died = plan.dies & (s.left != NEVER)
    wrong = inside != (o != Outcome.NOT_IN_SCENARIO)
    wrong |= (o == Outcome.IN_HOSPITAL) != in_hospital
    wrong |= (o == Outcome.IN_PLACE) != in_place
    wrong |= (o == Outcome.IN_KAD) != in_kad
    wrong |= (o == Outcome.WITH_TEAM) != with_team
    wrong |= (o == Outcome.AT_CLINIC) != at_clinic
    wrong |= (o == Outcome.ON_LIST) != (waits & ~at_clinic & plan.goes_on)
    wrong |= (o == Outcome.ASSESSED) != (waits & ~at_clinic & ~plan.goes_on)
    wrong |= np.isin(o, (Outcome.AWAITING_BED, Outcome.NOT_YET)) != called
    wrong |= (o == Outcome.DIED) != died
    wrong |= died & ((s.ready != NEVER) | (s.place_start != NEVER) | (s.follow_start != NEVER))
    ended = np.stack([s.left, s.place_end, s.kad_end, s.team_end, s.treated]) != NEVER
    wrong |= (o == Outcome.HOME) & ~ended.any(axis=0)
    return int(wrong.sum())


def nothing_out_of_order(records: Records) -> int:
    """Nobody starts before arriving, and each step comes after the one before."""
    s = records.stays
    arrival = np.where(s.arrived == NEVER, records.patients.arrival, s.arrived)
    steps = (
        (arrival, s.seen),
        (s.seen, s.asked),
        (arrival, s.asked),
        (s.asked, s.admitted),
        (s.admitted, s.bed),
        (s.admitted, s.moved),
        (s.bed, s.moved),
        (s.moved, s.ready),
        (s.moved, s.left),
        (s.admitted, s.ready),
        (s.ready, s.can_receive),
        (s.ready, s.ill),
        (s.ill, s.ready_again),
        (s.ready_again, s.offer),
        (s.can_receive, s.offer),
        (s.offer, s.settled),
        (s.ready, s.left),
        (s.left, s.follow_start),
        (s.follow_start, s.follow_end),
        (s.offer, s.left),
        (s.left, s.place_start),
        (s.place_start, s.place_end),
        (arrival, s.kad_start),
        (s.kad_start, s.kad_end),
        (arrival, s.team_start),
        (s.team_start, s.team_end),
        (arrival, s.treated),
    )
    both = sum(int(((a != NEVER) & (b != NEVER) & (a > b)).sum()) for a, b in steps)
    # a step that needs another does not happen without it
    needs = (
        (s.asked, s.admitted), (s.admitted, s.left), (s.can_receive, s.offer), (s.offer, s.place_start),
        (s.ill, s.ready_again), (s.offer, s.settled), (s.left, s.follow_start), (s.bed, s.moved),
    )  # fmt: skip
    from_home = (records.patients.stream == FROM_HOME) | (records.itinerary.start == Start.IN_PLACE)
    return both + sum(int(((a == NEVER) & (b != NEVER) & ~from_home).sum()) for a, b in needs)


def nobody_in_two_beds(records: Records) -> int:
    """A hospital bed, a KAD bed, a municipal place and a team's place follow each other."""
    s = records.stays
    spans = (
        (s.kad_start, s.kad_end),
        (s.admitted, s.left),
        (s.place_start, s.place_end),
        (s.team_start, s.team_end),
    )
    wrong = 0
    for i, (a, b) in enumerate(spans):
        for c, d in spans[i + 1 :]:
            seen = (a != NEVER) & (c != NEVER)
            wrong += int(((a[seen] < until(d[seen])) & (c[seen] < until(b[seen]))).sum())
    return wrong


def whole_hours(records: Records) -> int:
    """What the rules give an hour of the day happens at it: ward rounds, discharge, first contact."""
    rules, s, plan = records.region.rules, records.stays, records.itinerary
    noon = (plan.need != Need.HOME_CARE) & (s.outcome != Outcome.DIED)
    seen = np.where(_clinic(records) >= 0, s.seen, NEVER)
    hours: tuple[tuple[np.ndarray, float | None], ...] = (
        (s.ready, rules.ward_round_hour),
        (s.ready_again, rules.ward_round_hour),
        (s.left[noon], rules.discharge_hour),
        (s.moved, rules.discharge_hour),
        (seen[seen >= records.clock_start], rules.clinic_hour),
    )
    wrong = 0
    for times, hour in hours:
        if hour is not None:
            wrong += int((times[times != NEVER] % DAY != round(hour * HOUR)).sum())
    return wrong


# ---------------------------------------------------------------- beds and places


def within_capacity(records: Records) -> int:
    """Nobody gets a bed or place beyond the day's: of beds, KAD beds, team places, long-term places
    and homes, and of short-term places but for extra ones. (Those beyond it when it fell stay.)
    Guests of a ward leave its acute reserve free, people from home the places that are kept."""
    s, p, f, plan = records.stays, records.patients, records.facilities, records.itinerary
    beds, (places, from_closed) = holdings.beds(records), holdings.places_counted(records)
    moved = beds.start == s.moved[beds.patient]
    own = f.ward_of[s.hospital[beds.patient], plan.specialty[beds.patient]]
    guest = ~moved & (own != beds.unit)
    from_home = p.stream[places.patient] == FROM_HOME
    extra = s.stretched[places.patient] | from_closed
    wrong = _over(records, beds, f.ward_beds, np.where(guest, f.ward_reserve[beds.unit], 0), kept=moved)
    day = (places.start // DAY - f.first_day).clip(min=0, max=len(f.kept_free) - 1)
    kept_free = np.where(from_home, f.kept_free[day, places.unit], 0)
    wrong += _over(records, places, f.places, kept_free, exempt=extra)
    wrong += _over(records, holdings.kad_beds(records), f.kad_beds)
    wrong += _over(records, holdings.team_places(records), f.team_places)
    for need in SETTLED:
        wrong += _over(records, holdings.settled(records, need), holdings.capacity_of(f, need))
    return wrong


def _over(
    records: Records,
    spans: Spans,
    capacity: np.ndarray,
    leave: np.ndarray | int = 0,
    exempt: np.ndarray | bool = False,
    kept: np.ndarray | bool = False,
) -> int:
    """How many began when no more than ``leave`` was left of the day's ``capacity`` (days, units); but
    for those who were there when the clock started or are ``exempt``. A bed that is ``kept`` may have
    been so since the day before; and who leaves at midnight does so before beds close. Of those who
    come in one second, the ones that must leave something are taken to come first."""
    exempt = exempt | (spans.start <= records.clock_start)
    day = spans.start // DAY - records.facilities.first_day
    there = capacity[day.clip(min=0), spans.unit]
    before = capacity[(day - 1).clip(min=0), spans.unit]
    limit = np.where(kept | (spans.start % DAY == 0), np.maximum(there, before), there) - leave
    level = spans.level(last=exempt | (np.broadcast_to(leave, limit.shape) == 0))
    return int((~exempt & (level > limit)).sum())


def census_agrees(records: Records) -> int:
    """Bed-days by place = bed-days by patient: at every midnight the engine's count of each ward,
    pool, unit and team is the number of stays that cover it. (Who came or left exactly at
    midnight may have done so before or after the count.)"""
    e = records.events
    wrong = 0
    for spans, counted in (
        (holdings.beds(records), e.census_ward),
        (holdings.places(records), e.census_pool),
        (holdings.kad_beds(records), e.census_kad),
        (holdings.team_places(records), e.census_team),
    ):
        least, most = spans.present(_midnights(records))
        wrong += int(((counted < least) | (counted > most)).sum())
    return wrong


def _midnights(records: Records) -> np.ndarray:
    """Of the census, in seconds: row 0 ends the first simulated day."""
    first = records.facilities.first_day + 1
    return np.arange(first, first + len(records.events.census_ward), dtype=np.int64) * DAY


def nobody_waits_beside_a_free_place(records: Records) -> int:
    """At no midnight is there a free bed or place and somebody who waits for it."""
    s, e, f, plan = records.stays, records.events, records.facilities, records.itinerary
    midnights = _midnights(records)
    here = np.flatnonzero((s.asked != NEVER) & ~plan.day_surgery)
    for_bed = Spans(
        here,
        f.ward_of[s.hospital[here], plan.specialty[here]],
        s.asked[here],
        np.where(s.bed[here] != NEVER, s.bed[here], until(s.left[here])),
        len(f.wards),
    )
    back = np.flatnonzero(s.moved != NEVER)  # the bed is kept for them from the asking
    kept = Spans(back, s.moved_to[back], s.moved[back] - DAY, s.moved[back], len(f.wards))
    wrong = _idle(for_bed, midnights, e.census_ward + kept.present(midnights)[1], f.ward_beds)
    for_place = _asking(records, (Need.SHORT_TERM, Need.LONG_TERM), s.pool, len(f.pools))
    places, _ = holdings.places_counted(records)
    wrong += _idle(for_place, midnights, places.present(midnights)[1], f.places)
    for need in SETTLED:
        taken = holdings.settled(records, need)
        home = records.patients.municipality
        to_settle = _asking(records, (need,), home, taken.count, to_settle=need == Need.LONG_TERM)
        wrong += _idle(to_settle, midnights, taken.present(midnights)[1], holdings.capacity_of(f, need))
    return wrong


def _idle(waits: Spans, times: np.ndarray, taken: np.ndarray, capacity: np.ndarray) -> int:
    """How often somebody waits for a unit that has something free at one of ``times``, the ends of days."""
    return int(((waits.present(times)[0] > 0) & (taken < capacity[: len(times)])).sum())


def _asking(
    records: Records, needs: tuple[Need, ...], unit: np.ndarray, count: int, to_settle: bool = False
) -> Spans:
    """When patients with one of ``needs`` ask the municipality: from when it can receive until the
    offer, or illness; once more when ready anew. ``to_settle``: until a long-term place, for which
    they wait in a short-term place too."""
    s = records.stays
    who = np.flatnonzero(np.isin(records.itinerary.need, needs) & (s.can_receive != NEVER) & (unit >= 0))
    first, ill, again = s.can_receive[who], s.ill[who], s.ready_again[who]
    end = until(s.offer[who])
    if to_settle:
        waited = np.where(s.settled[who] != NEVER, s.settled[who], until(s.place_end[who]))
        end = np.where(s.offer[who] != NEVER, waited, holdings.FOREVER)
    was_ill = ill != NEVER
    before = ~was_ill | (first < ill)
    after = was_ill & (again != NEVER)
    return Spans(
        np.concatenate([who[before], who[after]]),
        np.concatenate([unit[who[before]], unit[who[after]]]),
        np.concatenate([first[before], np.maximum(first, again)[after]]),
        np.concatenate([np.where(was_ill, ill, end)[before], end[after]]),
        count,
    )


def home_care_within_starts(records: Records) -> int:
    """No more home-care starts in a day than the municipality has, hospital-at-home included; and
    nobody waits past a morning on which one is left."""
    s, plan, f, p = records.stays, records.itinerary, records.facilities, records.patients
    used = np.zeros(f.home_care_starts.shape, dtype=np.int64)
    visited = {t.id for r in f.regions for t in r.teams if t.municipal_visits_per_day > 0}
    with_home_care = np.array([*(t in visited for t in f.teams), False])[s.team]
    for time, who in (
        (s.offer, (plan.need == Need.HOME_CARE) & (s.offer != NEVER)),
        (s.ready, holdings.discharged_early(records) & with_home_care),
    ):
        np.add.at(used, (time[who] // DAY - f.first_day, p.municipality[who]), 1)
    mornings = np.arange(len(used), dtype=np.int64) + f.first_day
    mornings = mornings * DAY + round(records.region.rules.home_care_morning_hour * HOUR)
    waits = _asking(records, (Need.HOME_CARE,), p.municipality, f.home_care_starts.shape[1])
    return int((used > f.home_care_starts).sum()) + _idle(waits, mornings, used, f.home_care_starts)


def refused_only_when_full(records: Records) -> int:
    """KAD refuses only when its beds are taken; people from home are turned away only when no more
    short-term places than are kept are free."""
    s, plan, f = records.stays, records.itinerary, records.facilities
    places, _ = holdings.places_counted(records)
    wrong = 0
    for refused, unit, spans, capacity in (
        (s.kad_refused, plan.kad, holdings.kad_beds(records), f.kad_beds),
        (s.outcome == Outcome.TURNED_AWAY, s.pool, places, f.places - f.kept_free),
    ):
        who = np.flatnonzero(refused)
        when = s.arrived[who]
        there = capacity[when // DAY - f.first_day, unit[who]]
        wrong += int((spans.at(unit[who], when) < there).sum())
    return wrong


def settled_once(records: Records) -> int:
    """Long-term places are for those who need one, and homes; a short-term place closes behind who
    gets a long-term one, and who has a temporary dwelling has no home."""
    s, need = records.stays, records.itinerary.need
    there = s.settled != NEVER
    wrong = there & ~np.isin(need, SETTLED)
    wrong |= there & (need == Need.HOUSING) & (s.stretched | (s.settled != s.offer))
    in_place = there & (need == Need.LONG_TERM) & (s.place_start != NEVER)
    wrong |= in_place & ((s.place_end != s.settled) | (s.settled < s.place_start))
    return int(wrong.sum())


# ---------------------------------------------------------------- the hospital


def everyone_lies_where_allowed(records: Records) -> int:
    """In a ward of the hospital the patient was sent to: the specialty's own or, if acute, one of its
    outliers; moved to the ward of the catchment hospital that was to take the patient back; sent
    elsewhere than planned only to a site that is an option."""
    s, plan, f = records.stays, records.itinerary, records.facilities
    here = s.admitted != NEVER
    ward, site = s.ward[here], s.hospital[here]
    own = f.ward_of[site, plan.specialty[here]]
    allowed = np.eye(len(f.wards), dtype=bool)
    for w, outliers in enumerate(f.outliers):
        allowed[w, list(outliers)] = True
    wrong = int(((ward < 0) | (own < 0) | (f.ward_hospital[ward] != site) | ~allowed[own, ward]).sum())
    planned = (records.patients.stream[here] == ELECTIVE) & (plan.start[here] != Start.IN_BED)
    wrong += int((planned & (own != ward)).sum())
    moved = s.moved != NEVER
    wrong += int((moved != (s.moved_to >= 0)).sum())
    wrong += int((moved & ((s.moved_to != plan.home_ward) | (plan.transfer_after < 0))).sum())
    elsewhere = np.flatnonzero(s.hospital != plan.hospital)
    chose = elsewhere[plan.option[elsewhere] >= 0]
    wrong += len(elsewhere) - len(chose)
    return wrong + int((plan.options[plan.option[chose], s.hospital[chose]] == -np.inf).sum())


def illness_stops_the_wait(records: Records) -> int:
    """Whoever still waits for the municipality when ill again is so then, is offered nothing until
    declared ready anew, and only once."""
    s, plan = records.stays, records.itinerary
    waits = (s.ready != NEVER) & (plan.need != Need.NOTHING)
    due = s.ready + plan.ill_after
    falls = waits & (plan.ill_after > 0) & (due < until(s.offer)) & (due < records.clock_end)
    wrong = (s.ill != NEVER) != falls
    wrong |= falls & (s.ill != due)
    wrong |= (s.ready_again != NEVER) & (s.ready_again <= s.ill)
    wrong |= falls & (s.offer != NEVER) & ((s.ready_again == NEVER) | (s.offer < s.ready_again))
    return int(wrong.sum())


def teams_take_their_own(records: Records) -> int:
    """A team takes those it was to treat, take home early or follow up; a follow-up begins when the
    patient leaves and lasts for the course, or until the readmission."""
    s, plan = records.stays, records.itinerary
    early = holdings.discharged_early(records)
    wrong = int(((s.team < 0) & (s.team_start != NEVER)).sum())
    for team, eligible, who in (
        (s.team, plan.averts, (s.team >= 0) & ~early),
        (s.team, plan.early, early),
        (s.follow_team, plan.follows, s.follow_team >= 0),
    ):
        rows = np.flatnonzero(who)
        wrong += int((~eligible[rows, team[rows]]).sum())
    wrong += int(((s.follow_team >= 0) != (s.follow_start != NEVER)).sum())
    who = np.flatnonzero(s.follow_team >= 0)
    wrong += int((s.follow_start[who] != s.left[who]).sum())
    end = np.minimum(s.follow_start[who] + plan.course[who, s.follow_team[who]], _comes_back(records)[who])
    return wrong + int((s.follow_end[who] != np.where(end < records.clock_end, end, NEVER)).sum())


def readmissions_follow(records: Records) -> int:
    """A readmission comes when it is to come, within 30 days of its parent's leaving alive, and only
    then; the parent is no longer in a place or with a team."""
    s, p, plan = records.stays, records.patients, records.itinerary
    child = np.flatnonzero(p.parent >= 0)
    parent = p.parent[child]
    back = _comes_back(records)[parent]
    in_time = (back >= records.clock_start) & (back < records.clock_end)
    wrong = s.arrived[child] != np.where(in_time, back, NEVER)
    came = s.arrived[child] != NEVER
    left = np.where(s.left[parent] == NEVER, plan.began[parent], s.left[parent])
    wrong |= came & ((back - left <= 0) | (back - left > READMISSION_WINDOW_DAYS * DAY))
    wrong |= came & (s.outcome[parent] == Outcome.DIED)
    for end in (s.place_end, s.team_end, s.follow_end):
        wrong |= came & (end[parent] > s.arrived[child])
    for start, end in ((s.place_start, s.place_end), (s.team_start, s.team_end)):
        wrong |= came & (start[parent] != NEVER) & (end[parent] == NEVER)
    return int(wrong.sum())


def _comes_back(records: Records) -> np.ndarray:
    """When each patient is to be readmitted, far in the future if not: after leaving, or after having
    left before the clock started."""
    s, plan = records.stays, records.itinerary
    before = np.isin(plan.start, (Start.GONE, Start.IN_PLACE)) & plan.active
    left = np.where(before, plan.began, s.left)
    rows = np.arange(len(left))
    comes = plan.readmits.copy()
    followed = s.follow_team >= 0
    comes[followed] = plan.readmits_followed[rows[followed], s.follow_team[followed]]
    comes &= (before | (left != NEVER)) & ~plan.dies
    return np.where(comes, left + plan.readmit_delay, holdings.FOREVER)


# ---------------------------------------------------------------- referrals


def lists_add_up(records: Records) -> int:
    """Little's law as an identity: after every session as many are waiting as have joined and not been
    called in, so the area under that number is the patients' waiting."""
    s, plan, p, e = records.stays, records.itinerary, records.patients, records.events
    f = records.facilities
    if not f.lists:
        return 0
    of_list = np.where(plan.goes_on, f.type_list[np.where(plan.goes_on, p.type, 0), s.hospital], -1)
    joined = s.joined & (of_list >= 0) & (plan.start != Start.IN_BED)
    since = p.arrival.clip(min=records.clock_start - 1)
    wrong = 0
    for index in range(len(f.lists)):
        here = joined & (of_list == index)
        held = e.session_list == index
        called = until(s.asked[here])
        time = e.session_time[held]
        length = np.searchsorted(np.sort(since[here]), time) - np.searchsorted(
            np.sort(called), time, side="right"
        )
        wrong += int((length != e.session_waiting[held]).sum())
    return wrong


def sessions_within_minutes(records: Records) -> int:
    """No session uses more than it has; planned = called in + postponed."""
    e, s = records.events, records.stays
    over = int(((e.session_used + e.session_lost > e.session_capacity) | (e.session_lost < 0)).sum())
    mismatch = int(s.postponed.sum()) != len(e.postponed_time) or int(e.session_postponed.sum()) != len(
        e.postponed_time
    )
    called = (s.asked != NEVER) & (records.itinerary.list >= 0) & (records.itinerary.start != Start.IN_BED)
    return over + mismatch + int((s.planned - s.postponed != called).sum())


def postponements_have_a_cause(records: Records) -> int:
    """A municipality is the cause of a postponement only while one of its patients lies ready and
    waiting in that hospital, for what is said to be missing."""
    s, e, f = records.stays, records.events, records.facilities
    wrong = int(((e.postponed_cause < 0) | (e.postponed_cause > Cause.HOSPITAL)).sum())
    municipal = e.postponed_cause < Cause.HOSPITAL
    time, cause = e.postponed_time[municipal], e.postponed_cause[municipal]
    site = s.hospital[e.postponed_patient[municipal]].astype(np.int64)
    blocked = np.zeros(len(time), dtype=np.int64)
    lies = np.where(s.moved != NEVER, f.ward_hospital[s.moved_to], s.hospital)
    for need, missing in MISSING.items():
        asks = _asking(records, (need,), lies, len(f.hospitals))
        blocked += np.where(cause == missing, asks.at(site, time), 0)
    blocked += np.where(cause == Cause.RESPONSE, _unanswered(records, lies).at(site, time), 0)
    return wrong + int((blocked <= 0).sum())


def _unanswered(records: Records, lies: np.ndarray) -> Spans:
    """When patients lie ready in a hospital (index ``lies``) until the municipality can receive them."""
    s = records.stays
    who = np.flatnonzero((s.ready != NEVER) & (records.itinerary.need != Need.NOTHING))
    can_receive, again = until(s.can_receive[who]), s.ready_again[who]
    first = np.minimum(can_receive, until(s.ill[who]))
    anew = again != NEVER
    return Spans(
        np.concatenate([who, who[anew]]),
        np.concatenate([lies[who], lies[who[anew]]]),
        np.concatenate([s.ready[who], again[anew]]),
        np.concatenate([first, np.maximum(can_receive, again)[anew]]),
        len(records.facilities.hospitals),
    )


def only_candidates_stay_away(records: Records) -> int:
    """Only the referred join or stay away, and nobody treated has not joined."""
    s, elective = records.stays, np.isin(records.patients.stream, (ELECTIVE, ASSESSMENT))
    joined_without = (s.joined & ~elective) | ((s.treated != NEVER) & ~s.joined)
    away = (s.outcome == Outcome.NOT_JOINED) & (s.joined | ~elective)
    return int((joined_without | away).sum())


def _clinic(records: Records) -> np.ndarray:
    """The clinic that each of those referred waits for, at the site they were sent to; -1 for none."""
    s, p, f = records.stays, records.patients, records.facilities
    referred = np.isin(p.stream, (ELECTIVE, ASSESSMENT))
    out = np.full(len(p), -1, dtype=np.int64)
    if f.clinics:
        out[referred] = f.type_clinic[p.type[referred], s.hospital[referred]]
    return out


def clinics_within_slots(records: Records) -> int:
    """No more first contacts in a day than the slots of the day and what was saved of one, nobody seen
    longer ahead of the plan than is allowed, and nobody who may be seen waits while a slot is left."""
    s, plan, f, p = records.stays, records.itinerary, records.facilities, records.patients
    if not f.clinics:
        return 0
    clinic = np.where(s.joined & (plan.start != Start.IN_BED), _clinic(records), -1)
    who = np.flatnonzero((clinic >= 0) & ((s.seen >= records.clock_start) | (s.seen == NEVER)))
    seen = who[s.seen[who] != NEVER]
    slots = f.clinic_capacity.T
    used = np.zeros(slots.shape, dtype=np.int64)
    np.add.at(used, (s.seen[seen] // DAY - f.first_day, clinic[seen]), 1)
    too_many = used * PATIENT > slots + PATIENT - 1
    early = s.seen[seen] < plan.not_before[seen]
    may = np.maximum(np.maximum(p.arrival, plan.not_before), records.clock_start)[who]
    waits = Spans(who, clinic[who], may, until(s.seen[who]), len(f.clinics))
    mornings = np.arange(len(slots), dtype=np.int64) + f.first_day
    mornings = mornings * DAY + round(records.region.rules.clinic_hour * HOUR)
    left = _idle(waits, mornings, used, slots // PATIENT)
    return int(too_many.sum() + early.sum()) + left


LAWS = (
    everyone_is_somewhere,
    nothing_out_of_order,
    nobody_in_two_beds,
    whole_hours,
    within_capacity,
    census_agrees,
    nobody_waits_beside_a_free_place,
    home_care_within_starts,
    refused_only_when_full,
    settled_once,
    everyone_lies_where_allowed,
    illness_stops_the_wait,
    teams_take_their_own,
    readmissions_follow,
    lists_add_up,
    sessions_within_minutes,
    postponements_have_a_cause,
    only_candidates_stay_away,
    clinics_within_slots,
)
