"""The lever that moves planned patients from one hospital to others, nearest first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from capsim.region.region import Clinic, ElectiveType, Region, Session, Ward
from capsim.scenarios.hospital import ward_of, with_beds
from capsim.scenarios.keys import (
    FromDay,
    Key,
    Lever,
    RampDays,
    hospital_known,
    minutes_between,
    one_of,
    refuse,
    times,
)
from capsim.scenarios.sessions import (
    is_session,
    session_kind,
    session_use,
    with_session,
    with_slots,
    without,
)
from capsim.scenarios.volumes import expected_at, local_volume, new_site_shares

__all__ = ["LEAST_KEPT", "MoveElective"]

DAYS_PER_YEAR = 365
LEAST_KEPT = 0.05  # of a list's sessions: those referred before the move are treated where they wait


@dataclass(frozen=True)
class MoveElective(Lever):
    """Move part of a hospital's elective patients of one type to other hospitals.

    Changes: where ``share`` of the type's expected volume at ``source`` is treated. ``to`` says how the
    movers are divided over the targets; its shares add up to one. Nearest first among those eligible:
    municipalities are taken in the order of extra travel (minutes to the target less minutes to the
    source), each wholly until the target has its volume, the last one in part. Only patients whom a
    local hospital may take are eligible (the type's ``local_share`` by age). Those who choose their
    hospital themselves (``choice_share``) go on doing so.

    ``sessions="move"`` lets capacity follow: the movers' part of the specialty's expected theatre
    minutes at the source is the part of every weekday's session minutes there that goes to the target
    (for a ``planned_stay`` its patients called in per day), and their part of expected first contacts
    the part of the clinic's slots, to targets that have a clinic. The part is taken of the session
    rather than computed from operating times, because the session also pays for holidays and
    postponements. Those already on the source's list stay there, so it must keep some of its
    sessions. ``beds="move"`` moves the movers' expected beds, volume × stay / 365 rounded, from the
    source's ward of the specialty to the target's.

    Must move: waits and volumes at both hospitals. Side effect: travel, and bed pressure at both.
    Evidence: capacity moves by assumption; that movers then wait and stay shorter is observational and
    is left to the simulation. No own effect size.
    """

    type: Annotated[str, Key("Id of the elective type (elective_types.csv)")]
    source: Annotated[str, Key("Id of the hospital they leave (hospitals.csv)")]
    to: Annotated[Mapping[str, float], Key("Hospital id → its part of the movers; adds to 1", "share", 0, 1)]
    share: Annotated[float, Key("Part of the type's expected volume at the source that moves", "share", 0, 1)]
    sessions: Annotated[Literal["move", "stay"], Key("Whether theatre time, call-ins and slots follow")] = (
        "move"
    )
    beds: Annotated[Literal["stay", "move"], Key("Whether the movers' expected beds follow")] = "stay"
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.to:
            refuse(self, "to", "name at least one hospital and its share of the movers, e.g. {orkdal: 1.0}")
        if abs(sum(self.to.values()) - 1) > 1e-9:
            refuse(self, "to", "the shares of the movers must add up to 1", dict(self.to))
        if self.source in self.to:
            refuse(self, "to", "must not name the source itself", self.source)

    def changed(self, region: Region, part: float) -> Region:
        one_of(self, "type", self.type, (t.id for t in region.elective_types))
        kind = region.elective_type(self.type)
        for site in (self.source, *self.to):
            hospital_known(self, region, "source" if site == self.source else "to", site)
        if kind.minimum_tier == "regional" and any(region.hospital(site).tier == "local" for site in self.to):
            refuse(self, "type", "needs the regional hospital and cannot be moved to a local one", self.type)
        for pool in region.referral_pools:
            if kind.id in pool.types:
                refuse(self, "type", f"has a joint intake, {pool.id}, which decides the hospital", self.type)
        for site in self.to:
            if kind.kind != "day_surgery" and ward_of(region, site, kind.specialty) is None:
                refuse(self, "to", f"has no ward for {kind.specialty}", site)
            if self.sessions == "stay" and not any(is_session(s, site, kind) for s in region.sessions):
                refuse(self, "to", f"has no session for {kind.specialty}; use sessions: move", site)
        moves = self._moves(region, kind, part)
        changed = replace(region, site_shares=new_site_shares(region, kind, self.source, moves))
        volume = {
            site: sum(v for (_, to), v in moves.items() if to == site) * (1 - kind.choice_share)
            for site in self.to
        }
        if self.sessions == "move" and sum(volume.values()) > 0:
            changed = replace(
                changed,
                sessions=self._new_sessions(region, kind, volume),
                clinics=self._new_clinics(region, kind, volume),
            )
        if self.beds == "move":
            changed = replace(changed, wards=self._new_wards(region, kind, moves))
        return changed

    def _moves(self, region: Region, kind: ElectiveType, part: float) -> dict[tuple[str, str], float]:
        """Patients a year by (municipality, target)."""
        eligible = {
            m.number: sum(
                share for site, share in region.general_site_share(kind, m.number) if site == self.source
            )
            * sum(local_volume(region, kind, m.number))
            for m in region.municipalities
        }
        at_source = expected_at(region, kind, self.source)
        if self.share * at_source > sum(eligible.values()) * (1 + 1e-9):
            most = sum(eligible.values()) / at_source if at_source else 0.0
            where = "a local hospital may treat" if at_source else "there are no such patients at the source;"
            refuse(
                self,
                "share",
                f"at most {math.floor(most * 1000) / 1000:g} of {self.type} at {self.source} is eligible: "
                f"{where} {sum(eligible.values()):.0f} of {at_source:.0f} a year",
                self.share,
            )
        wanted = {site: part * self.share * of_movers * at_source for site, of_movers in self.to.items()}

        def way(number: str, site: str) -> float:
            return minutes_between(self, region, number, site)

        moves: dict[tuple[str, str], float] = {}
        for _, number, site in sorted(
            (way(number, site) - way(number, self.source), number, site)
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

    def _parts(
        self,
        region: Region,
        kind: ElectiveType,
        volume: Mapping[str, float],
        what: Literal["time", "slot"],
    ) -> dict[str, float]:
        """Target → its part of what the source's patients of the specialty need."""

        def use(type: ElectiveType) -> float:
            return 1 / type.treated_share if what == "slot" else session_use(type)

        load = sum(
            use(t) * expected_at(region, t, self.source)
            for t in region.elective_types
            if t.specialty == kind.specialty and (what == "slot" or session_kind(t) == session_kind(kind))
        )
        part = {site: use(kind) * v / load for site, v in volume.items()}
        kept = 1 - sum(part.values())
        if kept < LEAST_KEPT:
            name = "clinic" if what == "slot" else session_kind(kind)
            refuse(
                self,
                "share",
                f"would leave {self.source} {max(kept, 0):.0%} of its {kind.specialty} {name} capacity for "
                f"those already waiting there; move less, or use sessions: stay",
                self.share,
            )
        return part

    def _new_sessions(
        self, region: Region, kind: ElectiveType, volume: Mapping[str, float]
    ) -> tuple[Session, ...]:
        given = [s for s in region.sessions if is_session(s, self.source, kind)]
        if not sum(sum(s.capacity) for s in given):
            refuse(
                self,
                "sessions",
                f"{self.source} has no {session_kind(kind)} session for {kind.specialty} to move; "
                "use sessions: stay",
                self.sessions,
            )
        part = self._parts(region, kind, volume, "time")
        sessions = region.sessions
        for session in given:
            sessions = without(sessions, session, sum(part.values()))
            for site in self.to:
                sessions = with_session(
                    sessions, replace(session, hospital=site, capacity=times(session.capacity, part[site]))
                )
        return sessions

    def _new_clinics(
        self, region: Region, kind: ElectiveType, volume: Mapping[str, float]
    ) -> tuple[Clinic, ...]:
        of_specialty = {c.hospital: c for c in region.clinics if c.specialty == kind.specialty}
        limited = {site: v for site, v in volume.items() if site in of_specialty}
        if self.source not in of_specialty or not limited:
            return region.clinics
        given = of_specialty[self.source]
        part = self._parts(region, kind, limited, "slot")
        less = replace(given, slots=times(given.slots, 1 - sum(part.values())))
        clinics = tuple(less if c is given else c for c in region.clinics)
        for site in limited:
            clinics = with_slots(clinics, site, kind.specialty, times(given.slots, part[site]))
        return clinics

    def _new_wards(
        self, region: Region, kind: ElectiveType, moves: Mapping[tuple[str, str], float]
    ) -> tuple[Ward, ...]:
        if kind.kind == "day_surgery":
            refuse(self, "beds", f"{self.type} is day surgery and uses no bed; use beds: stay", self.beds)
        wards = list(region.wards)
        source = ward_of(region, self.source, kind.specialty)
        if source is None:
            refuse(self, "beds", f"{self.source} has no ward for {kind.specialty}; use beds: stay", self.beds)
        for site in self.to:
            target = ward_of(region, site, kind.specialty)
            assert target is not None
            days = sum(v * _mean_stay(region, kind, m) for (m, to), v in moves.items() if to == site)
            beds = round(days * (1 - kind.choice_share) / DAYS_PER_YEAR)
            if beds > wards[source].beds:
                allowed = f"needs {beds} beds but {wards[source].id} has {wards[source].beds}"
                refuse(self, "beds", allowed, self.beds)
            wards[source] = with_beds(wards[source], -beds)
            wards[target] = with_beds(wards[target], beds)
        return tuple(wards)


def _mean_stay(region: Region, kind: ElectiveType, number: str) -> float:
    """Mean stay in days of a municipality's patients whom a local hospital may treat."""
    if kind.stay is not None:
        return kind.stay.mean_days
    volume = local_volume(region, kind, number)
    days = [
        a.elective_stay.mean_days * kind.stay_factor * v for a, v in zip(region.ages, volume, strict=True)
    ]
    return sum(days) / sum(volume)
