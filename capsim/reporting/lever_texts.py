"""Levers in words, in Norwegian (nb) and English (en): what a board reads under "what was asked"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from capsim.region.rates import Response
from capsim.reporting.texts import LANGUAGES, listed, number, place_name, printable, unit_label
from capsim.scenarios.hospital import AddBeds
from capsim.scenarios.keys import Key, Lever
from capsim.scenarios.payment import SetIsfShare, SetPaymentRate, SetPaymentRule
from capsim.scenarios.teams import AddAmbulantTeam, AddHospitalAtHome

if TYPE_CHECKING:
    from capsim.region.region import Region

__all__ = ["lever_text"]

Words = tuple[str, str]

SENTENCES: Mapping[str, Words] = {
    "AddAmbulantTeam": (
        "Ambulant team «{name}» ved {base} for {municipalities}: {places}.",
        "Ambulant team “{name}” at {base} for {municipalities}: {places}.",
    ),
    "AddBeds": (
        "Senger i avdelingen {ward} ved {hospital}: {beds}.",
        "Beds in the ward {ward} at {hospital}: {beds}.",
    ),
    "AddClinicSlots": (
        "Timer til første kontakt i {specialty} ved {hospital}: {slots_by_weekday} i uka.",
        "First-contact slots in {specialty} at {hospital}: {slots_by_weekday} a week.",
    ),
    "AddHomeCareStarts": (
        "Nye pasienter som hjemmetjenesten i {municipality} tar imot per døgn: {starts_per_day}.",
        "New patients that home care in {municipality} takes a day: {starts_per_day}.",
    ),
    "AddHospitalAtHome": (
        "Hjemmesykehus «{name}» ved {base} for {municipalities}: {places} plasser.",
        "Hospital at home “{name}” at {base} for {municipalities}: {places} places.",
    ),
    "AddKadBeds": ("KAD-senger ved {unit}: {beds}.", "KAD beds at {unit}: {beds}."),
    "AddLongTermPlaces": (
        "Langtidsplasser i {municipality}: {places}.",
        "Long-term places in {municipality}: {places}.",
    ),
    "AddShortTermPlaces": ("Korttidsplasser i {where}: {places}.", "Short-term places in {where}: {places}."),
    "AddSupportedHousing": (
        "Omsorgsboliger i {municipality}: {dwellings}.",
        "Supported housing in {municipality}: {dwellings}.",
    ),
    "AddTheatreSessions": (
        "Operasjonstid i {specialty} ved {hospital}: {minutes_by_weekday} minutter i uka.",
        "Theatre time in {specialty} at {hospital}: {minutes_by_weekday} minutes a week.",
    ),
    "BuyPrivate": (
        "Av «{type}» kjøpes {share} hos private ({municipalities}).",
        "Of “{type}” {share} are bought from private providers ({municipalities}).",
    ),
    "ColocateKad": ("{unit} samlokaliseres med legevakt.", "{unit} is co-located with legevakt."),
    "EarlyNotification": ("Kommunene får vite tidligere.", "Municipalities are told earlier."),
    "GpCoverage": (
        "Hva om andelen uten fastlege endres: {without_gp}, når en uten fastlege har {acute_effect} "
        "akutte innleggelser. Virkningen er brukerens egen; ingen er kjent.",
        "What if the share without a GP changes: {without_gp}, when a person without one has "
        "{acute_effect} acute admissions. The effect is the user's own; none is known.",
    ),
    "JointGrant": (
        "Felles tilskudd til {buys} i {municipalities}: {amount}. Staten betaler {state_share}, {trust} "
        "{trust_share} og kommunene resten.",
        "A joint grant for {buys} in {municipalities}: {amount}. The state pays {state_share}, {trust} "
        "{trust_share} and the municipalities the rest.",
    ),
    "MoveCatchment": (
        "{municipalities} får {to} som lokalsykehus. Senger og bemanning følger ikke med.",
        "{municipalities} get {to} as their catchment hospital. Beds and staff do not follow.",
    ),
    "MoveElective": (
        "Flytter {share} av «{type}» fra {source} til {to}; operasjonstid: {sessions}; senger: {beds}.",
        "Moves {share} of “{type}” from {source} to {to}; theatre time: {sessions}; beds: {beds}.",
    ),
    "MoveTheatreSessions": (
        "Flytter {minutes} minutter operasjonstid i uka i {specialty} fra {source} til {to}.",
        "Moves {minutes} minutes of theatre time a week in {specialty} from {source} to {to}.",
    ),
    "PoolKad": (
        "{municipalities} får felles KAD, «{name}».",
        "{municipalities} share one KAD unit, “{name}”.",
    ),
    "PoolReferrals": (
        "Felles henvisningsmottak for {types} ved {hospitals}.",
        "One referral intake for {types} at {hospitals}.",
    ),
    "PoolShortTermPlaces": (
        "{municipalities} deler korttidsplassene sine.",
        "{municipalities} share their short-term places.",
    ),
    "ProjectPopulation": (
        "Folketall fram i tid ({people}); {capacity}.",
        "A later population ({people}); {capacity}.",
    ),
    "RaiseKadUse": (
        "Av egnede pasienter sendes {use_rate} til KAD ({units}).",
        "Of suitable patients {use_rate} are sent to KAD ({units}).",
    ),
    "ScaleDemand": ("Etterspørselen ganges med {factor}.", "Demand is multiplied by {factor}."),
    "SetEmergencyFunction": (
        "Akuttfunksjonen i {specialties} ved {hospital} {function}.",
        "The emergency function in {specialties} at {hospital} is {function}.",
    ),
    "SetIsfShare": (
        "Innsatsstyrt finansiering settes til {share} av enhetsprisen.",
        "Activity-based funding (ISF) is set to {share} of the unit price.",
    ),
    "SetPaymentRate": (
        "Betalingsplikten settes til {nok_per_day} kr per døgn.",
        "The betalingsplikt is set to NOK {nok_per_day} per day.",
    ),
    "SetPaymentRule": ("Betalingsplikten får nye regler.", "The betalingsplikt gets new rules."),
    "SetResponse": (
        "Hvor sterkt det svares på satsen, er ikke kjent; dette er et {band} anslag.",
        "How strongly anybody answers to the rate is not known; this is a {band} estimate.",
    ),
    "ShareStaff": (
        "Kombinerte stillinger, «{name}»: {staff_by_weekday} vakter i uka som deles.",
        "Shared staff, “{name}”: {staff_by_weekday} shifts a week.",
    ),
    "ShiftOutpatients": (
        "Polikliniske besøk flyttes ({types}).",
        "Outpatient visits move ({types}).",
    ),
    "TransferBack": (
        "Av pasienter fra {hospitals} som trenger regionsykehuset akutt, flyttes {share} tilbake når {after} "
        "av oppholdet er gått.",
        "Of patients from {hospitals} who need the regional hospital acutely, {share} move back when {after} "
        "of the stay has passed.",
    ),
}  # fmt: skip
"""Lever → its sentence; the words in braces are its keys."""

FURTHER: Mapping[str, Words] = {
    "ColocateKad.use_rate": (
        "Av egnede pasienter sendes {use_rate} dit.", "Of suitable patients {use_rate} are sent there.",
    ),
    "EarlyNotification.notified_share": (
        "{notified_share} av behovene meldes innen et døgn etter innleggelse.",
        "{notified_share} of needs are notified within a day of admission.",
    ),
    "EarlyNotification.answered_in_time": (
        "{answered_in_time} svares ut før pasienten er klar ({municipalities}).",
        "{answered_in_time} are answered before the patient is ready ({municipalities}).",
    ),
    "JointGrant.nok_per_year": (
        "Det koster {nok_per_year} kr i året.", "It costs NOK {nok_per_year} a year.",
    ),
    "JointGrant.until_day": ("Til døgn {until_day}.", "Until day {until_day}."),
    "PoolKad.use_rate": (
        "Av egnede pasienter sendes {use_rate} dit.", "Of suitable patients {use_rate} are sent there.",
    ),
    "ScaleDemand.streams": ("Gjelder {streams}.", "For {streams}."),
    "ScaleDemand.types": ("Gjelder {types}.", "For {types}."),
    "ScaleDemand.ages": ("Alder: {ages}.", "Age: {ages}."),
    "ScaleDemand.groups": ("Pasientgrupper: {groups}.", "Patient groups: {groups}."),
    "ScaleDemand.municipalities": ("Kommuner: {municipalities}.", "Municipalities: {municipalities}."),
    "SetPaymentRule.nok_per_day": ("Sats: {nok_per_day} kr per døgn.", "Rate: NOK {nok_per_day} per day."),
    "SetPaymentRule.free_days": ("Gratis døgn per opphold: {free_days}.", "Free days per stay: {free_days}."),
    "SetPaymentRule.steps": ("Trinn: {steps}.", "Steps: {steps}."),
    "SetPaymentRule.notice_days": (
        "Døgn teller først {notice_days} døgn etter varselet.",
        "Days count from {notice_days} days after the notice.",
    ),
    "SetPaymentRule.sectors": ("Gjelder {sectors}.", "For {sectors}."),
    "SetPaymentRule.payer": (
        "Det er kommunen der pasienten {payer}, som betaler.",
        "The municipality where the patient {payer} pays.",
    ),
    "SetResponse.municipal": (
        "Kommunene {municipal}, {delay_days} døgn etter at den endres.",
        "Municipalities {municipal}, {delay_days} days after it changes.",
    ),
    "SetResponse.hospitals": ("Sykehusene {hospitals}.", "Hospitals {hospitals}."),
    "ShareStaff.specialties": (
        "Økter i {specialties} ved {hospital} bemannes først.",
        "Sessions in {specialties} at {hospital} are staffed first.",
    ),
    "ShareStaff.short_term_pools": (
        "Korttidsplasser som deler: {short_term_pools}.", "Short-term places that share: {short_term_pools}.",
    ),
    "ShareStaff.teams": ("Team som deler: {teams}.", "Teams that share: {teams}."),
    "ShiftOutpatients.video_share": (
        "På video: {video_share}; det sparer reise, ikke arbeidstid.",
        "On video: {video_share}; that saves travel, not staff time.",
    ),
    "ShiftOutpatients.private_share": (
        "Hos avtalespesialist: {private_share}.", "With an avtalespesialist: {private_share}.",
    ),
    "ShiftOutpatients.near_share": (
        "I egen kommune: {near_share}.", "In their own municipality: {near_share}.",
    ),
    "ShiftOutpatients.regional_share": (
        "Ved regionsykehuset: {regional_share}.", "At the regional hospital: {regional_share}.",
    ),
}  # fmt: skip
"""Lever and key → a sentence more where that key is given."""

KINDS: Mapping[str, Words] = {
    "somatic": (
        "Av de akutte i målgruppa kan {averts_share} behandles hjemme.",
        "Of acute patients in its target group {averts_share} may be treated at home.",
    ),
    "follow_up": (
        "Av de utskrevne i målgruppa følges {follows_share} opp; sjansen for reinnleggelse endres med "
        "{readmission_effect}.",
        "Of those discharged in its target group {follows_share} are followed up; their chance of "
        "readmission changes by {readmission_effect}.",
    ),
    "fact": (
        "FACT: liggetida i psykisk helsevern og rusbehandling endres med {stay_effect} for de innskrevne.",
        "FACT: stays in mental health and substance use care change by {stay_effect} for those enrolled.",
    ),
    "hospital_at_home": (
        "Av oppholdene i målgruppa kan {early_discharge_share} avsluttes hjemme.",
        "Of stays in its target group {early_discharge_share} may end at home.",
    ),
    "legevaktbil": (
        "Legevaktbil: antas å unngå {averts_share} av de akutte innleggelsene.",
        "Legevaktbil: assumed to avert {averts_share} of acute admissions.",
    ),
    "digital": (
        "Digital oppfølging: antas å unngå {averts_share} av de akutte innleggelsene.",
        "Digital follow-up: assumed to avert {averts_share} of acute admissions.",
    ),
}
"""Kind of team → what it does."""

CHOICES: Mapping[str, Words] = {
    "move": ("følger med", "follows"),
    "stay": ("blir igjen", "stays"),
    "open": ("åpnes", "opened"),
    "close": ("legges ned", "closed"),
    "frozen": ("dagens kapasitet beholdes", "today's capacity is kept"),
    "follow_population": ("kapasiteten følger befolkningen", "capacity follows the population"),
    "short_term_places": ("korttidsplasser", "short-term places"),
    "long_term_places": ("langtidsplasser", "long-term places"),
    "supported_housing": ("omsorgsboliger", "supported housing"),
    "home_care_starts": ("nye pasienter i hjemmetjenesten per døgn", "new home-care patients a day"),
    "kad_beds": ("KAD-senger", "KAD beds"),
    "payer.registered": ("er folkeregistrert", "is registered"),
    "payer.stay": ("oppholder seg", "stays"),
    "sectors.somatic": ("somatikk", "somatic care"),
    "sectors.phv": ("psykisk helsevern", "mental health care"),
    "sectors.tsb": ("rusbehandling", "substance use care"),
    "band.low": ("lavt", "low"),
    "band.central": ("sentralt", "central"),
    "band.high": ("høyt", "high"),
    "municipal.elastic": (
        "svarer raskere og har flere plasser jo høyere satsen er",
        "answer faster and have more places the higher the rate",
    ),
    "municipal.cost_minimising": (
        "kjøper korttidsplasser der det er billigere enn å betale",
        "buy short-term places where that is cheaper than to pay",
    ),
    "hospitals.reporting": (
        "melder flere klare, og tidligere, jo høyere satsen er",
        "report more patients ready, and earlier, the higher the rate",
    ),
}
"""A choice in words, by its name or, where that has other meanings too, by key and name."""

ALL: Mapping[str, Words] = {
    "units": ("alle KAD-enheter", "all KAD units"),
    "hospitals": ("lokalsykehusene", "the local hospitals"),
    "municipalities": ("alle kommuner", "all municipalities"),
    "types": ("alle typer", "all types"),
    "steps": ("ingen", "none"),
}
"""What an empty list means, by key."""

EFFECTS = ("averts_share", "follows_share", "readmission_effect", "stay_effect", "early_discharge_share")
FROM_DAY = ("Fra døgn {day}.", "From day {day}.")
RAMP = ("Innføres over {days} døgn.", "Phased in over {days} days.")
NOBODY_ANSWERS = ("Ingen antas å endre atferd.", "Nobody is assumed to change behaviour.")
STEP = ("{factor} ganger satsen fra døgn {day}", "{factor} times the rate from day {day}")
TEAM_PLACES = ("{n} pasienter samtidig", "{n} patients at a time")
TEAM_ENROLLED = ("{n} innskrevne", "{n} enrolled")
POINTS = ("prosentpoeng", "percentage points")
YEAR = ("år {year}", "the year {year}")


def lever_text(lever: Lever, region: Region, language: str) -> str:
    """A lever in a sentence or more; ``region`` is that of the scenario it belongs to."""
    choice = LANGUAGES.index(language)
    name = type(lever).__name__
    names = _names(region, language)
    hints = get_type_hints(type(lever), include_extras=True)
    values = {
        f.name: _shown(getattr(lever, f.name), f.name, get_args(hints[f.name])[1], region, names, language)
        for f in fields(lever)
    }
    values |= _more(lever, region, language, values)
    given = [f.name for f in fields(lever) if getattr(lever, f.name) != f.default]
    sentences = [SENTENCES[name], *(FURTHER[f"{name}.{key}"] for key in given if f"{name}.{key}" in FURTHER)]
    if isinstance(lever, AddAmbulantTeam):
        sentences.append(KINDS[lever.kind])
    if isinstance(lever, AddHospitalAtHome):
        sentences.append(KINDS["hospital_at_home"])
    unanswered = isinstance(lever, SetPaymentRate | SetPaymentRule) and region.response == Response()
    if unanswered or isinstance(lever, SetIsfShare):
        sentences.append(NOBODY_ANSWERS)
    if lever.from_day:
        sentences.append(FROM_DAY)
        values["day"] = str(lever.from_day)
    if lever.ramp_days:
        sentences.append(RAMP)
        values["days"] = number(lever.ramp_days, 0, language)
    return " ".join(sentence[choice].format(**values) for sentence in sentences)


def _names(region: Region, language: str) -> dict[str, str]:
    """What types, specialties and pools are called; a short-term pool by its municipalities."""
    names: dict[str, str] = {}
    for now in (phase.region for phase in region.phases()):
        for table in (now.elective_types, now.acute_types, now.visit_types, now.specialties, now.staff_pools):
            names.update((item.id, item.name) for item in table)
        for pool in now.short_term_pools:
            users = [m.name for m in now.municipalities if m.short_term_pool == pool.id]
            names[pool.id] = listed(users, language) or pool.id
    return names


def _shown(value: Any, field: str, key: Key, region: Region, names: Mapping[str, str], language: str) -> str:
    """One value of a lever in words."""
    choice = LANGUAGES.index(language)

    def known(id: str) -> str:
        if words := CHOICES.get(f"{field}.{id}", CHOICES.get(id)):
            return words[choice]
        return printable(names[id]) if id in names else place_name(region, id, language)

    if value is None:
        return ""
    if isinstance(value, str):
        return known(value)
    if isinstance(value, Mapping):
        return listed([f"{known(id)} ({_amount(v, key, language)})" for id, v in value.items()], language)
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        steps = [(day, _amount(factor, key, language)) for day, factor in value]
        return listed([STEP[choice].format(day=day, factor=factor) for day, factor in steps], language)
    if isinstance(value, tuple) and value and not isinstance(value[0], str):
        return _amount(sum(value), key, language)
    if isinstance(value, tuple):
        return listed([known(id) for id in value], language) if value else ALL.get(field, ("", ""))[choice]
    return _amount(value, key, language)


def _amount(value: float, key: Key, language: str) -> str:
    """A number with a sign where it is a change, as a percentage where it is a share."""
    sign = key.low is not None and key.low < 0
    if key.unit in ("share", "points"):
        whole = round(100 * value, 1) == round(100 * value)
        text = number(100 * value, 0 if whole else 1, language, sign)
        unit = POINTS[LANGUAGES.index(language)] if key.unit == "points" else unit_label("share", language)
        return f"{text}\u00a0{unit}"
    decimals = 0 if value == round(value) else 2
    return number(value, decimals, language, sign)


def _more(lever: Lever, region: Region, language: str, values: Mapping[str, str]) -> dict[str, str]:
    """Values that are no key of the lever: they follow from several, or from the region."""
    choice = LANGUAGES.index(language)
    more: dict[str, str] = {}
    if "name" in values and not getattr(lever, "name", ""):
        more["name"] = values["id"]
    if isinstance(lever, AddAmbulantTeam | AddHospitalAtHome):
        stages = [phase.region for phase in region.phases()]
        stage, team = next((r, t) for r in reversed(stages) for t in r.teams if t.id == lever.id)
        size, words = (team.enrolled, TEAM_ENROLLED) if team.enrolled else (team.places(stage), TEAM_PLACES)
        if isinstance(lever, AddAmbulantTeam):
            more["places"] = words[choice].format(n=number(size, 0, language))
        hints = get_type_hints(AddAmbulantTeam, include_extras=True)
        for key in (
            "averts_share",
            "follows_share",
            "readmission_effect",
            "stay_effect",
            "early_discharge_share",
        ):
            more[key] = _amount(getattr(team, key), get_args(hints[key])[1], language)
    if values.get("municipality") or values.get("pool"):
        more["where"] = values["municipality"] or values.get("pool", "")
    if isinstance(lever, AddBeds):
        ward = next(w for phase in region.phases() for w in phase.region.wards if w.id == lever.ward)
        more["hospital"] = place_name(region, ward.hospital, language)
    if "growth" in values:
        year = getattr(lever, "year", 0)
        more["people"] = YEAR[choice].format(year=year) if year else values["growth"]
    return more
