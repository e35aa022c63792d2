"""What capacity would be if it followed the people it serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from capsim.region.region import (
    UNLIMITED,
    AmbulantTeam,
    Clinic,
    KadUnit,
    Region,
    Session,
    ShortTermPool,
    Ward,
)
from capsim.scenarios.keys import times

__all__ = ["Population", "following"]

Population = Mapping[str, tuple[float, ...]]
"""Municipality number → inhabitants by age band."""
ByAge = tuple[float, ...]


def following(before: Region, after: Region) -> Region:
    """``after`` with each capacity grown like the people it serves, every age band weighted by how much
    of that capacity it uses in ``before``; whole beds and places are rounded.

    A hospital serves those whose catchment it is; the regional hospital also its share of the others.
    """
    growth = _Growth(before, after)
    new: dict[str, Any] = {
        "wards": tuple(growth.ward(w) for w in after.wards),
        "sessions": tuple(growth.session(s) for s in after.sessions),
        "clinics": tuple(growth.clinic(c) for c in after.clinics),
        "kad_units": tuple(growth.kad(k) for k in after.kad_units),
        "short_term_pools": tuple(growth.pool(p) for p in after.short_term_pools),
        "teams": tuple(growth.team(t) for t in after.teams),
        "staff_pools": tuple(
            replace(p, staff_by_weekday=times(p.staff_by_weekday, growth.of_all(growth.needs)))
            for p in after.staff_pools
        ),
        "municipalities": tuple(
            replace(
                m,
                home_care_starts_per_day=_whole(
                    m.home_care_starts_per_day, growth.of([m.number], growth.needs)
                ),
                long_term_places=_whole(m.long_term_places, growth.of([m.number], growth.needs)),
                supported_housing=_whole(m.supported_housing, growth.of([m.number], growth.everyone)),
            )
            for m in after.municipalities
        ),
    }
    return replace(after, **new)


class _Growth:
    """Growth factors from one population to another, by who uses what."""

    def __init__(self, before: Region, after: Region):
        self.region = before
        self.people = {m.number: (m.population, n.population) for m, n in _pairs(before, after)}
        self.everyone: ByAge = (1.0,) * len(before.ages)
        self.stays: ByAge = tuple(a.acute_per_1000 + a.elective_per_1000 for a in before.ages)
        self.needs: ByAge = tuple(
            s * a.needs_municipality for s, a in zip(self.stays, before.ages, strict=True)
        )

    def ward(self, ward: Ward) -> Ward:
        days = self._sum(self._bed_days(specialty) for specialty in ward.specialties)
        factor = self.of_hospital(ward.hospital, days, "regional_share_acute")
        beds = _whole(ward.beds, factor)
        return replace(
            ward,
            beds=beds,
            acute_reserve=min(ward.acute_reserve, beds),
            weekend_beds=None if ward.weekend_beds is None else _whole(ward.weekend_beds, factor),
            summer_beds=None if ward.summer_beds is None else _whole(ward.summer_beds, factor),
        )

    def _bed_days(self, specialty: str) -> ByAge:
        """Bed-days per 1000 inhabitants and year in one specialty, by age band."""
        region = self.region
        share = next(s.acute_share for s in region.specialties if s.id == specialty)
        out = [a.acute_per_1000 * s * a.acute_stay.mean_days for a, s in zip(region.ages, share, strict=True)]
        for acute in region.acute_types:
            if acute.specialty == specialty:
                out = [x + rate * acute.stay.mean_days for x, rate in zip(out, acute.per_1000, strict=True)]
        for kind in region.elective_types:
            if kind.specialty == specialty and kind.kind != "day_surgery":
                for i, (age, rate) in enumerate(zip(region.ages, kind.per_1000, strict=True)):
                    own = age.elective_stay.mean_days * kind.stay_factor
                    out[i] += rate * (own if kind.stay is None else kind.stay.mean_days)
        return tuple(out)

    def session(self, session: Session) -> Session:
        use = self._sum(
            tuple(rate * (kind.minutes_mean if session.kind == "theatre" else 1.0) for rate in kind.per_1000)
            for kind in self.region.elective_types
            if kind.specialty == session.specialty
            and (kind.kind == "planned_stay") == (session.kind == "ward")
        )
        factor = self.of_hospital(session.hospital, use, "regional_share_elective")
        return replace(session, capacity=times(session.capacity, factor))

    def clinic(self, clinic: Clinic) -> Clinic:
        use = self._sum(
            tuple(rate / kind.treated_share for rate in kind.per_1000)
            for kind in self.region.elective_types
            if kind.specialty == clinic.specialty
        )
        factor = self.of_hospital(clinic.hospital, use, "regional_share_elective")
        return replace(clinic, slots=times(clinic.slots, factor))

    def kad(self, unit: KadUnit) -> KadUnit:
        use = tuple(a.acute_per_1000 * a.kad_suitable + a.kad_own_per_1000 for a in self.region.ages)
        users = [m.number for m in self.region.municipalities if m.kad_unit == unit.id]
        return replace(unit, beds=_whole(unit.beds, self.of(users, use)))

    def pool(self, pool: ShortTermPool) -> ShortTermPool:
        use = tuple(n * a.needs_short_term for n, a in zip(self.needs, self.region.ages, strict=True))
        users = [m.number for m in self.region.municipalities if m.short_term_pool == pool.id]
        return replace(pool, places=_whole(pool.places, self.of(users, use)))

    def team(self, team: AmbulantTeam) -> AmbulantTeam:
        use = tuple(
            a.acute_per_1000 if not team.target_ages or a.id in team.target_ages else 0.0
            for a in self.region.ages
        )
        return replace(
            team, staff_by_weekday=times(team.staff_by_weekday, self.of(list(team.municipalities), use))
        )

    def of_hospital(self, hospital: str, use: ByAge, share: str) -> float:
        """Growth of the people a hospital serves; ``share``: what others send to the regional one."""
        regional = self.region.regional_hospital
        weight: dict[str, float] = {}
        for m in self.region.municipalities:
            home = self.region.hospital(m.catchment)
            away = getattr(home, share) if regional is not None and home is not regional else 0.0
            if hospital == home.id:
                weight[m.number] = 1.0 - away
            elif regional is not None and hospital == regional.id:
                weight[m.number] = away
        return self._ratio(lambda number: weight.get(number, 0.0), use)

    def of(self, numbers: list[str], use: ByAge) -> float:
        """Growth of some municipalities' people."""
        return self._ratio(lambda number: float(number in numbers), use)

    def of_all(self, use: ByAge) -> float:
        """Growth of the whole region's people."""
        return self._ratio(lambda _: 1.0, use)

    def _ratio(self, weight: Callable[[str], float], use: ByAge) -> float:
        before = after = 0.0
        for number, (old, new) in self.people.items():
            before += weight(number) * sum(p * u for p, u in zip(old, use, strict=True))
            after += weight(number) * sum(p * u for p, u in zip(new, use, strict=True))
        return after / before if before else 1.0

    def _sum(self, parts: Any) -> ByAge:
        out = [0.0] * len(self.region.ages)
        for part in parts:
            out = [a + b for a, b in zip(out, part, strict=True)]
        return tuple(out)


def _pairs(before: Region, after: Region) -> Any:
    return zip(before.municipalities, after.municipalities, strict=True)


def _whole(have: int, factor: float) -> int:
    return have if have >= UNLIMITED else round(have * factor)
