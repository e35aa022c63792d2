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
from capsim.models.holdings import Holdings, Spans, until
from capsim.models.passes import disorder
from capsim.models.pathway import DAY, HOUR, NEVER, Cause, Need, Outcome, Start
from capsim.models.records import Records
from capsim.models.routing import among

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
    held = Holdings.of(records)  # what several laws count is counted once
    broken = [f"{law.__name__}: {n} violations" for law in LAWS if (n := law(held)) > 0]
    if broken:
        p = records.patients
        raise InvariantError(
            f"region {records.region.name}, seed {p.seed}, replication {p.replication}: {'; '.join(broken)}"
        )


def _count(flags: np.ndarray) -> int:
    return int(np.count_nonzero(flags))


# ---------------------------------------------------------------- everyone


def everyone_is_somewhere(records: Records) -> int:
    """Arrivals = finished + died + inside: everyone in the scenario has exactly one end or
    whereabouts, and the times say the same as the outcome."""
    s, plan, o = records.stays, records.itinerary, records.stays.outcome
    held = Holdings.of(records)
    there = held.happened
    inside = there["arrived"] & (plan.start != Start.GONE)
    waits = s.joined & ~there["asked"]
    at_clinic = waits & (held.clinic >= 0) & ~there["seen"]
    called = there["asked"] & ~there["admitted"] & ~there["treated"]
    died = plan.dies & there["left"]
    ended = there["left"] | there["place_end"] | there["kad_end"] | there["team_end"] | there["treated"]
    wrong = inside != (o != Outcome.NOT_IN_SCENARIO)
    wrong |= (o == Outcome.IN_HOSPITAL) != (there["admitted"] & ~there["left"])
    wrong |= (o == Outcome.IN_PLACE) != (there["place_start"] & ~there["place_end"])
    wrong |= (o == Outcome.IN_KAD) != (there["kad_start"] & ~there["kad_end"])
    wrong |= (o == Outcome.WITH_TEAM) != (there["team_start"] & ~there["team_end"])
    wrong |= (o == Outcome.AT_CLINIC) != at_clinic
    wrong |= (o == Outcome.ON_LIST) != (waits & ~at_clinic & plan.goes_on)
    wrong |= (o == Outcome.ASSESSED) != (waits & ~at_clinic & ~plan.goes_on)
    wrong |= among(o, (Outcome.AWAITING_BED, Outcome.NOT_YET)) != called
    wrong |= (o == Outcome.DIED) != died
    wrong |= died & (there["ready"] | there["place_start"] | there["follow_start"])
    wrong |= (o == Outcome.HOME) & ~ended
    return _count(wrong)


def nothing_out_of_order(records: Records) -> int:
    """Nobody starts before arriving, and each step comes after the one before."""
    s, start = records.stays, records.itinerary.start
    arrival = np.where(s.arrived == NEVER, records.patients.arrival, s.arrived)
    steps = (
        ("arrival", "seen"),
        ("seen", "asked"),
        ("arrival", "asked"),
        ("asked", "admitted"),
        ("admitted", "bed"),
        ("admitted", "moved"),
        ("bed", "moved"),
        ("moved", "ready"),
        ("moved", "left"),
        ("admitted", "ready"),
        ("ready", "can_receive"),
        ("ready", "ill"),
        ("ill", "ready_again"),
        ("ready_again", "offer"),
        ("can_receive", "offer"),
        ("offer", "settled"),
        ("ready", "left"),
        ("left", "follow_start"),
        ("follow_start", "follow_end"),
        ("offer", "left"),
        ("left", "place_start"),
        ("place_start", "place_end"),
        ("arrival", "kad_start"),
        ("kad_start", "kad_end"),
        ("arrival", "team_start"),
        ("team_start", "team_end"),
        ("arrival", "treated"),
    )
    # a step that needs another does not happen without it
    needs = (
        ("asked", "admitted"), ("admitted", "left"), ("can_receive", "offer"), ("offer", "place_start"),
        ("ill", "ready_again"), ("offer", "settled"), ("left", "follow_start"), ("bed", "moved"),
    )  # fmt: skip
    from_home = (records.patients.stream == FROM_HOME) | (start == Start.IN_PLACE)
    names = list(dict.fromkeys(name for pair in steps + needs for name in pair))
    times = tuple(arrival if name == "arrival" else getattr(s, name) for name in names)
    return disorder(times, _positions(steps, names), _positions(needs, names), from_home)


def _positions(pairs: tuple[tuple[str, str], ...], names: list[str]) -> np.ndarray:
    return np.array([[names.index(a), names.index(b)] for a, b in pairs])


def nobody_in_two_beds(records: Records) -> int:
    """A hospital bed, a KAD bed, a municipal place and a team's place follow each other."""
    s, there = records.stays, Holdings.of(records).happened
    spans = (
        ("kad_start", s.kad_start, s.kad_end),
        ("admitted", s.admitted, s.left),
        ("place_start", s.place_start, s.place_end),
        ("team_start", s.team_start, s.team_end),
    )
    wrong = 0
    for i, (one, a, b) in enumerate(spans):
        for other, c, d in spans[i + 1 :]:
            both = np.flatnonzero(there[one] & there[other])
            wrong += _count((a[both] < until(d[both])) & (c[both] < until(b[both])))
    return wrong


def whole_hours(records: Records) -> int:
    """What the rules give an hour of the day happens at it: ward rounds, discharge, first contact."""
    rules, s, plan, held = records.region.rules, records.stays, records.itinerary, Holdings.of(records)
    there = held.happened
    noon = there["left"] & (plan.need != Need.HOME_CARE) & (s.outcome != Outcome.DIED)
    seen = there["seen"] & (held.clinic >= 0) & (s.seen >= records.clock_start)
    hours = (
        (s.ready, there["ready"], rules.ward_round_hour),
        (s.ready_again, there["ready_again"], rules.ward_round_hour),
        (s.left, noon, rules.discharge_hour),
        (s.moved, there["moved"], rules.discharge_hour),
        (s.seen, seen, rules.clinic_hour),
    )
    wrong = 0
    for times, who, hour in hours:
        if hour is not None:
            their = times[np.flatnonzero(who)]
            wrong += _count(their // DAY * DAY + round(hour * HOUR) != their)
    return wrong


# ---------------------------------------------------------------- beds and places


def within_capacity(records: Records) -> int:
    """Nobody gets a bed or place beyond the day's: of beds, KAD beds, team places, long-term places
    and homes, and of short-term places but for extra ones. (Those beyond it when it fell stay.)
    Guests of a ward leave its acute reserve free, people from home the places that are kept."""
    s, p, f, plan = records.stays, records.patients, records.facilities, records.itinerary
    held = Holdings.of(records)
    beds, (places, from_closed) = held.beds, held.places_counted
    moved = beds.start == s.moved[beds.patient]
    own = f.ward_of[s.hospital[beds.patient], plan.specialty[beds.patient]]
    guest = ~moved & (own != beds.unit)
    from_home = p.stream[places.patient] == FROM_HOME
    extra = s.stretched[places.patient] | from_closed
    asked = np.maximum(s.can_receive, s.ready_again)[places.patient]  # the last time
    # a place that was freed, an extra one, one that was free for who asked, or for who came from home
    turn = np.select([extra, from_home, asked == places.start], [1, 3, 2], 0)
    wrong = _over(records, beds, f.ward_beds, f.ward_reserve[beds.unit] * guest, ~guest, kept=moved)
    day = (places.start // DAY - f.first_day).clip(min=0, max=len(f.kept_free) - 1)
    wrong += _over(records, places, f.places, f.kept_free[day, places.unit] * from_home, turn, extra)
    wrong += _over(records, held.kad_beds, f.kad_beds)
    wrong += _over(records, held.team_places, f.team_places)
    for need in SETTLED:
        wrong += _over(records, holdings.settled(records, need), holdings.capacity_of(f, need))
    return wrong


def _over(
    records: Records,
    spans: Spans,
    capacity: np.ndarray,
    leave: np.ndarray | int = 0,
    turn: np.ndarray | int = 0,
    exempt: np.ndarray | bool = False,
    kept: np.ndarray | bool = False,
) -> int:
    """How many began when no more than ``leave`` was left of the day's ``capacity`` (days, units); but
    for those who were there when the clock started or are ``exempt``. A bed that is ``kept`` may have
    been so since the day before; and who leaves at midnight does so before beds close. Those who come
    in one second do so by ``turn``."""
    exempt = exempt | (spans.start <= records.clock_start)
    leave, turn = (
        np.ascontiguousarray(np.broadcast_to(each, exempt.shape), dtype=np.int64) for each in (leave, turn)
    )
    kept = np.ascontiguousarray(np.broadcast_to(kept, exempt.shape))
    return spans.over(capacity, records.facilities.first_day, leave, turn, exempt, kept)


def census_agrees(records: Records) -> int:
    """Bed-days by place = bed-days by patient: at every midnight the engine's count of each ward,
    pool, unit and team is the number of stays that cover it. (Who came or left exactly at
    midnight may have done so before or after the count.)"""
    e, held = records.events, Holdings.of(records)
    wrong = 0
    for spans, counted in (
        (held.beds, e.census_ward),
        (held.places, e.census_pool),
        (held.kad_beds, e.census_kad),
        (held.team_places, e.census_team),
    ):
        least, most = spans.daily(*_midnights(records))
        wrong += _count((counted < least) | (counted > most))
    return wrong


def _midnights(records: Records) -> tuple[int, int]:
    """Of the census: the first, which ends the first simulated day, and how many."""
    return (records.facilities.first_day + 1) * DAY, len(records.events.census_ward)


def nobody_waits_beside_a_free_place(records: Records) -> int:
    """At no midnight is there a free bed or place and somebody who waits for it."""
    s, e, f, plan = records.stays, records.events, records.facilities, records.itinerary
    held, midnights = Holdings.of(records), _midnights(records)
    here = np.flatnonzero(held.happened["asked"] & ~plan.day_surgery)
    out_of_bed = until(s.left[here])
    has_bed = np.flatnonzero(held.happened["bed"][here])
    out_of_bed[has_bed] = s.bed[here[has_bed]]
    own = f.ward_of[s.hospital[here], plan.specialty[here]]
    for_bed = Spans(here, own, s.asked[here], out_of_bed, len(f.wards))
    back = np.flatnonzero(held.happened["moved"])  # the bed is kept for them from the asking
    kept = Spans(back, s.moved_to[back], s.moved[back] - DAY, s.moved[back], len(f.wards))
    wrong = _idle(for_bed, midnights, e.census_ward + kept.daily(*midnights)[1], f.ward_beds)
    places, _ = held.places_counted
    wrong += _idle(_in_line(records), midnights, places.daily(*midnights)[1], f.places)
    for need in SETTLED:
        taken = holdings.settled(records, need)
        home = records.patients.municipality
        to_settle = _asking(records, (need,), home, taken.count, to_settle=need == Need.LONG_TERM)
        wrong += _idle(to_settle, midnights, taken.daily(*midnights)[1], holdings.capacity_of(f, need))
    return wrong


def _idle(waits: Spans, times: tuple[int, int], taken: np.ndarray, capacity: np.ndarray) -> int:
    """How often somebody waits for a unit that has something free at one of ``times``: the first, and
    how many, a day apart."""
    return _count((waits.daily(*times)[0] > 0) & (taken < capacity[: times[1]]))


def _asking(
    records: Records, needs: tuple[Need, ...], unit: np.ndarray, count: int, to_settle: bool = False
) -> Spans:
    """When patients with one of ``needs`` ask the municipality: from when it can receive until the
    offer, or illness; once more when ready anew. ``to_settle``: until a long-term place, for which
    they wait in a short-term place too."""
    asks = Holdings.of(records).asks
    mine = np.flatnonzero(among(asks.need, needs) & (unit[asks.patient] >= 0))
    who, end = asks.patient[mine], asks.end[mine]
    if to_settle:
        s = records.stays
        waited = np.where(s.settled[who] != NEVER, s.settled[who], until(s.place_end[who]))
        waited = np.where(s.offer[who] != NEVER, waited, holdings.FOREVER)
        end = np.where(asks.falls_ill[mine], end, waited)
    return Spans(who, unit[who], asks.start[mine], end, count)


def _in_line(records: Records) -> Spans:
    """Patients who ask for a short-term place, each at the pool in whose line they stand: from the midnight
    on at which another takes it over, at that one."""
    f, home = records.facilities, records.patients.municipality
    waits = _asking(records, (Need.SHORT_TERM, Need.LONG_TERM), home, len(records.region.municipalities))
    day = (waits.start // DAY - f.first_day).clip(min=0, max=len(f.pool_of) - 1)
    at, begin = f.pool_of[day, waits.unit].astype(np.int64), waits.start.copy()
    parts = []
    for i in (np.flatnonzero((f.heir[1:] != f.heir[:-1]).any(axis=1)) + 1).tolist():
        midnight = (f.first_day + i) * DAY
        heir = np.where(at >= 0, f.heir[i][at], -1)
        moves = np.flatnonzero((heir >= 0) & (waits.start < midnight) & (midnight < waits.end))
        parts.append((waits.patient[moves], at[moves], begin[moves], np.full(len(moves), midnight)))
        at[moves], begin[moves] = heir[moves], midnight
    here = at >= 0
    parts.append((waits.patient[here], at[here], begin[here], waits.end[here]))
    patient, unit, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Spans(patient, unit, start, end, len(f.pools))


def home_care_within_starts(records: Records) -> int:
    """No more home-care starts in a day than the municipality has, hospital-at-home included; and
    nobody waits past a morning on which one is left."""
    s, plan, f, p = records.stays, records.itinerary, records.facilities, records.patients
    used = np.zeros(f.home_care_starts.shape, dtype=np.int64)
    visited = {t.id for r in f.regions for t in r.teams if t.municipal_visits_per_day > 0}
    with_home_care = np.array([*(t in visited for t in f.teams), False])[s.team]
    for time, who in (
        (s.offer, (plan.need == Need.HOME_CARE) & Holdings.of(records).happened["offer"]),
        (s.ready, holdings.discharged_early(records) & with_home_care),
    ):
        rows = np.flatnonzero(who)
        np.add.at(used, (time[rows] // DAY - f.first_day, p.municipality[rows]), 1)
    mornings = f.first_day * DAY + round(records.region.rules.home_care_morning_hour * HOUR), len(used)
    waits = _asking(records, (Need.HOME_CARE,), p.municipality, f.home_care_starts.shape[1])
    return _count(used > f.home_care_starts) + _idle(waits, mornings, used, f.home_care_starts)


def refused_only_when_full(records: Records) -> int:
    """KAD refuses only when its beds are taken; people from home are turned away only when no more
    short-term places than are kept are free."""
    s, plan, f, held = records.stays, records.itinerary, records.facilities, Holdings.of(records)
    places, _ = held.places_counted
    wrong = 0
    for refused, unit, spans, capacity in (
        (s.kad_refused, plan.kad, held.kad_beds, f.kad_beds),
        (s.outcome == Outcome.TURNED_AWAY, s.pool, places, f.places - f.kept_free),
    ):
        who = np.flatnonzero(refused)
        when = s.arrived[who]
        there = capacity[when // DAY - f.first_day, unit[who]]
        wrong += _count(spans.at(unit[who], when) < there)
    return wrong


def settled_once(records: Records) -> int:
    """Long-term places are for those who need one, and homes; a short-term place closes behind who
    gets a long-term one, and who has a temporary dwelling has no home."""
    s, need, happened = records.stays, records.itinerary.need, Holdings.of(records).happened
    there = happened["settled"]
    wrong = there & ~among(need, SETTLED)
    wrong |= there & (need == Need.HOUSING) & (s.stretched | (s.settled != s.offer))
    in_place = there & (need == Need.LONG_TERM) & happened["place_start"]
    wrong |= in_place & ((s.place_end != s.settled) | (s.settled < s.place_start))
    return _count(wrong)


# ---------------------------------------------------------------- the hospital


def everyone_lies_where_allowed(records: Records) -> int:
    """In a ward of the hospital the patient was sent to: the specialty's own or, if acute, one of its
    outliers; moved to the ward of the catchment hospital that was to take the patient back; sent
    elsewhere than planned only to a site that is an option."""
    s, plan, f = records.stays, records.itinerary, records.facilities
    happened = Holdings.of(records).happened
    here = np.flatnonzero(happened["admitted"])
    ward, site = s.ward[here], s.hospital[here]
    own = f.ward_of[site, plan.specialty[here]]
    allowed = np.eye(len(f.wards), dtype=bool)
    for w, outliers in enumerate(f.outliers):
        allowed[w, list(outliers)] = True
    astray = (ward < 0) | (own < 0) | (f.ward_hospital[ward] != site)
    guests = np.flatnonzero(own != ward)
    astray[guests] |= ~allowed[own[guests], ward[guests]]
    wrong = _count(astray)
    planned = (records.patients.stream[here] == ELECTIVE) & (plan.start[here] != Start.IN_BED)
    wrong += _count(planned & (own != ward))
    moved = happened["moved"]
    wrong += _count(moved != (s.moved_to >= 0))
    wrong += _count(moved & ((s.moved_to != plan.home_ward) | (plan.transfer_after < 0)))
    elsewhere = np.flatnonzero(s.hospital != plan.hospital)
    chose = elsewhere[plan.option[elsewhere] >= 0]
    wrong += len(elsewhere) - len(chose)
    return wrong + _count(plan.options[plan.option[chose], s.hospital[chose]] == -np.inf)


def illness_stops_the_wait(records: Records) -> int:
    """Whoever still waits for the municipality when ill again is so then, is offered nothing until
    declared ready anew, and only once."""
    s, plan, there = records.stays, records.itinerary, Holdings.of(records).happened
    waits = there["ready"] & (plan.need != Need.NOTHING)
    due = s.ready + plan.ill_after
    in_time = (due < records.clock_end) & (~there["offer"] | (due < s.offer))
    falls = waits & (plan.ill_after > 0) & in_time
    wrong = there["ill"] != falls
    wrong |= falls & (s.ill != due)
    wrong |= there["ready_again"] & (s.ready_again <= s.ill)
    wrong |= falls & there["offer"] & (~there["ready_again"] | (s.offer < s.ready_again))
    return _count(wrong)


def teams_take_their_own(records: Records) -> int:
    """A team takes those it was to treat, take home early or follow up; a follow-up begins when the
    patient leaves and lasts for the course, or until the readmission."""
    s, plan, held = records.stays, records.itinerary, Holdings.of(records)
    early = holdings.discharged_early(records)
    wrong = _count((s.team < 0) & held.happened["team_start"])
    for team, eligible, who in (
        (s.team, plan.averts, (s.team >= 0) & ~early),
        (s.team, plan.early, early),
        (s.follow_team, plan.follows, s.follow_team >= 0),
    ):
        rows = np.flatnonzero(who)
        wrong += _count(~eligible[rows, team[rows]])
    wrong += _count((s.follow_team >= 0) != held.happened["follow_start"])
    who = np.flatnonzero(s.follow_team >= 0)
    wrong += _count(s.follow_start[who] != s.left[who])
    end = np.minimum(s.follow_start[who] + plan.course[who, s.follow_team[who]], held.comes_back[who])
    return wrong + _count(s.follow_end[who] != np.where(end < records.clock_end, end, NEVER))


def readmissions_follow(records: Records) -> int:
    """A readmission comes when it is to come, within 30 days of its parent's leaving alive, and only
    then; the parent is no longer in a place or with a team."""
    s, p, plan = records.stays, records.patients, records.itinerary
    child = np.flatnonzero(p.parent >= 0)
    parent = p.parent[child]
    back = Holdings.of(records).comes_back[parent]
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
    return _count(wrong)


# ---------------------------------------------------------------- referrals


def lists_add_up(records: Records) -> int:
    """Little's law as an identity: after every session as many are waiting as have joined and not been
    called in, so the area under that number is the patients' waiting."""
    s, plan, p, e = records.stays, records.itinerary, records.patients, records.events
    f = records.facilities
    if not f.lists:
        return 0
    joined = np.flatnonzero(s.joined & plan.goes_on & (plan.start != Start.IN_BED))
    of_list = f.type_list[p.type[joined], s.hospital[joined]]
    joined, of_list = joined[of_list >= 0], of_list[of_list >= 0]
    since = p.arrival[joined].clip(min=records.clock_start - 1)
    waits = Spans(joined, of_list, since, until(s.asked[joined]), len(f.lists))
    return _count(waits.before(e.session_list, e.session_time) != e.session_waiting)


def sessions_within_minutes(records: Records) -> int:
    """No session uses more than it has; planned = called in + postponed."""
    e, s = records.events, records.stays
    over = _count((e.session_used + e.session_lost > e.session_capacity) | (e.session_lost < 0))
    mismatch = int(s.postponed.sum()) != len(e.postponed_time) or int(e.session_postponed.sum()) != len(
        e.postponed_time
    )
    asked = Holdings.of(records).happened["asked"]
    called = asked & (records.itinerary.list >= 0) & (records.itinerary.start != Start.IN_BED)
    return over + mismatch + _count(s.planned - s.postponed != called)


def postponements_have_a_cause(records: Records) -> int:
    """A municipality is the cause of a postponement only while one of its patients lies ready and
    waiting in that hospital, for what is said to be missing."""
    s, e, f, held = records.stays, records.events, records.facilities, Holdings.of(records)
    wrong = _count((e.postponed_cause < 0) | (e.postponed_cause > Cause.HOSPITAL))
    municipal = e.postponed_cause < Cause.HOSPITAL
    time, cause = e.postponed_time[municipal], e.postponed_cause[municipal].clip(min=-1)
    site = s.hospital[e.postponed_patient[municipal]].astype(np.int64)
    lies, moved = s.hospital.astype(np.int64), np.flatnonzero(held.happened["moved"])
    lies[moved] = f.ward_hospital[s.moved_to[moved]]
    asks, (silent, ready, answered) = held.asks, _unanswered(records)
    missing = np.array([MISSING.get(need, Cause.HOSPITAL) for need in Need])[asks.need]
    who = np.concatenate([asks.patient, silent])
    lacks = np.concatenate([missing, np.full(len(silent), Cause.RESPONSE)])
    waits = Spans(
        who,
        lies[who] * len(Cause) + lacks,  # a unit for each hospital and cause
        np.concatenate([asks.start, ready]),
        np.concatenate([asks.end, answered]),
        len(f.hospitals) * len(Cause),
    )
    # whose wait ends in the second of a session may have waited when it was held
    return wrong + _count(waits.touching(site * len(Cause) + cause, time) <= 0)


def _unanswered(records: Records) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patients, from when they lie ready in hospital, and until when: the municipality can receive them."""
    s, ready = records.stays, Holdings.of(records).happened["ready"]
    who = np.flatnonzero(ready & (records.itinerary.need != Need.NOTHING))
    can_receive, again = until(s.can_receive[who]), s.ready_again[who]
    first = np.minimum(can_receive, until(s.ill[who]))
    anew = again != NEVER
    return (
        np.concatenate([who, who[anew]]),
        np.concatenate([s.ready[who], again[anew]]),
        np.concatenate([first, np.maximum(can_receive, again)[anew]]),
    )


def only_candidates_stay_away(records: Records) -> int:
    """Only the referred join or stay away, and nobody treated has not joined."""
    s, elective = records.stays, among(records.patients.stream, (ELECTIVE, ASSESSMENT))
    joined_without = (s.joined & ~elective) | (Holdings.of(records).happened["treated"] & ~s.joined)
    away = (s.outcome == Outcome.NOT_JOINED) & (s.joined | ~elective)
    return _count(joined_without | away)


def clinics_within_slots(records: Records) -> int:
    """No more first contacts in a day than the slots of the day and what was saved of one, nobody seen
    longer ahead of the plan than is allowed, and nobody who may be seen waits while a slot is left."""
    s, plan, f, p = records.stays, records.itinerary, records.facilities, records.patients
    if not f.clinics:
        return 0
    held = Holdings.of(records)
    clinic, waits_or_seen = held.clinic, (s.seen >= records.clock_start) | ~held.happened["seen"]
    who = np.flatnonzero(s.joined & (plan.start != Start.IN_BED) & (clinic >= 0) & waits_or_seen)
    seen = who[s.seen[who] != NEVER]
    slots = f.clinic_capacity.T
    used = np.zeros(slots.shape, dtype=np.int64)
    np.add.at(used.ravel(), (s.seen[seen] // DAY - f.first_day) * len(f.clinics) + clinic[seen], 1)
    too_many = used * PATIENT > slots + PATIENT - 1
    early = s.seen[seen] < plan.not_before[seen]
    may = np.maximum(np.maximum(p.arrival, plan.not_before), records.clock_start)[who]
    waits = Spans(who, clinic[who], may, until(s.seen[who]), len(f.clinics))
    mornings = f.first_day * DAY + round(records.region.rules.clinic_hour * HOUR), len(slots)
    left = _idle(waits, mornings, used, slots // PATIENT)
    return _count(too_many) + _count(early) + left


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
