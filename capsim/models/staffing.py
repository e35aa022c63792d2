"""Shared staff: what sessions, places and teams can do with the people that their pool has."""

from __future__ import annotations

from dataclasses import replace

from capsim.region.region import AmbulantTeam, Region, Session, ShortTermPool, StaffPool, Week

__all__ = ["staffed"]

FULL_SESSION_MINUTES = 480


def staffed(region: Region) -> Region:
    """The region with sessions, short-term places and teams cut down to what their staff pools can
    do in a week: sessions first, then places, then teams, each kind by the same part."""
    for pool in region.staff_pools:
        region = _cut(region, pool)
    return region


def _cut(region: Region, pool: StaffPool) -> Region:
    left = sum(pool.staff_by_weekday)  # staff-days a week

    def part(wanted: float) -> float:
        nonlocal left
        share = min(1.0, left / wanted) if wanted > 0 else 1.0
        left = max(0.0, left - wanted * share)
        return share

    sessions = [s for s in region.sessions if s.staff_pool == pool.id]
    session_part = part(sum(_session_staff(s) for s in sessions))
    pools = [p for p in region.short_term_pools if p.staff_pool == pool.id]
    place_part = part(sum(7 * p.places * p.staff_per_place for p in pools))
    teams = [t for t in region.teams if t.staff_pool == pool.id]
    team_part = part(sum(sum(t.staff_by_weekday) for t in teams))

    def of_session(s: Session) -> Session:
        return replace(s, capacity=_scaled(s.capacity, session_part)) if s in sessions else s

    def of_places(p: ShortTermPool) -> ShortTermPool:
        return replace(p, places=int(p.places * place_part + 1e-9)) if p in pools else p

    def of_team(t: AmbulantTeam) -> AmbulantTeam:
        return replace(t, staff_by_weekday=_scaled(t.staff_by_weekday, team_part)) if t in teams else t

    return replace(
        region,
        sessions=tuple(map(of_session, region.sessions)),
        short_term_pools=tuple(map(of_places, region.short_term_pools)),
        teams=tuple(map(of_team, region.teams)),
    )


def _session_staff(session: Session) -> float:
    """Staff-days a week that a list's sessions ask for."""
    unit = FULL_SESSION_MINUTES if session.kind == "theatre" else 1
    return session.staff * sum(session.capacity) / unit


def _scaled(week: Week, part: float) -> Week:
    mon, tue, wed, thu, fri, sat, sun = (day * part for day in week)
    return mon, tue, wed, thu, fri, sat, sun
