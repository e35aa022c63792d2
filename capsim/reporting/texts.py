"""Labels, units, number formats and sentences in Norwegian (nb) and English (en).

The sentences are computed: what a result does, with its interval, or that no certain change is
seen. Nothing here knows what a chart or a page looks like.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from capsim.analysis.comparison import ENOUGH, Change, Level
from capsim.errors import InputError, Problem
from capsim.reporting.phrases import PHRASES

if TYPE_CHECKING:
    from capsim.region.region import Region

__all__ = [
    "CAUSES",
    "COSTINGS",
    "KEY_RESULTS",
    "LANGUAGES",
    "PAYERS",
    "PRICES",
    "REASONS",
    "RESULTS",
    "Scale",
    "amount_text",
    "capitalised",
    "cause_label",
    "certainty_label",
    "change_text",
    "check_language",
    "claim",
    "costing_label",
    "date_text",
    "facts",
    "few_text",
    "has_payment",
    "is_assumption",
    "last_year",
    "level_text",
    "listed",
    "missing_text",
    "month",
    "number",
    "payment_note",
    "phrase",
    "place_name",
    "price_label",
    "printable",
    "reason_label",
    "replications_text",
    "result_label",
    "setting_label",
    "shown_interval",
    "tick",
    "transfer_text",
    "unit_label",
    "window_label",
]

LANGUAGES = ("nb", "en")

KEY_RESULTS = (
    "wait_mean_days",
    "fristbrudd_share",
    "postponed_share",
    "bed_days",
    "occupancy_mean",
    "overliggerdogn",
    "travel_hours",
    "payment_nok",
)
"""The results a board sees first, in this order, for the whole region."""

RESULTS: Mapping[str, tuple[str, str]] = {
    "wait_median_days": ("median ventetid", "median wait"),
    "wait_p90_days": ("ventetid som 9 av 10 er under", "wait that 9 in 10 are below"),
    "wait_mean_days": ("gjennomsnittlig ventetid", "mean wait"),
    "first_contact_wait_median_days": ("median ventetid til første kontakt", "median wait to first contact"),
    "first_contact_wait_p90_days": (
        "ventetid til første kontakt som 9 av 10 er under",
        "wait to first contact that 9 in 10 are below",
    ),
    "first_contact_wait_mean_days": (
        "gjennomsnittlig ventetid til første kontakt",
        "mean wait to first contact",
    ),
    "fristbrudd_share": ("andel fristbrudd ved første kontakt", "fristbrudd share at first contact"),
    "waiting_first_contact": (
        "ventende på første kontakt ved utgangen",
        "waiting for first contact at the end",
    ),
    "treated_wait_mean_days": ("gjennomsnittlig ventetid for de behandlede", "mean wait of those treated"),
    "waiting": ("ventende ved utgangen", "waiting at the end"),
    "past_deadline_share": ("andel behandlet etter egen frist", "share treated past their own deadline"),
    "postponed_share": ("andel utsatte planlagte inngrep", "share of planned operations postponed"),
    "postponed": ("utsatte planlagte inngrep", "planned operations postponed"),
    "theatre_minutes_lost": ("tapt operasjonstid", "theatre time lost"),
    "joined_share": ("andel av henviste som stiller seg i kø", "share of referral candidates who join"),
    "volume": ("antall behandlede", "volume treated"),
    "volume_below_threshold": ("volum under faglig minstekrav", "volume below the professional minimum"),
    "occupancy_mean": ("gjennomsnittlig belegg", "mean occupancy"),
    "occupancy_p95": ("belegg som overskrides 5 prosent av døgnene", "95th percentile of occupancy"),
    "days_above_85_share": ("andel døgn over 85 prosent belegg", "share of days above 85 % occupancy"),
    "days_above_92_share": ("andel døgn over 92 prosent belegg", "share of days above 92 % occupancy"),
    "days_above_100_share": ("andel døgn over 100 prosent belegg", "share of days above 100 % occupancy"),
    "corridor_share": ("andel korridorpasienter", "share of corridor patients"),
    "boarding_hours": ("ventetimer på seng i akuttmottaket", "hours boarding in the emergency department"),
    "outlier_days": (
        "liggedøgn på en annen avdeling enn fagets egen",
        "bed-days in a ward other than the specialty's own",
    ),
    "admissions": ("innleggelser", "admissions"),
    "acute_admissions": ("akutte innleggelser", "acute admissions"),
    "acute_share": ("andel akutte innleggelser", "acute share of admissions"),
    "acute_surgical_per_day": ("akutte kirurgiske innleggelser", "acute surgical admissions"),
    "bed_days": ("liggedøgn", "bed-days"),
    "bed_days_per_1000": ("liggedøgn etter folketall", "bed-days by population"),
    "los_mean_days": ("gjennomsnittlig liggetid", "mean length of stay"),
    "deaths": ("dødsfall på sykehus", "deaths in hospital"),
    "transfers": ("tilbakeføringer til lokalsykehus", "transfers back to the local hospital"),
    "readmission_share": (
        "andel reinnlagt innen 30 døgn",
        "share readmitted within 30 days",
    ),
    "ready_stays": ("utskrivningsklare opphold med kommunalt behov", "ready stays with a municipal need"),
    "overliggerdogn": ("overliggerdøgn", "overliggerdøgn"),
    "overliggerdogn_per_1000": ("overliggerdøgn etter folketall", "overliggerdøgn by population"),
    "ready_stays_per_1000": ("utskrivningsklare opphold etter folketall", "ready stays by population"),
    "days_after_offer": ("døgn på sykehus etter tilbudet", "days in hospital after the offer"),
    "ready_within_24h_share": (
        "andel utskrivningsklare som reiser innen 24 timer",
        "share of ready patients who leave within 24 hours",
    ),
    "delay_mean_days": ("gjennomsnittlig forsinkelse for dem som må vente", "mean delay of those delayed"),
    "half_of_days_municipalities": (
        "kommuner som til sammen har halvparten av overliggerdøgnene",
        "municipalities that together hold half of the overliggerdøgn",
    ),
    "kad_admissions": ("KAD-innleggelser", "KAD admissions"),
    "kad_occupancy": ("KAD-belegg", "KAD occupancy"),
    "kad_sent_on_share": ("andel KAD-pasienter sendt videre til sykehus", "share of KAD patients sent on"),
    "kad_refused_share": ("andel avvist fordi KAD er full", "share refused because KAD is full"),
    "admissions_averted": ("unngåtte innleggelser", "admissions averted"),
    "bed_days_at_home": ("behandlingsdøgn hjemme", "days treated at home"),
    "team_occupancy": ("teamets belegg", "team occupancy"),
    "visits": ("hjemmebesøk", "home visits"),
    "municipal_visits": ("hjemmebesøk fra kommunen", "home visits by the municipality"),
    "followed_up": ("fulgt opp etter utskriving", "followed up after discharge"),
    "enrolled": ("innskrevet hos teamet", "enrolled with the team"),
    "short_term_occupancy": ("belegg på korttidsplasser", "short-term occupancy"),
    "short_term_wait_days": ("ventetid på korttidsplass", "wait for a short-term place"),
    "stretched_days": ("døgn i ekstra korttidsplasser", "days in extra short-term places"),
    "short_term_turned_away_share": ("andel hjemmefra som ikke får plass", "share from home turned away"),
    "long_term_wait_days": ("ventetid på langtidsplass", "wait for a long-term place"),
    "long_term_in_short_term_days": (
        "døgn i korttidsplasser i påvente av langtidsplass",
        "days in short-term places waiting for a long-term place",
    ),
    "housing_wait_days": ("ventetid på omsorgsbolig", "wait for supported housing"),
    "outpatient_visits": ("polikliniske besøk", "outpatient visits"),
    "clinic_slots": ("timeavtaler brukt på poliklinikkene", "clinic slots used"),
    "outpatient_travel_hours": (
        "reisetid til polikliniske besøk",
        "travel time to outpatient visits",
    ),
    "travel_hours": ("reisetid for pasientene", "patients' travel time"),
    "travel_km": ("reiselengde for pasientene", "patients' travel distance"),
    "travel_hours_per_patient": ("reisetid per pasient", "travel time per patient"),
    "payment_nok": ("betaling for overliggerdøgn", "payment for overliggerdøgn"),
    "payment_cost_coverage": (
        "betaling for overliggerdøgn i forhold til hva de koster sykehusene",
        "payment for overliggerdøgn relative to what they cost the hospitals",
    ),
    "cost_nok": ("utgifter", "costs"),
    "income_nok": ("inntekter fra andre betalere", "income from other payers"),
    "net_nok": ("netto, inntekter minus utgifter", "net, income minus costs"),
    "drg_points": ("DRG-poeng for opphold og dagkirurgi", "DRG points of stays and day surgery"),
    "private_treatments": ("behandlet hos private", "treated by private providers"),
}
"""What each result is called in the middle of a sentence: (nb, en)."""

CAUSES: Mapping[str, tuple[str, str]] = {
    "response": ("svar og tilrettelegging", "response and tailored services"),
    "home_care": ("hjemmetjeneste", "home care"),
    "short_term": ("korttidsplass", "short-term place"),
    "long_term": ("langtidsplass", "long-term place"),
    "housing": ("bolig", "housing"),
    "hospital": ("etter tilbudet (ikke overliggerdøgn)", "after the offer (no overliggerdøgn)"),
}

PAYERS: Mapping[str, tuple[str, str]] = {
    "municipalities": ("kommunene", "the municipalities"),
    "trusts": ("helseforetakene", "the health trusts"),
    "rhf": ("RHF", "the RHF"),
    "state": ("staten", "the state"),
    "patients": ("pasientene", "patients"),
    "society": ("samfunnet", "society"),
    "total": ("kommuner, helseforetak og RHF til sammen", "municipalities, trusts and the RHF together"),
}
"""Payers that are no municipality and no trust, as place of the results on money."""

COSTINGS: Mapping[str, tuple[str, str]] = {
    "marginal": ("marginalkostnad", "marginal cost"),
    "average": ("gjennomsnittskostnad", "average cost"),
}
"""How resources are priced; the first is what a scenario changes now."""

REASONS: Mapping[str, tuple[str, str]] = {
    "payment": ("betaling for overliggerdøgn", "payment for overliggerdøgn"),
    "isf": ("innsatsstyrt finansiering", "activity-based funding"),
    "guest": ("gjestepasientoppgjør", "guest-patient settlement"),
    "travel_refund": ("refusjon av reiser", "travel refunds"),
    "grant": ("tilskudd", "grants"),
    "bed_days": ("liggedøgn", "bed-days"),
    "bed_capacity": ("bemannede senger", "staffed beds"),
    "theatre_minutes": ("operasjonsminutter", "theatre minutes"),
    "theatre_capacity": ("bemannet operasjonstid", "staffed theatre time"),
    "clinic_visits": ("besøk på poliklinikkene", "clinic visits"),
    "clinic_capacity": ("timeavtaler på poliklinikkene", "clinic slots"),
    "place_days": ("døgn på korttidsplass", "days in short-term places"),
    "place_capacity": ("korttidsplasser", "short-term places"),
    "stretched_days": (
        "døgn i ekstra korttidsplasser og midlertidige boliger",
        "days in extra short-term places and temporary dwellings",
    ),
    "long_term_days": ("døgn på langtidsplass", "days in long-term places"),
    "long_term_capacity": ("langtidsplasser", "long-term places"),
    "housing_days": ("døgn i omsorgsbolig", "days in supported housing"),
    "housing_capacity": ("omsorgsboliger", "supported housing"),
    "kad_days": ("KAD-døgn", "KAD days"),
    "kad_capacity": ("KAD-senger", "KAD beds"),
    "home_care": ("hjemmetjeneste etter sykehus", "home care after hospital"),
    "home_care_capacity": ("bemanning i hjemmetjenesten", "home-care staff"),
    "home_visits": ("hjemmetjenestens besøk ved siden av team", "home-care visits beside teams"),
    "team_staff": ("bemanning i ambulante team", "staff of ambulant teams"),
    "team_visits": ("teamenes besøk", "team visits"),
    "travel": ("reiser", "travel"),
    "private_visits": ("besøk hos avtalespesialist", "visits to private specialists"),
    "private_treatments": ("behandling hos private", "private treatment"),
    "patient_transfers": ("overføring av pasienter mellom sykehus", "transfers between hospitals"),
}
"""What money is paid for, by the group of ``reason_average`` and ``reason_marginal``."""

PRICES: Mapping[str, tuple[str, str]] = {
    "bed_day": ("liggedøgn i somatikken", "somatic bed-day"),
    "bed_day_phv": ("liggedøgn i psykisk helsevern", "bed-day in mental health"),
    "bed_day_tsb": ("liggedøgn i rusbehandling", "bed-day in substance use care"),
    "theatre_minute": ("operasjonsminutt", "theatre minute"),
    "clinic_visit": ("poliklinisk besøk", "clinic visit"),
    "private_visit": ("besøk hos avtalespesialist", "visit to a private specialist"),
    "short_term_day": ("døgn på korttidsplass", "day in a short-term place"),
    "stretched_day": ("døgn i ekstra korttidsplass", "day in an extra short-term place"),
    "long_term_day": ("døgn på langtidsplass", "day in a long-term place"),
    "housing_day": ("døgn i omsorgsbolig", "day in supported housing"),
    "temporary_dwelling_day": ("døgn i midlertidig bolig", "day in a temporary dwelling"),
    "kad_day": ("KAD-døgn", "KAD day"),
    "home_care_start": ("forløp med hjemmetjeneste", "course of home care"),
    "home_visit": ("hjemmetjenestens besøk", "home-care visit"),
    "team_staff_day": ("dagsverk i ambulant team", "staff-day of an ambulant team"),
    "team_visit": ("teamets besøk", "team visit"),
    "travel_km": ("reise per km", "travel per km"),
    "travel_refund_km": ("refusjon av reise per km", "refund of travel per km"),
    "transfer": ("overføring mellom sykehus", "transfer between hospitals"),
}
"""The items of ``prices.csv``."""

_UNITS: Mapping[str, tuple[str, str]] = {
    "days": ("døgn", "days"),
    "share": ("prosent", "percent"),
    "stays": ("opphold", "stays"),
    "stays per day": ("opphold per døgn", "stays per day"),
    "patients": ("pasienter", "patients"),
    "points": ("poeng", "points"),
    "minutes": ("minutter", "minutes"),
    "hours": ("timer", "hours"),
    "km": ("km", "km"),
    "nok": ("kr", "NOK"),
    "nok per nok": ("kr per kr", "NOK per NOK"),
    "visits": ("besøk", "visits"),
    "operations": ("inngrep", "operations"),
    "slots": ("timeavtaler", "slots"),
    "municipalities": ("kommuner", "municipalities"),
    "days per 1000 per year": ("døgn per 1000 innbyggere og år", "days per 1000 inhabitants and year"),
    "stays per 1000 per year": ("opphold per 1000 innbyggere og år", "stays per 1000 inhabitants and year"),
    "1": ("", ""),
}

_OWN_UNITS: Mapping[str, tuple[str, str]] = {
    "acute_surgical_per_day": ("per døgn", "per day"),
    "boarding_hours": ("timer per pasient", "hours per patient"),
}
"""Where the unit of the tidy table is too general for a reader."""

_POINTS = ("prosentpoeng", "percentage points")
_MILLIONS = ("mill. kr", "million NOK")

_MONTHS = (
    ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)

_LONG_MONTHS = (
    (
        "januar",
        "februar",
        "mars",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ),
    (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
)

_CERTAINTY: Mapping[str, tuple[str, str]] = {
    "quoted": ("lest i kilden", "quoted"),
    "derived": ("utledet", "derived"),
    "recalled": ("antakelse (fra hukommelsen)", "assumption (recalled)"),
    "assumption": ("antakelse", "assumption"),
}


class Scale:
    """How amounts of one result are shown together: one factor, one unit, one number of decimals.

    ``values`` are those that will be shown; the largest decides unit and decimals. A ``difference``
    has at most two decimals, and more when a bound would else look like zero without being it;
    differences of shares are in percentage points.
    """

    def __init__(
        self, result: str, unit: str, values: Iterable[float], language: str, difference: bool = False
    ):
        shown_values = [value for value in values if math.isfinite(value) and value != 0]
        sizes = [abs(value) for value in shown_values]
        one_sided = difference and (min(shown_values, default=0) > 0 or max(shown_values, default=0) < 0)
        largest = max(sizes, default=0.0)
        choice = _choice(language)
        self.language = language
        self.factor = 1.0
        own = _OWN_UNITS.get(result) or _UNITS.get(unit) or (unit, unit)
        self.unit = own[choice]
        if unit == "share":
            self.factor = 100.0
            self.unit = _POINTS[choice] if difference else self.unit
        elif unit == "nok" and largest >= 1e6:
            self.factor = 1e-6
            self.unit = _MILLIONS[choice]
        shown = largest * self.factor
        if shown == 0:
            self.decimals = 0
        elif difference or shown < 1:
            self.decimals = 0 if shown >= 100 else 1 if shown >= 1 else 2
            if one_sided:
                needed = -math.floor(math.log10(min(sizes) * self.factor))
                self.decimals = max(self.decimals, min(needed, 4))
        else:
            self.decimals = 1 if shown < 1000 else 0

    def bare(self, value: float, sign: bool = False) -> str:
        """The number alone, in the scale's unit."""
        return number(value * self.factor, self.decimals, self.language, sign)

    def full(self, value: float, sign: bool = False) -> str:
        """The number with its unit, which a line break cannot part from it."""
        return f"{self.bare(value, sign)} {self.unit}".rstrip().replace(" ", "\u00a0", 1)


def _choice(language: str) -> int:
    return LANGUAGES.index(language)


def check_language(language: str) -> str:
    """``language`` if there are texts in it; raises :class:`InputError` otherwise."""
    if language not in LANGUAGES:
        raise InputError(
            Problem("report", f"must be one of: {', '.join(LANGUAGES)}", column="language", value=language)
        )
    return language


def number(value: float, decimals: int, language: str, sign: bool = False) -> str:
    """``value`` as it is written in the language: ``1 234,5`` in Norwegian, ``1,234.5`` in English.

    Thousands are parted by a no-break space in Norwegian from 10 000 on, the minus is a real one,
    and what rounds to zero has no sign. NaN is a dash.
    """
    if not math.isfinite(value):
        return "–"
    text = f"{abs(value):,.{decimals}f}"
    if language == "nb":
        text = text.replace(",", "\u00a0" if abs(value) >= 9_999.5 else "").replace(".", ",")
    if not any(digit in "123456789" for digit in text):
        return text
    return f"\u2212{text}" if value < 0 else f"+{text}" if sign else text


def tick(value: float, language: str) -> str:
    """The number at a tick of an axis, with the decimals it needs."""
    value = round(value, 6)
    return number(value, len(f"{value:f}".rstrip("0").partition(".")[2]), language)


def phrase(key: str, language: str, **values: object) -> str:
    """The phrase ``key`` with ``values`` filled in."""
    return PHRASES[key][_choice(language)].format(**values)


def printable(text: str) -> str:
    """``text`` without control characters, which no chart or page can hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def capitalised(text: str) -> str:
    """``text`` with its first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(items: list[str], language: str) -> str:
    """``a``, ``a og b``, ``a, b og c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {phrase('and', language)} {items[-1]}"


def result_label(result: str, language: str) -> str:
    """What a result is called in the middle of a sentence; its own name if it has no label."""
    return RESULTS.get(result, (result, result))[_choice(language)]


def unit_label(unit: str, language: str) -> str:
    """A unit of the tidy table in words."""
    return _UNITS.get(unit, (unit, unit))[_choice(language)]


def cause_label(cause: str, language: str) -> str:
    """What a delayed patient waits for."""
    return CAUSES.get(cause, (cause, cause))[_choice(language)]


def costing_label(costing: str, language: str) -> str:
    """How resources are priced."""
    return COSTINGS.get(costing, (costing, costing))[_choice(language)]


def reason_label(reason: str, language: str) -> str:
    """What money is paid for."""
    return REASONS.get(reason, (reason, reason))[_choice(language)]


def price_label(item: str, language: str) -> str:
    """What a price is of."""
    return PRICES.get(item, (item, item))[_choice(language)]


def certainty_label(certainty: str, language: str) -> str:
    """How sure a source is; what is neither quoted nor derived is an assumption."""
    return _CERTAINTY.get(certainty, (certainty, certainty))[_choice(language)]


def is_assumption(certainty: str) -> bool:
    """Whether a figure is neither read in a source nor worked out from one that was."""
    return certainty not in ("quoted", "derived")


def facts(region: Region) -> dict[str, tuple[str, str]]:
    """The region's settings with (source, certainty); what only names it is no fact about it."""
    return {k: v for k, v in region.sources.items() if k not in ("name", "title", "start")}


def window_label(window: str, language: str) -> str:
    """``all`` and ``year_2`` in words."""
    if window.startswith("year_"):
        return phrase("window_year", language, year=window.removeprefix("year_"))
    return phrase("window_all", language)


def month(number: int, language: str) -> str:
    """The month's short name, January is 1."""
    return _MONTHS[_choice(language)][number - 1]


def date_text(day: date, language: str) -> str:
    """``1. januar 2024`` or ``1 January 2024``."""
    dot = "." if language == "nb" else ""
    return f"{day.day}{dot}\u00a0{_LONG_MONTHS[_choice(language)][day.month - 1]}\u00a0{day.year}"


def place_name(region: Region, place: str, language: str) -> str:
    """The name of a hospital, municipality, KAD unit, team (also one that comes later) or payer; else
    the place's own id."""
    if place == "region":
        return phrase("region", language)
    names = {payer: words[_choice(language)] for payer, words in PAYERS.items()} | region.place_names()
    return printable(names.get(place) or place)


def claim(change: Change, language: str) -> str:
    """One sentence about a difference: how much with its interval, or that no change is certain.

    It begins with a small letter. The interval of a fall is turned so that both numbers are sizes of
    the fall.
    """
    what = result_label(change.result, language)
    difference, low, high = change.difference, change.low, change.high
    if change.unchanged:
        return phrase("claim_unchanged", language, what=what)
    if math.isnan(low):
        return phrase("claim_no_interval", language, what=what)
    scale = Scale(change.result, change.unit, (difference, low, high), language, difference=True)
    if not change.certain:
        key = "claim_few" if low > 0 or high < 0 else "claim_uncertain"
        ends = {"low": scale.bare(low, sign=True), "high": scale.full(high, sign=True)}
        return phrase(key, language, what=what, n=change.n, **ends)
    if difference > 0:
        ends = {"low": scale.bare(low), "high": scale.bare(high)}
        return phrase("claim_up", language, what=what, by=scale.full(difference), **ends)
    ends = {"low": scale.bare(-high), "high": scale.bare(-low)}
    return phrase("claim_down", language, what=what, by=scale.full(-difference), **ends)


def transfer_text(payment_difference: float, language: str) -> str:
    """That a change only moves money: ``payment_difference`` kroner more (or less) are paid by the
    municipalities; 0 when the money is another."""
    if payment_difference == 0:
        return phrase("money_only_other", language)
    scale = Scale("payment_nok", "nok", [payment_difference], language)
    more = phrase("more" if payment_difference > 0 else "less", language)
    return phrase("money_only_amount", language, by=scale.full(abs(payment_difference)), more=more)


def change_text(change: Change, language: str) -> str:
    """``+3,2 døgn (+1,1 til +5,3)``: a difference and its interval for a table or beside a mark."""
    difference, low, high = change.difference, change.low, change.high
    if change.unchanged:
        return phrase("unchanged", language)
    scale = Scale(change.result, change.unit, (difference, low, high), language, difference=True)
    text = scale.full(difference, sign=True)
    if math.isnan(low):
        return text
    between = f" {phrase('to', language)} "
    return f"{text} ({scale.bare(low, sign=True)}{between}{scale.bare(high, sign=True)})"


def amount_text(change: Change, language: str) -> str:
    """``+3,2 døgn``: a difference without its interval."""
    ends = (change.difference, change.low, change.high)
    return Scale(change.result, change.unit, ends, language, difference=True).full(
        change.difference, sign=True
    )


def level_text(level: Level, language: str) -> str:
    """``61,6 døgn (60,1 til 63,1)``: a mean and its interval."""
    low, high = shown_interval(level)
    scale = Scale(level.result, level.unit, (level.mean, low, high), language)
    if math.isnan(low):
        return scale.full(level.mean)
    between = f" {phrase('to', language)} "
    return f"{scale.full(level.mean)} ({scale.bare(low)}{between}{scale.bare(high)})"


def shown_interval(level: Level) -> tuple[float, float]:
    """The interval of a level within what it can be: no result but a payer's net is below zero, and no
    share above one but occupancy, which counts patients in the corridor."""
    low, high = level.low if level.result == "net_nok" else max(level.low, 0.0), level.high
    if level.unit == "share" and "occupancy" not in level.result:
        high = min(high, 1.0)
    return low, high


def replications_text(n: int, language: str) -> str:
    """``1 replikasjon``, ``10 replikasjoner``."""
    return phrase("replication" if n == 1 else "replications", language, n=n)


def few_text(pairs: int, language: str) -> str:
    """That the replications are too few to call any change certain; empty when they are not."""
    if pairs >= ENOUGH:
        return ""
    return phrase("few", language, n=replications_text(pairs, language), enough=ENOUGH)


def missing_text(missing: int, planned: int, language: str) -> str:
    """How many of the planned runs the results lack; empty when none."""
    if missing <= 0:
        return ""
    return phrase("run_missing" if missing == 1 else "runs_missing", language, n=missing, all=planned)


def last_year(days: int) -> str | None:
    """The window of the last whole year, when there are several."""
    return f"year_{days // 365}" if days >= 2 * 365 else None


def has_payment(region: Region) -> bool:
    """Whether the region states a day rate at any time."""
    return any(stage.region.rates.payment for stage in region.phases())


def payment_note(region: Region, days: int, language: str) -> str:
    """That the region states no day rate, or none for some year of the period; empty when it does."""
    rates = region.rates.payment
    if not rates:
        return phrase("payment_unknown", language)
    years = range(region.start.year, (region.start + timedelta(days - 1)).year + 1)
    nearest = {year: max((known for known in rates if known <= year), default=min(rates)) for year in years}
    notes = [
        phrase("payment_nearest", language, year=year, nearest=used)
        for year, used in nearest.items()
        if used != year
    ]
    return " ".join(notes)


def setting_label(name: str, language: str) -> str:
    """What a setting with a source is, as the region's own format explains it; its name if it does not."""
    from capsim.region.schema import SETTINGS, TABLES

    own, _, which = name.partition(".")
    if own == "price":
        return phrase("price_of", language, item=price_label(which, language))
    table = {"payment_nok_per_day": "payment_rates", "isf": "isf_rates"}.get(own)
    if table:
        known_table = next(known for known in TABLES if known.name == table)
        return f"{(known_table.nb, known_table.en)[_choice(language)]}, {which}"
    known = {key.rpartition(".")[2]: column for key, column in SETTINGS.items()}
    if name not in known:
        return printable(name)
    return (known[name].nb, known[name].en)[_choice(language)]
