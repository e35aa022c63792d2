"""Levers on planned care: theatre time, clinic slots, joint intake, outpatient visits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from capsim.region.region import ReferralPool, Region, Session, VisitType
from capsim.scenarios.keys import (
    AtOnce,
    FromDay,
    Key,
    Lever,
    RampDays,
    Week,
    between,
    check_id,
    hospital_known,
    not_taken,
    once_each,
    one_of,
    refuse,
    sum_of_weeks,
    times,
    week_of,
)
from capsim.scenarios.move_elective import LEAST_KEPT
from capsim.scenarios.sessions import is_session, session_kind, theatre_of, with_session, without

__all__ = [
    "AddClinicSlots",
    "AddTheatreSessions",
    "MoveTheatreSessions",
    "PoolReferrals",
    "ShiftOutpatients",
]


@dataclass(frozen=True)
class MoveTheatreSessions(Lever):
    """Move theatre time of a specialty from one hospital to another, as when surgeons rotate.

    Changes: ``minutes`` of the week's theatre minutes, taken evenly of the source's weekdays and held on
    the same weekdays at the target. Patients do not follow: those referred to the source wait there.
    Combine with ``MoveElective(sessions="stay")`` or ``PoolReferrals`` to send patients to the new
    sessions; at a hospital without a list of the specialty the minutes stand idle.

    Must move: waits at both hospitals, in opposite directions. Side effect: postponements for want of a
    bed where the sessions go.
    Evidence: none of its own (rotation of surgeons is done at Sørlandet); waits follow from the queues.
    """

    specialty: Annotated[str, Key("Id of the specialty (specialties.csv)")]
    source: Annotated[str, Key("Id of the hospital that gives (hospitals.csv)")]
    to: Annotated[str, Key("Id of the hospital that gets (hospitals.csv)")]
    minutes: Annotated[float, Key("Theatre minutes a week", "minutes per week", 0, 1_000_000, True)]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source == self.to:
            refuse(self, "to", "must be another hospital than the source", self.to)

    def changed(self, region: Region, part: float) -> Region:
        hospital_known(self, region, "source", self.source)
        hospital_known(self, region, "to", self.to)
        one_of(self, "specialty", self.specialty, (s.id for s in region.specialties))
        given = theatre_of(region, self.source, self.specialty)
        have = sum(sum(s.capacity) for s in given)
        if self.minutes > have * (1 - LEAST_KEPT):
            refuse(
                self,
                "minutes",
                f"{self.source} has {have:.0f} minutes a week for {self.specialty} and must keep "
                f"{LEAST_KEPT:.0%} for those already waiting there",
                self.minutes,
            )
        sessions = region.sessions
        for session in given:
            moved = part * self.minutes / have
            sessions = without(sessions, session, moved)
            sessions = with_session(
                sessions, replace(session, hospital=self.to, capacity=times(session.capacity, moved))
            )
        return replace(region, sessions=sessions)


@dataclass(frozen=True)
class AddTheatreSessions(Lever):
    """Hold more theatre sessions of a specialty at a hospital; negative minutes close them.

    Changes: theatre minutes by weekday. Sessions are closed on public holidays and reduced in summer
    weeks as all others. Nobody is hired by this lever: ``ShareStaff`` says where staff come from.

    Must move: the specialty's wait there. Side effect: more planned patients in the wards, so bed
    pressure and postponements; shorter waits attract more referrals.
    Evidence: none of its own; waits follow from the queue and the referral response (elasticity −0.2, band
    −0.1 to −0.5).
    """

    hospital: Annotated[str, Key("Id of the hospital (hospitals.csv)")]
    specialty: Annotated[str, Key("Id of the specialty (specialties.csv)")]
    minutes_by_weekday: Annotated[
        Week, Key("Minutes more, seven numbers, Monday first; negative closes", "minutes", -100_000, 100_000)
    ]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _not_all_zero(self, "minutes_by_weekday", self.minutes_by_weekday)

    def changed(self, region: Region, part: float) -> Region:
        hospital_known(self, region, "hospital", self.hospital)
        one_of(self, "specialty", self.specialty, (s.id for s in region.specialties))
        given = theatre_of(region, self.hospital, self.specialty)
        if not given:
            if min(self.minutes_by_weekday) < 0:
                refuse(self, "minutes_by_weekday", f"{self.hospital} has no such session to close")
            new = Session(self.hospital, self.specialty, "theatre", times(self.minutes_by_weekday, part))
            return replace(region, sessions=(*region.sessions, new))
        first = given[0]
        week = _week_with_more(self, "minutes_by_weekday", first.capacity, self.minutes_by_weekday, part)
        sessions = tuple(replace(s, capacity=week) if s is first else s for s in region.sessions)
        return replace(region, sessions=sessions)


@dataclass(frozen=True)
class AddClinicSlots(Lever):
    """Open first-contact slots in a specialty's clinic at a hospital; negative slots close them.

    Changes: slots by weekday. Must move: the wait for first contact and fristbrudd, which is measured
    there and nowhere else. Side effect: the next queue, the waiting list for treatment, gets its
    patients sooner.
    Evidence: none of its own; waits follow from the queue.
    """

    hospital: Annotated[str, Key("Id of the hospital (hospitals.csv)")]
    specialty: Annotated[str, Key("Id of the specialty (specialties.csv)")]
    slots_by_weekday: Annotated[
        Week, Key("Slots more, seven numbers, Monday first; negative closes", "slots", -10_000, 10_000)
    ]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _not_all_zero(self, "slots_by_weekday", self.slots_by_weekday)

    def changed(self, region: Region, part: float) -> Region:
        hospital_known(self, region, "hospital", self.hospital)
        here = [c for c in region.clinics if c.hospital == self.hospital]
        if not here:
            refuse(self, "hospital", "has no clinic: first contact is not limited there", self.hospital)
        one_of(self, "specialty", self.specialty, (c.specialty for c in here))
        clinic = next(c for c in here if c.specialty == self.specialty)
        week = _week_with_more(self, "slots_by_weekday", clinic.slots, self.slots_by_weekday, part)
        clinics = tuple(replace(c, slots=week) if c is clinic else c for c in region.clinics)
        return replace(region, clinics=clinics)


@dataclass(frozen=True)
class PoolReferrals(Lever):
    """One referral intake for several hospitals.

    Changes: referrals of ``types`` go to the shortest expected wait among ``hospitals`` that the patient
    accepts, by extra travel, and may be treated at. Those already waiting stay where they are.

    Must move: the wait where it was longest. Side effect: travel rises, and the hospital with the
    shortest queue gets a longer one.
    Evidence: none of its own; how far patients accept to travel is an assumption (mean 60 minutes more).
    """

    id: Annotated[str, Key("Id of the new intake: lower-case letters a-z, digits and _")]
    types: Annotated[tuple[str, ...], Key("Ids of elective types (elective_types.csv), each once")]
    hospitals: Annotated[tuple[str, ...], Key("Ids of at least two hospitals (hospitals.csv), each once")]
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_id(self, "id", self.id)
        once_each(self, "types", self.types, "type")
        once_each(self, "hospitals", self.hospitals, "hospital", at_least=2)

    def changed(self, region: Region, part: float) -> Region:
        not_taken(self, region, self.id)
        for site in self.hospitals:
            hospital_known(self, region, "hospitals", site)
        for type in self.types:
            one_of(self, "types", type, (t.id for t in region.elective_types))
            kind = region.elective_type(type)
            for pool in region.referral_pools:
                if type in pool.types:
                    refuse(self, "types", f"has a joint intake already: {pool.id}", type)
            able = [s for s in self.hospitals if any(is_session(x, s, kind) for x in region.sessions)]
            lacking = sorted(set(self.hospitals) - set(able))
            if lacking:
                refuse(
                    self,
                    "hospitals",
                    f"has no {session_kind(kind)} session for {kind.specialty}, which {type} needs",
                    lacking[0],
                )
            if kind.minimum_tier == "regional" and any(
                region.hospital(s).tier == "local" for s in self.hospitals
            ):
                refuse(self, "types", "needs the regional hospital: nothing would be shared", type)
        pool = ReferralPool(self.id, self.types, self.hospitals)
        return replace(region, referral_pools=(*region.referral_pools, pool))


@dataclass(frozen=True)
class ShiftOutpatients(Lever):
    """Move outpatient visits out of the hospital: to video, an avtalespesialist or a clinic nearby.

    Changes: the shares of visits of ``types`` on video (no travel, but the same staff time), with an
    avtalespesialist (no hospital slot), at a local clinic in the patient's municipality, and at the
    regional hospital instead of the catchment's. What is left out stays as it is.

    Must move: travel. Side effect: hospital slots and staff minutes, with ``private_share`` only.
    Evidence: need for hospital visits −15 % with avtalespesialister (one place, before–after); that video
    saves travel and not staff time is an assumption.
    """

    types: Annotated[tuple[str, ...], Key("Ids of visit types (visits.csv), each once; empty: all")] = ()
    video_share: Annotated[float | None, Key("New share of visits on video", "share", 0, 1)] = None
    private_share: Annotated[
        float | None, Key("New share of visits with an avtalespesialist", "share", 0, 1)
    ] = None
    near_share: Annotated[float | None, Key("New share of visits at a clinic nearby", "share", 0, 1)] = None
    regional_share: Annotated[
        float | None, Key("New share at the regional hospital, of those in hospital", "share", 0, 1)
    ] = None
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "types", self.types, "type", at_least=0)
        if all(share is None for share in self._shares().values()):
            refuse(self, "video_share", f"give at least one of: {', '.join(self._shares())}")

    def _shares(self) -> dict[str, float | None]:
        return {
            "video_share": self.video_share,
            "private_share": self.private_share,
            "near_share": self.near_share,
            "regional_share": self.regional_share,
        }

    def changed(self, region: Region, part: float) -> Region:
        if not region.visit_types:
            refuse(self, "types", "the region has no outpatient visits (visits.csv)")
        for type in self.types:
            one_of(self, "types", type, (v.id for v in region.visit_types))
        visits = tuple(
            self._shifted(visit, part) if not self.types or visit.id in self.types else visit
            for visit in region.visit_types
        )
        return replace(region, visit_types=visits)

    def _shifted(self, visit: VisitType, part: float) -> VisitType:
        final: dict[str, float] = {}
        now: dict[str, Any] = {}
        for name, share in self._shares().items():
            before = getattr(visit, name)
            final[name] = before if share is None else share
            now[name] = between(before, final[name], part)
        away = final["video_share"] + final["private_share"] + final["near_share"]
        if away > 1 + 1e-9:
            allowed = f"video, private and near visits of {visit.id} would be {away:.3g} of all; at most 1"
            refuse(self, "video_share", allowed)
        return replace(visit, **now)


def _week_with_more(lever: Lever, column: str, have: Week, more: Week, part: float) -> Week:
    """The week with ``part`` of ``more``; refuses to close more than a day has."""
    for before, extra in zip(have, more, strict=True):
        if before + extra < -1e-9:
            refuse(lever, column, f"that day has {before:g}, so at most {before:g} can be closed", extra)
    return week_of(max(0.0, day) for day in sum_of_weeks(have, times(more, part)))  # not -3e-17


def _not_all_zero(lever: Lever, column: str, week: Week) -> None:
    if not any(week):
        refuse(lever, column, "must not be 0 on every day: that changes nothing", list(week))
