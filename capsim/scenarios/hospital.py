"""Levers on hospitals: where acute patients lie, and how many beds there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from capsim.region.region import Hospital, Region, Ward
from capsim.scenarios.keys import (
    AtOnce,
    FromDay,
    Key,
    Lever,
    RampDays,
    amount,
    between,
    hospital_known,
    minutes_between,
    municipalities_known,
    once_each,
    one_of,
    refuse,
    with_more,
)

__all__ = ["AddBeds", "MoveCatchment", "SetEmergencyFunction", "TransferBack", "ward_of", "with_beds"]


@dataclass(frozen=True)
class AddBeds(Lever):
    """Staff more beds in a ward; a negative number closes them.

    Changes: the ward's beds on every day, those of weekends and summer weeks by the same number. Beds
    that close do so as they empty: nobody is moved out. The ward's acute reserve stays, as far as
    there are beds for it.

    Must move: occupancy, corridor patients and postponements of the ward. Side effect: patients who
    were elsewhere (an outlier ward, the emergency department) lie in their own ward; shorter waits
    for surgery that was postponed.
    Evidence: none of its own; what beds do follows from the queue. Every bed needs staff all week.
    """

    ward: Annotated[str, Key("Id of the ward (wards.csv)")]
    beds: Annotated[int, Key("Beds more; negative closes them", "beds", -100_000, 100_000, not_zero=True)]
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def changed(self, region: Region, part: float) -> Region:
        one_of(self, "ward", self.ward, (w.id for w in region.wards))
        ward = next(w for w in region.wards if w.id == self.ward)
        with_more(self, "beds", ward.beds, self.beds)
        new = with_beds(ward, amount(self.beds, part))
        return replace(region, wards=tuple(new if w is ward else w for w in region.wards))


@dataclass(frozen=True)
class MoveCatchment(Lever):
    """Give municipalities another catchment hospital.

    Changes: where their acute patients lie, and their planned patients by the general shares; shares of
    single types that ``MoveElective`` has set stay. Beds and staff do not follow. Those in hospital stay
    where they are.

    Must move: admissions and occupancy at both hospitals. Side effect: travel of the municipalities'
    patients, and waits where the planned patients now are referred.
    Evidence: none of its own; beds and travel follow.
    """

    municipalities: Annotated[tuple[str, ...], Key("Numbers of the municipalities that move, each once")]
    to: Annotated[str, Key("Id of their new catchment hospital (hospitals.csv)")]
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "municipalities", self.municipalities, "municipality")

    def changed(self, region: Region, part: float) -> Region:
        hospital_known(self, region, "to", self.to)
        municipalities_known(self, region, "municipalities", self.municipalities)
        for number in self.municipalities:
            minutes_between(self, region, number, self.to)
            if region.municipality(number).catchment == self.to:
                refuse(self, "municipalities", f"has {self.to} as its catchment hospital already", number)
        municipalities = tuple(
            replace(m, catchment=self.to) if m.number in self.municipalities else m
            for m in region.municipalities
        )
        return replace(region, municipalities=municipalities)


@dataclass(frozen=True)
class SetEmergencyFunction(Lever):
    """Open or close a hospital's emergency function for some specialties.

    Changes: which specialties the hospital takes acute patients in. Where it is closed, they go to the
    nearest hospital that has it (the regional hospital's own patients go there as before). Beds and
    staff stay; those in hospital too.

    Must move: acute admissions and occupancy at both hospitals, and acute surgical admissions per day.
    Side effect: travel; planned surgery at a hospital whose beds are freed or filled.
    Evidence: none of its own; beds and travel follow. What distance does to outcomes is not in the model.
    """

    hospital: Annotated[str, Key("Id of the hospital (hospitals.csv)")]
    specialties: Annotated[tuple[str, ...], Key("Ids of specialties (specialties.csv), each once")]
    function: Annotated[Literal["open", "close"], Key("Whether acute patients are taken from now on")]
    from_day: FromDay = 0
    ramp_days: AtOnce = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "specialties", self.specialties, "specialty")

    def changed(self, region: Region, part: float) -> Region:
        hospital_known(self, region, "hospital", self.hospital)
        hospital = region.hospital(self.hospital)
        for specialty in self.specialties:
            one_of(self, "specialties", specialty, (s.id for s in region.specialties))
            has = specialty in hospital.emergency
            if has == (self.function == "open"):
                state = "takes its acute patients already" if has else "takes none of its acute patients"
                refuse(self, "specialties", f"{hospital.id} {state}", specialty)
            if self.function == "open" and ward_of(region, hospital.id, specialty) is None:
                refuse(self, "specialties", f"{hospital.id} has no ward for it", specialty)
            if self.function == "close":
                self._may_close(region, hospital, specialty)
        kept = tuple(s for s in hospital.emergency if s not in self.specialties)
        emergency = (*kept, *self.specialties) if self.function == "open" else kept
        hospitals = tuple(replace(h, emergency=emergency) if h is hospital else h for h in region.hospitals)
        return replace(region, hospitals=hospitals)

    def _may_close(self, region: Region, hospital: Hospital, specialty: str) -> None:
        others = [h for h in region.hospitals if h is not hospital and specialty in h.emergency]
        if not others:
            refuse(
                self,
                "specialties",
                f"no other hospital than {hospital.id} takes its acute patients",
                specialty,
            )
        if hospital.tier == "regional" and any(h.regional_share_acute for h in region.hospitals):
            allowed = "the regional hospital must take it, since others send it acute patients"
            refuse(self, "specialties", allowed, specialty)


@dataclass(frozen=True)
class TransferBack(Lever):
    """Move acute patients back from the regional hospital when they no longer need it (delte pasientforløp).

    Changes: of the acute patients whom ``hospitals`` send to the regional hospital, the share that needs it
    only for the first part of the stay; they move to their catchment hospital when it has a free bed.

    Must move: bed-days at the regional hospital. Side effect: occupancy at the local hospitals; what moves
    is taken back only when there is a bed.
    Evidence: none of its own; the share and the time are assumptions.
    """

    share: Annotated[float, Key("Share of those sent to the regional hospital who move back", "share", 0, 1)]
    hospitals: Annotated[
        tuple[str, ...], Key("Ids of local hospitals (hospitals.csv), each once; empty: all")
    ] = ()
    after: Annotated[
        float, Key("Part of the stay spent at the regional hospital first", "share", 0, 1, True)
    ] = 0.5
    from_day: FromDay = 0
    ramp_days: RampDays = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        once_each(self, "hospitals", self.hospitals, "hospital", at_least=0)

    def changed(self, region: Region, part: float) -> Region:
        if region.regional_hospital is None:
            refuse(self, "hospitals", "the region has no regional hospital")
        local = [h.id for h in region.hospitals if h.tier == "local"]
        for site in self.hospitals:
            one_of(self, "hospitals", site, local)
        chosen = self.hospitals or tuple(local)
        hospitals = tuple(
            replace(
                h,
                transfer_back_share=between(h.transfer_back_share, self.share, part),
                transfer_back_after=self.after,
            )
            if h.id in chosen
            else h
            for h in region.hospitals
        )
        return replace(region, hospitals=hospitals)


def with_beds(ward: Ward, more: int) -> Ward:
    """The ward with so many beds more on every day of the year, and no larger reserve than beds."""
    beds = ward.beds + more

    def also(staffed: int | None) -> int | None:
        return None if staffed is None else max(staffed + more, 0)

    return replace(
        ward,
        beds=beds,
        acute_reserve=min(ward.acute_reserve, beds),
        weekend_beds=also(ward.weekend_beds),
        summer_beds=also(ward.summer_beds),
    )


def ward_of(region: Region, hospital: str, specialty: str) -> int | None:
    """Index of the hospital's ward for a specialty; the last one that lists it, as in the simulation."""
    for i, ward in reversed(list(enumerate(region.wards))):
        if ward.hospital == hospital and specialty in ward.specialties:
            return i
    return None
