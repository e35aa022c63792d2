"""Outpatient visits after the first contact: a load in closed form, without a queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capsim.region.region import Region

__all__ = ["Outpatient", "outpatient"]


@dataclass(frozen=True, eq=False)
class Outpatient:
    """Visits by municipality and type, their travel (hours and km, to and fro), both of shape
    (municipalities, types); and those at a hospital, shape (municipalities, types, hospitals)."""

    types: tuple[str, ...]
    visits: np.ndarray
    hours: np.ndarray
    km: np.ndarray
    at_hospital: np.ndarray

    @property
    def slots(self) -> np.ndarray:
        """The slots taken at each hospital."""
        return self.at_hospital.sum(axis=(0, 1))


def outpatient(region: Region, hospitals: tuple[str, ...]) -> Outpatient:
    """A year's outpatient visits: people by age × the type's rate × the municipality's demand factor.

    They are at the catchment hospital or, for the type's regional share, at the regional one. Video
    takes a slot and no travel; an avtalespesialist a short way and no slot; a clinic in the
    municipality a short way and a slot of the hospital.
    """
    types, places = region.visit_types, region.municipalities
    people = np.array([m.population for m in places]) * np.array([[m.demand_factor] for m in places])
    rate = np.array([t.per_1000 for t in types]).reshape(len(types), people.shape[1]) / 1000
    visits = people @ rate.T
    regional_share = np.array([t.regional_share for t in types])
    at = np.zeros((len(places), len(types), len(hospitals)))
    for m, municipality in enumerate(places):
        at[m, :, hospitals.index(municipality.catchment)] = 1 - regional_share
        referral = region.regional_hospital.id if region.regional_hospital else municipality.catchment
        at[m, :, hospitals.index(referral)] += regional_share
    private = np.array([t.private_share for t in types])
    near = private + [t.near_share for t in types]
    far = 1 - near - [t.video_share for t in types]

    def travelled(table: dict[tuple[str, str], float], short: list[float]) -> np.ndarray:
        way = np.array([[table[m.number, h] for h in hospitals] for m in places])
        return 2 * visits * (far * np.einsum("mth,mh->mt", at, way) + near * np.array(short))

    return Outpatient(
        tuple(t.id for t in types),
        visits,
        travelled(dict(region.travel_minutes), [t.near_minutes for t in types]) / 60,
        travelled(dict(region.travel_km), [t.near_km for t in types]),
        (visits * (1 - private))[:, :, None] * at,
    )
