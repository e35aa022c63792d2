"""Expected volumes: how many patients a region's rates and site shares send where, before any is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from capsim.region.region import ElectiveType, Region

__all__ = ["expected_at", "expected_volume", "local_volume", "new_site_shares"]


def expected_volume(region: Region, type: ElectiveType | str) -> dict[tuple[str, str], float]:
    """Elective patients a year by (municipality number, hospital id), as the region's rates and site
    shares have it before anything is simulated.

    Patients whose site is a local hospital that may not take them (tier, or ``local_share`` at their
    age) count at the regional hospital, as in the simulation. Those who choose a hospital
    themselves (``choice_share``) count where the shares would send them.
    """
    kind = region.elective_type(type) if isinstance(type, str) else type
    regional = region.regional_hospital
    volume: dict[tuple[str, str], float] = {}
    for m in region.municipalities:
        whole, local = sum(_by_age(region, kind, m.number)), sum(local_volume(region, kind, m.number))
        for site, share in region.general_site_share(kind, m.number):
            stays = local if region.hospital(site).tier == "local" else whole
            volume[m.number, site] = volume.get((m.number, site), 0.0) + share * stays
            if regional is not None and stays < whole:
                sent_on = m.number, regional.id
                volume[sent_on] = volume.get(sent_on, 0.0) + share * (whole - stays)
    return volume


def expected_at(region: Region, kind: ElectiveType, hospital: str) -> float:
    """Patients of a type a year at one hospital."""
    return sum(v for (_, site), v in expected_volume(region, kind).items() if site == hospital)


def local_volume(region: Region, kind: ElectiveType, number: str) -> list[float]:
    """Patients a year of a municipality whom a local hospital may treat, by age band; everyone where
    there is no regional hospital."""
    volume = _by_age(region, kind, number)
    if region.regional_hospital is None:
        return volume
    if kind.minimum_tier == "regional":
        return [0.0] * len(volume)
    return [v * share for v, share in zip(volume, kind.local_share, strict=True)]


def _by_age(region: Region, kind: ElectiveType, number: str) -> list[float]:
    """Patients a year of a municipality, by age band."""
    municipality = region.municipality(number)
    factor = municipality.demand_factor * region.demand_scale.get("elective", 1.0) / 1000
    return [
        people * rate * factor * _demand_factor(region, kind, number, a)
        for a, (people, rate) in enumerate(zip(municipality.population, kind.per_1000, strict=True))
    ]


def _demand_factor(region: Region, kind: ElectiveType, number: str, age: int) -> float:
    """What the region's demand changes multiply a cell by, mean over the patient groups."""
    total = 0.0
    for group in region.groups:
        factor = group.share[age]
        for change in region.demand_changes:
            asked = (
                (change.streams, "elective"),
                (change.municipalities, number),
                (change.ages, region.ages[age].id),
                (change.groups, group.id),
                (change.types, kind.id),
            )
            if all(not among or value in among for among, value in asked):
                factor *= change.factor
        total += factor
    return total


def new_site_shares(
    region: Region, kind: ElectiveType, source: str, moves: Mapping[tuple[str, str], float]
) -> dict[tuple[str, str], tuple[tuple[str, float], ...]]:
    """The region's site shares with ``moves`` (patients a year by municipality and target) moved."""
    shares = dict(region.site_shares)
    for number in sorted({number for number, _ in moves}):
        local = sum(local_volume(region, kind, number))
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


def _joined(row: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
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
