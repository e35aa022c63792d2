"""Charts, report and terminal table say what the replications carry, and nothing more."""

import re
import string
import sys
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from capsim.analysis.comparison import Level
from capsim.analysis.ledger import Reason
from capsim.analysis.money import GROUPS, MUNICIPALITIES, TRUSTS
from capsim.errors import InputError
from capsim.region.loading import load_region
from capsim.region.rates import ITEMS, PaymentRule, Price, Rates
from capsim.region.region import (
    AgeBand,
    Duration,
    ElectiveType,
    Hospital,
    KadUnit,
    Municipality,
    PatientGroup,
    Region,
    Session,
    ShortTermPool,
    Specialty,
    Ward,
)
from capsim.reporting import charts, texts
from capsim.reporting.html import report
from capsim.reporting.lever_table import MOVED, lever_table
from capsim.reporting.payers import payers_of
from capsim.reporting.phrases import PHRASES
from capsim.reporting.summary import summary_table
from capsim.scenarios.levers import (
    LEVERS,
    AddAmbulantTeam,
    AddKadBeds,
    AddShortTermPlaces,
    MoveElective,
    SetIsfShare,
    SetPaymentRate,
    SetResponse,
)
from capsim.scenarios.scenario import Scenario
from capsim.study.study import Result, Study

HOSTILE = '<script>alert("æ")</script> & $x_1$ og $y$'
NBSP = "\u00a0"


def fake_region(**changes):
    """Two hospitals and ten municipalities, the first the largest."""
    hospitals = (
        Hospital("oya", "Øya sjukehus", "regional", "t", "nord", 63.4, 10.4, ("med",)),
        Hospital("dal", "Dalen sykehus", "local", "t", "nord", 63.3, 9.8, ("med",)),
    )
    municipalities = tuple(
        Municipality(f"50{i:02}", f"Ås {i}", "oya", "nord", (1000.0 * (10 - i),), short_term_pool="plasser")
        for i in range(10)
    )
    way = {(m.number, h.id): 30.0 for m in municipalities for h in hospitals}
    region = Region(
        name="prøve",
        title="Prøveregionen",
        start=date(2024, 1, 1),
        ages=(AgeBand("alle", 100.0, 20.0, Duration(4.0), Duration(3.0), 0.2, 0.3, 0.1, 1.0),),
        groups=(PatientGroup("alle", (1.0,)),),
        specialties=(Specialty("med", "Medisin", (1.0,)),),
        hospitals=hospitals,
        wards=(Ward("oya_med", "oya", ("med",), 100), Ward("dal_med", "dal", ("med",), 20)),
        municipalities=municipalities,
        travel_minutes=way,
        travel_km=way,
        elective_types=(
            ElectiveType("hofte", "Hofteprotese", "surgery", "med", (5.0,), 90.0, 0.3, 1.0, "local", (1.0,)),
        ),
        sessions=(
            Session("oya", "med", "theatre", (400.0,) * 5 + (0.0,) * 2),
            Session("dal", "med", "theatre", (400.0,) * 5 + (0.0,) * 2),
        ),
        short_term_pools=(ShortTermPool("plasser", 10),),
        kad_units=(KadUnit("kad", "KAD Ås", 4),),
        rates=Rates({2024: PaymentRule(5745.0)}),
        sources={
            "discharge_hour": ("vanlig utreisetid", "assumption"),
            "kad_stay": ("Helsedirektoratet 2023", "derived"),
        },
    )
    return replace(region, **changes)


RATE = Scenario("rate", (SetPaymentRate(8000),), {"nb": "Døgnsats 8000 kr", "en": "Day rate NOK 8,000"})
KAD = Scenario("kad", (AddKadBeds("kad", 2),), {"nb": "To flere KAD-senger", "en": "Two more KAD beds"})

NOISE = np.tile([-3.0, 2.0, 5.0, -4.0], 2)  # eight replications, the least that can show a change


def twice(*values):
    return np.tile(values, 2)


def rows(result, unit, values, place="region", window="all", by="all", group="all"):
    """Tidy rows from {scenario: a value per replication}."""
    return [
        (scenario, "a", r, window, place, by, group, result, unit, float(value))
        for scenario, series in values.items()
        for r, value in enumerate(series)
    ]


def overliggerdogn(per_scenario):
    """Rows of overliggerdøgn at the region and at both hospitals, two thirds of it at Øya, and their
    price; ``per_scenario`` maps a scenario to (values, day rate)."""
    days = {s: np.asarray(values) for s, (values, _) in per_scenario.items()}
    return [
        *rows("overliggerdogn", "days", days),
        *rows("overliggerdogn", "days", {s: v * 2 / 3 for s, v in days.items()}, "oya"),
        *rows("overliggerdogn", "days", {s: v / 3 for s, v in days.items()}, "dal"),
        *rows("payment_nok", "nok", {s: days[s] * rate for s, (_, rate) in per_scenario.items()}),
    ]


def fake_result(metrics, scenarios=(), region=None, replications=8, days=365, full=0.9, runs=None):
    """A result as a study would hand it back; the census is ``full`` of the staffed beds."""
    region = region or fake_region()
    study = Study(region, list(scenarios), replications=replications, days=days)
    columns = ["scenario", "fit", "replication", "window", "place", "by", "group", "result", "unit", "value"]
    census = pd.DataFrame(
        [
            (s.name, r, day, hospital, full * beds + (r + day) % 3 - 1)
            for s in study.scenarios
            for r in range(replications)
            for day in range(30)
            for hospital, beds in (("oya", 100), ("dal", 20))
        ],
        columns=["scenario", "replication", "day", "hospital", "patients"],
    )
    finished = len(study.scenarios) * replications if runs is None else runs
    return Result(study, pd.DataFrame(metrics, columns=columns), census, [{}] * finished, [])


@pytest.fixture
def rate_and_kad():
    """A rate that moves money only, and KAD beds that take ten days and something else."""
    base = 90 + NOISE
    kad = base - twice(10, 11, 9, 10)
    return fake_result(
        overliggerdogn({"base": (base, 5745), "rate": (base, 8000), "kad": (kad, 5745)}), [RATE, KAD]
    )


# --- claims


def test_a_title_gives_the_change_and_its_interval_when_that_excludes_zero():
    base = 90 + NOISE
    metrics = overliggerdogn({"base": (base, 5745), "kad": (base - twice(10, 11, 9, 10), 5745)})
    title = charts.difference(fake_result(metrics, [KAD]), "overliggerdogn").get_suptitle()
    # mean 10, standard deviation √(4/7), t(7; 0.975) = 2.364624: half-width 0.632
    assert "To flere KAD-senger: overliggerdøgn går ned med" in title.replace("\n", " ")
    assert f"10,0{NBSP}døgn" in title
    assert "9,4 til 10,6" in title.replace("\n", " ")
    assert "ingen sikker endring" not in title


def test_a_title_says_no_certain_change_when_the_interval_contains_zero():
    base = 90 + NOISE
    metrics = overliggerdogn({"base": (base, 5745), "kad": (base - twice(10, -11, 9, -10), 5745)})
    result = fake_result(metrics, [KAD])
    title = charts.difference(result, "overliggerdogn").get_suptitle().replace("\n", " ")
    assert "ingen sikker endring i overliggerdøgn" in title
    assert "går ned" not in title
    assert "no certain change" in charts.difference(result, "overliggerdogn", language="en").get_suptitle()
    assert "ingen sikker endring" in charts.levers(result).get_suptitle()


def test_the_direction_of_the_claim_follows_the_sign():
    base = 90 + NOISE
    metrics = overliggerdogn({"base": (base, 5745), "kad": (base + twice(10, 11, 9, 10), 5745)})
    title = charts.difference(fake_result(metrics, [KAD]), "overliggerdogn").get_suptitle()
    assert "overliggerdøgn øker med" in title


def test_several_scenarios_are_counted_and_each_panel_has_its_own_claim(rate_and_kad):
    figure = charts.difference(rate_and_kad, "overliggerdogn")
    assert figure.get_suptitle() == "Overliggerdøgn: sikker endring i 1 av 2 scenarioer"
    headings = [part.get_suptitle().replace("\n", " ") for part in figure.subfigs]
    assert headings[0].startswith("Døgnsats 8000 kr: flytter bare penger; ingen sikker endring")
    assert headings[1].startswith("To flere KAD-senger: overliggerdøgn går ned med")
    assert headings[1].endswith("sikker endring ved 2 av 2 sykehus")


def test_a_rate_without_response_only_moves_money():
    base = 90 + NOISE
    result = fake_result(overliggerdogn({"base": (base, 5745), "rate": (base, 8000)}), [RATE])
    title = charts.levers(result).get_suptitle().replace("\n", " ")
    # 90 days × 2 255 kroner
    assert f"flytter bare penger: kommunene betaler 202{NBSP}950{NBSP}kr mer" in title
    assert "overføring" in title
    assert "ikke en innsparing" in title
    assert charts.difference(result, "payment_nok").get_suptitle().replace("\n", " ") == title
    english = charts.levers(result, "en").get_suptitle()
    assert "only moves money" in english
    assert "not a saving" in english


def test_a_rate_with_a_response_is_not_called_money_only():
    base = 90 + NOISE
    metrics = overliggerdogn({"base": (base, 5745), "rate": (base - twice(1, 2, 1, 2), 8000)})
    assert "bare penger" not in charts.levers(fake_result(metrics, [RATE])).get_suptitle()


def test_few_replications_claim_nothing_however_narrow_the_interval(tmp_path):
    """Six replications with the same difference in each: the interval has no width, and no change is
    certain; chart, report and table say why."""
    base = 90 + NOISE[:6]
    metrics = overliggerdogn({"base": (base, 5745), "kad": (base - 10, 5745)})
    result = fake_result(metrics, [KAD], replications=6)
    figure = charts.difference(result, "overliggerdogn")
    assert "ingen sikker endring i overliggerdøgn (bare 6 par" in figure.get_suptitle().replace("\n", " ")
    few = "Bare 6 replikasjoner: ingen endring kan kalles sikker"
    assert few in figure.get_supxlabel().replace("\n", " ")
    assert few in (table := summary_table(result))
    assert "* " not in table
    assert few in (page := report(result, tmp_path / "r.html").read_text(encoding="utf-8"))
    assert '<td class="certain">' not in page
    eight = overliggerdogn({"base": (90 + NOISE, 5745), "kad": (80 + NOISE, 5745)})
    assert "* -10,0" in summary_table(fake_result(eight, [KAD]))


def test_missing_runs_are_told_of(tmp_path):
    metrics = overliggerdogn({"base": (90 + NOISE, 5745), "kad": (80 + NOISE, 5745)})
    one, three = (fake_result(metrics, [KAD], runs=16 - missing) for missing in (1, 3))
    assert "Én av 16 kjøringer mangler" in summary_table(one)
    assert "1 of 16 runs is missing" in summary_table(one, "en")
    assert "3 av 16 kjøringer mangler" in report(three, tmp_path / "r.html").read_text(encoding="utf-8")


def test_base_alone_is_not_compared_with_anything(tmp_path):
    result = fake_result(overliggerdogn({"base": (90 + NOISE[:1], 5745)}), replications=1)
    page = report(result, tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"Overliggerdøgn: 90,0{NBSP}døgn" not in page  # one replication: 87
    assert f"Overliggerdøgn: 87,0{NBSP}døgn." in page
    for word in ("forskjell", "sammenlikne", "sikker endring"):
        assert word not in page.lower(), page[page.lower().index(word) - 200 :][:300]
    assert "snitt av 1 replikasjon, 365 døgn fra 1. januar 2024" in summary_table(result)


def test_the_last_of_several_years_has_its_own_difference_of_waits(tmp_path):
    metrics = waits({("kad", "region"): [-5, -6, -5, -6]})
    result = fake_result([row for row in metrics if row[0] != "rate"], [KAD], days=730)
    assert "Gjennomsnittlig ventetid, år 2" in summary_table(result)
    page = report(result, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<li>År 2: gjennomsnittlig ventetid går ned med" in page


def test_intervals_stay_within_what_a_result_can_be():
    def level(result, unit, *ends):
        return texts.shown_interval(Level("base", "all", "x", "all", "all", result, unit, *ends, 8))

    assert level("postponed_share", "share", 0.5, -0.2, 1.2) == (0.0, 1.0)
    assert level("occupancy_mean", "share", 0.9, 0.7, 1.2) == (0.7, 1.2)
    assert level("payment_nok", "nok", 10.0, -5.0, 25.0) == (0.0, 25.0)
    assert np.isnan(level("overliggerdogn", "days", 3.0, np.nan, np.nan)).all()


def test_unstated_and_borrowed_day_rates_are_told_of(tmp_path):
    metrics = overliggerdogn({"base": (90 + NOISE, 0), "kad": (80 + NOISE, 0)})
    none = fake_result(metrics, [KAD], fake_region(rates=Rates({})))
    assert [line.split()[-2:] for line in summary_table(none).splitlines() if "  Betaling" in line] == [
        ["ikke", "oppgitt"]
    ]
    assert "oppgir ingen døgnsats" in report(none, tmp_path / "r.html").read_text(encoding="utf-8")
    later = fake_result(metrics, [KAD], fake_region(start=date(2026, 1, 1)))
    assert "Døgnsatsen for 2026 er ikke oppgitt; satsen for 2024 er brukt." in summary_table(later)
    gap = fake_region(rates=Rates({year: PaymentRule(5000.0) for year in (2020, 2030)}))
    assert "satsen for 2020 er brukt" in texts.payment_note(gap, 365, "nb")


def test_one_wild_row_does_not_flatten_the_others():
    wild = 60 + 40 * NOISE
    metrics = rows("overliggerdogn", "days", {"base": 90 + NOISE, "kad": 80 + NOISE + twice(0, 1, 0, 1)})
    metrics += rows("bed_days", "days", {"base": 900 + NOISE, "kad": 890 + NOISE + twice(0, 3, 0, 1)})
    metrics += rows("travel_hours", "hours", {"base": 60 + NOISE, "kad": wild})
    axes = charts.levers(fake_result(metrics, [KAD])).axes[0]
    assert max(axes.get_xlim()) < 40
    assert {">", "<"} <= {line.get_marker() for line in axes.lines}


@pytest.mark.filterwarnings("error")
def test_charts_of_a_short_run_draw_without_warnings(tmp_path):
    """The median is known nowhere but in the region, and nobody has waited for a municipality."""
    metrics = rows("wait_mean_days", "days", {"base": [3.0], "kad": [4.0]}, "oya")
    metrics += rows("wait_p90_days", "days", {"base": [3.0], "kad": [4.0]}, "region")
    metrics += municipal([[0.0]] * 10) + overliggerdogn({"base": ([0.0], 0), "kad": ([0.0], 0)})
    result = fake_result(metrics, [KAD], replications=1, days=30)
    for name, figure in charts.all_charts(result).items():
        charts.save(figure, tmp_path / name)
    assert len(charts.waits(result).subfigs[1].axes) == 1


def test_two_processes_draw_what_one_does(tmp_path, rate_and_kad):
    one, two = (charts.save_all(rate_and_kad, tmp_path / str(n), "nb", n) for n in (1, 2))
    assert [(name, drawn.title) for name, drawn in one.items()] == [(n, d.title) for n, d in two.items()]
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "2").iterdir())
    assert len(files) == 2 * len(one) >= 4
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_settings_are_explained_in_words(tmp_path):
    assert texts.setting_label("kad_stay", "nb") != "kad_stay"
    assert texts.setting_label("payment_nok_per_day.2024", "en").endswith(", 2024")
    result = fake_result(overliggerdogn({"base": (90 + NOISE, 5745)}))
    page = report(result, tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"{texts.setting_label('kad_stay', 'nb')} <small>kad_stay</small>" in page
    assert "SOURCES.md" not in page  # no shipped region


def test_one_replication_claims_nothing():
    metrics = overliggerdogn({"base": ([90], 5745), "kad": ([60], 5745)})
    title = charts.difference(fake_result(metrics, [KAD], replications=1), "overliggerdogn").get_suptitle()
    assert "ingen sikker endring" in title
    assert "én replikasjon" in title.replace("\n", " ")


def waits(move):
    """Mean waits of 60 days; ``move`` maps (scenario, place) to what is added."""
    metrics = []
    for place in ("region", "oya", "dal"):
        values = {s: 60 + NOISE + twice(*move.get((s, place), [0.0] * 4)) for s in ("base", "kad", "rate")}
        for name in ("wait_mean_days", "wait_median_days", "wait_p90_days"):
            metrics += rows(name, "days", values, place)
            metrics += rows(name, "days", values, place, "year_1")
            metrics += rows(name, "days", values, place, "year_2")
    return metrics


def test_waits_name_the_hospitals_where_they_change():
    metrics = waits({("kad", "oya"): [-5, -6, -5, -6], ("kad", "dal"): [4, 5, 4, 5]})
    metrics = [row for row in metrics if row[0] != "rate"]
    title = charts.waits(fake_result(metrics, [KAD])).get_suptitle().replace("\n", " ")
    assert f"kortere ventetid ved Øya sjukehus (−5,5{NBSP}døgn)" in title
    assert f"lengre ventetid ved Dalen sykehus (+4,5{NBSP}døgn)" in title


def test_waits_that_do_not_change_certainly_say_so():
    metrics = waits({("kad", "oya"): [-5, 6, -5, 6]})
    result = fake_result(metrics, [KAD, RATE])
    assert (
        charts.waits(result).get_suptitle() == "Ventetid på behandling: ingen sikker endring i noe scenario"
    )


def test_waits_of_the_base_alone_give_its_mean():
    metrics = [row for row in waits({}) if row[0] == "base"]
    title = charts.waits(fake_result(metrics)).get_suptitle()
    assert f"gjennomsnittlig ventetid i regionen er 60,0{NBSP}døgn" in title.replace("\n", " ")


def test_waits_of_two_years_are_shown_year_by_year():
    result = fake_result(waits({}), [KAD, RATE], days=730)
    key = [text.get_text() for text in charts.waits(result).subfigs[0].legends[0].get_texts()]
    assert key[1].endswith("ingen sikker endring i ventetid ved noe sykehus (år 2)")
    parts = charts.waits(result).subfigs
    headings = [axes.get_title(loc="left") for axes in parts[1].axes]
    assert headings[0] == "År 1: snitt"
    assert headings[3] == "År 2: snitt"


def municipal(per_1000):
    """Overliggerdøgn per 1000 in the ten municipalities, from the largest to the smallest."""
    return [
        row
        for i, values in enumerate(per_1000)
        for row in rows("overliggerdogn_per_1000", "days per 1000 per year", {"base": values}, f"50{i:02}")
    ]


def test_small_and_large_municipalities_are_compared_with_their_uncertainty():
    apart = [twice(20, 21, 22, 20)] * 2 + [twice(15, 15, 15, 15)] * 6 + [twice(5, 6, 5, 7)] * 2
    title = charts.overliggerdogn_by_municipality(fake_result(municipal(apart))).get_suptitle()
    assert "den største femdelen av kommunene har" in title.replace("\n", " ")
    alike = [[20, 5, 22, 4]] * 2 + [[15, 15, 15, 15]] * 6 + [[5, 20, 4, 22]] * 2
    title = charts.overliggerdogn_by_municipality(fake_result(municipal(alike))).get_suptitle()
    assert "ingen sikker forskjell mellom små og store kommuner" in title.replace("\n", " ")


def test_municipalities_stand_by_size_and_not_by_result():
    result = fake_result(municipal([[i, i + 1, i, i + 1] for i in (9, 3, 7, 1, 5, 8, 2, 6, 4, 10)]))
    axes = charts.overliggerdogn_by_municipality(result).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == f"Ås 0 (10{NBSP}000)"
    assert names[-1] == "Ås 9 (1000)"
    assert len(names) == 10


def causes(short_term, response):
    metrics = rows("overliggerdogn", "days", {"base": short_term}, by="cause", group="short_term")
    metrics += rows("overliggerdogn", "days", {"base": response}, by="cause", group="response")
    return metrics + rows("days_after_offer", "days", {"base": [99] * 4}, by="cause", group="hospital")


def test_the_largest_cause_is_named_only_when_its_lead_is_certain():
    title = charts.overliggerdogn_by_cause(fake_result(causes(twice(70, 75, 80, 75), twice(25, 25, 25, 25))))
    assert f"venting på korttidsplass (75{NBSP}prosent)" in title.get_suptitle().replace("\n", " ")
    title = charts.overliggerdogn_by_cause(fake_result(causes(twice(70, 20, 80, 10), twice(25, 65, 20, 75))))
    assert "ingen årsak" in title.get_suptitle()


def test_census_counts_the_hospitals_whose_panels_say_more_than_85_percent():
    metrics = overliggerdogn({"base": (90 + NOISE, 5745)})
    title = charts.census(fake_result(metrics, full=0.95)).get_suptitle().replace("\n", " ")
    assert "over 85 prosent belegg ved midnatt ved 2 av 2 sykehus" in title
    title = charts.census(fake_result(metrics, full=0.7)).get_suptitle().replace("\n", " ")
    assert "0 av 2 sykehus" in title


def test_a_moved_operation_says_whether_theatre_time_and_beds_follow():
    move = Scenario("move", (MoveElective("hofte", "oya", {"dal": 1.0}, 0.5),), {"nb": "Hofter til Dalen"})
    base = 90 + NOISE
    result = fake_result(overliggerdogn({"base": (base, 5745), "move": (base + 1, 5745)}), [move])
    footer = charts.levers(result).get_supxlabel().replace("\n", " ")
    assert "I «Hofter til Dalen» følger operasjonstida med, sengene blir." in footer
    assert "8 replikasjoner (frø 2024)" in footer
    assert "1 av 2 innstillinger er antakelser" in footer


def test_only_charts_with_results_are_made():
    base = 90 + NOISE
    alone = fake_result(overliggerdogn({"base": (base, 5745)}))
    assert list(charts.all_charts(alone)) == ["census"]
    compared = fake_result(overliggerdogn({"base": (base, 5745), "kad": (base, 5745)}), [KAD])
    assert list(charts.all_charts(compared)) == ["census", "levers", "difference_overliggerdogn"]
    nobody_waits = [row for row in overliggerdogn({"base": (base, 5745), "kad": (base, 5745)})
                    if row[0] == "base" or row[7] != "overliggerdogn"]  # fmt: skip
    assert "difference_overliggerdogn" not in charts.all_charts(fake_result(nobody_waits, [KAD]))
    with pytest.raises(InputError, match="overliggerdogn, payment_nok"):
        charts.difference(compared, "overliggerdager")
    with pytest.raises(InputError, match="waits"):
        charts.waits(alone)
    with pytest.raises(InputError, match="nb, en"):
        charts.levers(compared, "nn")


# --- who pays, and who gains

ISF = Scenario("isf", (SetIsfShare(0.3),), {"nb": "ISF 30 prosent", "en": "ISF 30 percent"})


def net_rows(differences, costing="marginal", scenario="kad"):
    """Net of every payer in the base, and what the scenario changes it by; society is their sum."""
    towns = [m.number for m in fake_region().municipalities]
    payers = [*towns, "t", "rhf", "state", "patients"]
    change = {payer: np.asarray(differences.get(payer, np.zeros(8)), dtype=float) for payer in payers}
    change["municipalities"] = sum(change[town] for town in towns)
    change["trusts"] = change["t"]
    change["society"] = sum(change[p] for p in ("municipalities", "trusts", "rhf", "state", "patients"))
    return [
        row
        for payer, more in change.items()
        for row in rows(
            "net_nok", "nok", {"base": -1e8 + 1e5 * NOISE, scenario: -1e8 + 1e5 * NOISE + more}, payer,
            by="costing", group=costing,
        )
    ]  # fmt: skip


CERTAIN = twice(10, 11, 9, 10)


@pytest.fixture
def paid():
    """KAD beds that cost the trust 2 million and save the first municipality three, at marginal cost; on
    average the trust would lose twice that. And a smaller ISF share."""
    metrics = overliggerdogn(
        {"base": (90 + NOISE, 5745), "kad": (80 + NOISE, 5745), "isf": (90 + NOISE, 5745)}
    )
    there = {"5000": 3e5 * CERTAIN, "t": -2e5 * CERTAIN, "patients": 100 * NOISE}
    metrics += net_rows(there) + net_rows({**there, "t": -4e5 * CERTAIN}, "average")
    metrics += rows(
        "net_nok", "nok", {"base": NOISE, "kad": NOISE - 3e5 * CERTAIN}, "society",
        by="reason_marginal", group="kad_days",
    )  # fmt: skip
    for costing in ("marginal", "average"):
        moved = net_rows({"t": -7e5 * CERTAIN, "state": 7e5 * CERTAIN}, costing, "isf")
        metrics += [row for row in moved if row[0] == "isf"]
    prices = {"kad_day": Price(7000, 1000, 2400, 2024), "travel_km": Price(5, 5, 0, 2026)}
    region = fake_region()
    rates = replace(region.rates, prices=prices, isf=load_region("mini").rates.isf)
    sources = {**region.sources, "price.kad_day": ("", "recalled"), "price.travel_km": ("", "quoted")}
    return fake_result(metrics, [KAD, ISF], replace(region, rates=rates, sources=sources))


def plain(text):
    return text.replace("\n", " ").replace(NBSP, " ")


def test_payers_are_named_with_what_they_certainly_gain_and_pay(paid):
    figure = charts.payers(paid)
    assert plain(figure.get_suptitle()) == (
        "Samfunnets netto: sikker endring i 1 av 2 scenarioer; 1 flytter bare penger"
    )
    kad, isf = (plain(part.get_suptitle()) for part in figure.subfigs)
    assert kad == (
        "To flere KAD-senger: kommunene (+3,0 mill. kr) vinner; t (−2,0 mill. kr) betaler; samfunnets "
        "ressursbruk går ned med 1,0 mill. kr"
    )
    assert "flytter bare penger; staten (+7,0 mill. kr) vinner; t (−7,0 mill. kr) betaler" in isf
    assert isf.endswith("null for samfunnet")
    labels = [label.get_text() for label in figure.subfigs[0].axes[0].get_yticklabels()]
    assert labels == ["Kommunene", "T", "RHF", "Staten", "Pasientene", "Samfunnet"]
    average = plain(charts.payers(paid, "average").subfigs[0].get_suptitle())
    assert "samfunnets ressursbruk går opp med 1,0 mill. kr" in average
    assert "society uses" in plain(charts.payers(paid, language="en").subfigs[0].get_suptitle())


def test_payers_without_a_certain_change_are_not_named():
    metrics = overliggerdogn({"base": (90 + NOISE, 5745), "kad": (80 + NOISE, 5745)})
    metrics += net_rows({"5000": 1e5 * NOISE, "t": -2e5 * NOISE})
    title = plain(charts.payers(fake_result(metrics, [KAD])).get_suptitle())
    assert title == "To flere KAD-senger: ingen sikker endring for noen betaler"
    seven = fake_result([row for row in net_rows({"t": -2e5 * CERTAIN}) if row[2] < 7], [KAD], replications=7)
    assert "ingen sikker endring for noen betaler" in plain(charts.payers(seven).get_suptitle())


def test_the_report_says_who_pays_and_what_would_make_it_good(paid, tmp_path):
    page = plain(report(paid, tmp_path / "r.html").read_text(encoding="utf-8"))
    section = page[page.index("Hvem betaler, og hvem vinner?") : page.index("Hvor sikre er vi")]
    for text in (
        "er overføringer: de er null for samfunnet og aldri en innsparing",
        "bare forskjeller fra dagens situasjon",
        "kroner for 2024 og 2026",
        "1 av 2 priser er antakelser: KAD-døgn.",
        '<td>Kommunene</td><td class="certain">+3,0 mill. kr',
        "Det meste av endringen for samfunnet (marginalkostnad): KAD-døgn −3,0 mill. kr.",
        "Marginalkostnad: kommuner, helseforetak og RHF vinner til sammen 1,0 mill. kr",
        "Sidebetalinger, marginalkostnad: kommunene til sammen betaler 2,0 mill. kr; t får 2,0 mill. kr",
        "De største kommunene: Ås 0 betaler 2,0 mill. kr",
        "Gjennomsnittskostnad: kommuner, helseforetak og RHF taper til sammen 1,0 mill. kr",
        "det trengs et tilskudd fra staten på 1,0 mill. kr",
        "Marginal- og gjennomsnittskostnad: kommuner, helseforetak og RHF taper til sammen 7,0 mill. kr",
    ):
        assert text in section, text
    english = plain(report(paid, tmp_path / "r.html", "en").read_text(encoding="utf-8"))
    assert "There are side payments that leave none of them worse off" in english
    for word in ("betaler", "samfunnet", "kostnad", "tilskudd"):
        assert word not in english[english.index("Who pays") : english.index("How sure")]
    without = fake_result(overliggerdogn({"base": (90 + NOISE, 5745), "kad": (80 + NOISE, 5745)}), [KAD])
    assert "Hvem betaler" not in report(without, tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_terminal_says_who_pays_in_one_line(paid):
    lines = [line for line in summary_table(paid).splitlines() if line.startswith("  Betaler: ")]
    assert lines[0] == (
        "  Betaler: t -2,0 mill. kr*. Vinner: kommunene +3,0 mill. kr*. Samfunnets netto: +1,0 mill. kr*."
    )
    assert (
        lines[1] == "  Betaler: t -7,0 mill. kr*. Vinner: staten +7,0 mill. kr*. Samfunnets netto: uendret."
    )


def test_a_transfer_that_is_no_betalingsplikt_is_not_told_as_one(paid, tmp_path):
    page = report(paid, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Flytter bare penger mellom betalere: overføringer, null for samfunnet" in page
    assert "kommunene betaler 0" not in plain(page)
    region = replace(paid.study.region, rates=replace(paid.study.region.rates, payment={}))
    metrics = paid.metrics[(paid.metrics["scenario"] != "kad") & (paid.metrics["result"] != "payment_nok")]
    result = replace(paid, study=replace(paid.study, region=region, scenarios=[ISF]), metrics=metrics)
    assert "bare penger mellom betalere" in plain(charts.levers(result).get_suptitle())


def test_nets_are_below_zero_and_payers_have_names():
    level = Level("base", "all", "t", "costing", "marginal", "net_nok", "nok", -2e6, -3e6, -1e6, 8)
    assert plain(texts.level_text(level, "nb")) == "−2,0 mill. kr (−3,0 til −1,0)"
    assert texts.place_name(fake_region(), "rhf", "nb") == "RHF"
    assert texts.place_name(fake_region(), "t", "nb") == "t"


def bands(rates):
    """Scenarios of a rate and an answer, and days by {rate: {band: difference}}."""
    scenarios, days = [], {"base": (90 + NOISE, 5745)}
    for rate, at in rates.items():
        for band, difference in at.items():
            levers = (SetPaymentRate(rate), SetResponse("elastic", band=band))
            scenarios.append(Scenario(f"{rate}_{band}", levers))
            days[f"{rate}_{band}"] = (90 + NOISE + np.asarray(difference), rate)
    return fake_result(overliggerdogn(days), scenarios)


def test_the_band_of_answers_to_the_rate_counts_central_estimates():
    result = bands({0: {"low": 0, "central": CERTAIN, "high": 2 * CERTAIN},
                    9000: {"low": 0, "central": -NOISE, "high": -CERTAIN}})  # fmt: skip
    figure = charts.payment_band(result)
    assert plain(figure.get_suptitle()).endswith("sikker endring ved 1 av 2 satser i det sentrale anslaget")
    assert "antakelse" in figure.get_supxlabel()
    (axes,) = (axes for axes in figure.subfigs[1].axes)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["0", "9000"]
    line = next(line for line in axes.lines if len(line.get_xdata()) == 3)
    assert list(line.get_xdata()) == [0, 5745, 9000]  # nobody answers to the rate that is
    assert list(line.get_ydata()) == [10, 0, 0]
    assert "payment_band" in charts.all_charts(result)
    one = bands({0: {"low": 0, "central": CERTAIN, "high": CERTAIN}})
    assert "payment_band" not in charts.all_charts(one)
    with pytest.raises(InputError, match="payment_band"):
        charts.payment_band(one)


# --- a line per lever


def test_every_lever_has_a_result_that_it_must_move():
    assert {name.partition(".")[0] for name in MOVED} == set(LEVERS)
    assert {moved.result for moved in MOVED.values()} <= set(texts.RESULTS)
    for name, moved in MOVED.items():
        lever = LEVERS[name.partition(".")[0]]
        gaps = {gap for part in moved for _, gap, _, _ in string.Formatter().parse(part) if gap}
        assert gaps <= {*lever.__dataclass_fields__, "regional"}, name


def test_a_line_per_lever_says_what_moves_and_who_pays():
    metrics = net_rows({"5000": 3e5 * CERTAIN, "5001": -5e5 * CERTAIN, "t": -4e5 * CERTAIN})
    metrics += rows("kad_refused_share", "share", {"base": [0.3] * 8, "kad": [0.1] * 8}, "kad")
    text, dead = lever_table(fake_result(metrics, [KAD]))
    line = next(line for line in text.splitlines() if line.startswith("To flere"))
    cells = re.split(r"  +", line)
    assert cells == [
        "To flere KAD-senger",
        "Andel avvist fordi KAD er full, KAD Ås",
        "-20,0 prosentpoeng",
        "Ås 1 -5,00",
        "Ås 0 +3,00",
        "-6,00",
    ]
    assert dead == []
    assert f"1 av {len(LEVERS)} tiltak vist; døde: 0." in text
    assert text.endswith("table=results.")


def test_a_lever_that_moves_nothing_is_dead_and_what_is_new_counts_from_zero():
    same = {"base": 3 + NOISE, "kad": 3 + NOISE}
    text, dead = lever_table(fake_result(rows("kad_refused_share", "share", same, "kad"), [KAD]), "en")
    assert "DEAD" in text
    assert dead == ["AddKadBeds"]
    assert lever_table(fake_result(rows("visits", "visits", same, "kad"), [KAD]))[1] == ["AddKadBeds"]
    team = Scenario("team", (AddAmbulantTeam("t1", "oya", ("5000",), kind="digital"),))
    visits = rows("visits", "visits", {"team": [40.0] * 8}, "t1") + rows("volume", "1", {"base": [1.0]})
    text, dead = lever_table(fake_result(visits, [team]))
    assert "+40,0 besøk" in text
    assert dead == []


def test_the_last_lever_of_a_scenario_is_shown_and_failed_scenarios_are_not():
    both = Scenario("both", (SetPaymentRate(8000), AddShortTermPlaces("plasser", 2)))
    where = {"by": "cause", "group": "short_term"}
    metrics = rows("overliggerdogn", "days", {"base": 9 + NOISE, "both": 4 + NOISE}, **where)
    text, dead = lever_table(fake_result(metrics, [both, KAD]))
    assert "Overliggerdøgn, korttidsplass  -5,0 døgn" in text
    assert "1 av" in text
    assert dead == []


# --- files


def test_saved_charts_are_the_same_bytes_and_keep_their_letters(rate_and_kad, tmp_path):
    first = charts.save(charts.difference(rate_and_kad, "overliggerdogn"), tmp_path / "a.1")
    second = charts.save(charts.difference(rate_and_kad, "overliggerdogn"), tmp_path / "b")
    assert [path.name for path in first] == ["a.1.svg", "a.1.png"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    svg = first[0].read_text(encoding="utf-8")
    assert ">Øya sjukehus<" in svg
    assert "<dc:date>" not in svg
    assert first[1].read_bytes()[:4] == b"\x89PNG"


def test_charts_need_no_pyplot(rate_and_kad, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert charts.all_charts(rate_and_kad)


def test_report_holds_everything_and_fetches_nothing(rate_and_kad, tmp_path):
    path = report(rate_and_kad, tmp_path / "ny" / "rapport.html")
    page = path.read_text(encoding="utf-8")
    assert '<html lang="nb">' in page
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search(r"<(script|link|img|iframe|object|embed)\b|\bsrc=|@import", page)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))
    for heading in ("h_asked", "h_happens", "h_sure", "h_charts", "h_key", "h_sources", "h_missing"):
        assert f"<h2>{PHRASES[heading][0]}</h2>" in page
    assert f"Overliggerdøgn går ned med 10,0{NBSP}døgn (95 % intervall 9,4 til 10,6)." in page
    assert "Flytter bare penger" in page
    assert '<td class="assumed">antakelse</td>' in page
    assert "SetPaymentRate(nok_per_day=8000" in page
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    labels = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', page)
    assert len(labels) == len(charts.all_charts(rate_and_kad)) == page.count("<svg")
    assert report(rate_and_kad, tmp_path / "igjen.html").read_bytes() == path.read_bytes()


def test_report_in_english_has_no_norwegian(rate_and_kad, tmp_path):
    page = report(rate_and_kad, tmp_path / "report.html", "en").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "only moves money" in page.lower()
    for word in ("ingen sikker", "replikasjon", "innstilling", "døgnsats", "Nøkkeltall"):
        assert word not in page


def test_hostile_names_are_only_text(tmp_path):
    base = 90 + NOISE
    region = fake_region()
    hospitals = (replace(region.hospitals[0], name=f"{HOSTILE}\n\x00\x1b"), region.hospitals[1])
    region = replace(region, title=HOSTILE, hospitals=hospitals, sources={HOSTILE: (HOSTILE, HOSTILE)})
    scenario = Scenario("kad", KAD.levers, {"nb": 'Æ & $a$ "b"'})
    metrics = overliggerdogn({"base": (base, 5745), "kad": (base, 5745)})
    result = fake_result(metrics, [scenario], region)
    result.failures.append({"scenario": "kad", "replication": 1, "error": HOSTILE})
    page = report(result, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#34;æ&#34;)&lt;/script&gt; &amp; $x_1$ og $y$") >= 6
    assert "<h3>Æ &amp; $a$ &#34;b&#34;</h3>" in page
    svg, _ = charts.save(charts.census(result), tmp_path / "census")
    written = "".join(ElementTree.fromstring(svg.read_bytes()).itertext())
    assert "$x_1$ og $y$" in written
    summary_table(result)


def test_a_team_that_the_base_does_not_have_is_told_of_by_name(tmp_path):
    team = Scenario(
        "team", (AddAmbulantTeam("t", "oya", ("5000",), name="Gerioteamet"),), {"nb": "Ambulant team"}
    )
    base = 90 + NOISE
    metrics = overliggerdogn({"base": (base, 5745), "team": (base - 5, 5745)})
    metrics += rows("team_occupancy", "share", {"team": [0.7, 0.72, 0.74, 0.72]}, "t")
    page = report(fake_result(metrics, [team]), tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"Bare i dette scenarioet, Gerioteamet: teamets belegg: 72,0{NBSP}prosent" in page
    assert "Ambulant team «Gerioteamet» ved Øya sjukehus for Ås 0" in page


def test_a_base_that_failed_leaves_a_report_that_says_so(tmp_path):
    result = fake_result(overliggerdogn({"kad": (90 + NOISE, 5745)}), [KAD])
    result.failures.append({"scenario": "base", "replication": 0, "error": "disken er full"})
    assert charts.all_charts(result) == {}
    page = report(result, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Scenarioet «Dagens situasjon» mislyktes i replikasjon 0: disken er full" in page
    assert "snitt av 0 replikasjoner" in summary_table(result)


def test_terminal_table_has_a_line_per_key_result_and_scenario(rate_and_kad):
    table = summary_table(rate_and_kad)
    lines = [line for line in table.splitlines() if line.startswith("  Overliggerdøgn")]
    assert len(lines) == 2
    assert lines[0].endswith("uendret")
    assert lines[1].endswith("* -10,0 døgn (-10,6 til -9,4)")
    assert "Døgnsats 8000 kr: flytter bare penger" in table
    table.encode("cp850")  # what an old Windows console writes
    alone = fake_result(overliggerdogn({"base": (90 + NOISE, 5745)}))
    # standard deviation √(108/7), half-width 2.364624 × √(108/7) / √8 = 3.28
    assert "90,0 døgn (86,7 til 93,3)" in summary_table(alone)


# --- words and numbers


@pytest.mark.parametrize(
    ("value", "decimals", "nb", "en"),
    [
        (1234.5, 1, "1234,5", "1,234.5"),
        (12345.6, 0, f"12{NBSP}346", "12,346"),
        (-0.25, 2, "−0,25", "−0.25"),
        (-0.001, 1, "0,0", "0.0"),
        (float("nan"), 1, "–", "–"),
    ],
)
def test_numbers_are_written_as_in_the_language(value, decimals, nb, en):
    assert texts.number(value, decimals, "nb") == nb
    assert texts.number(value, decimals, "en") == en


def test_a_certain_change_never_looks_like_zero():
    scale = texts.Scale("wait_mean_days", "days", (0.02, 0.004, 0.036), "nb", difference=True)
    assert scale.bare(0.004) == "0,004"


def test_large_payments_are_in_millions_and_shares_in_points():
    assert texts.Scale("payment_nok", "nok", [12.34e6], "nb").full(12.34e6) == f"12,3{NBSP}mill. kr"
    points = texts.Scale("postponed_share", "share", [0.012], "nb", difference=True)
    assert points.full(0.012, sign=True) == f"+1,2{NBSP}prosentpoeng"


def test_every_phrase_exists_in_both_languages_with_the_same_gaps():
    def gaps(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, (nb, en) in PHRASES.items():
        assert nb, key
        assert en, key
        assert gaps(nb) == gaps(en), key


def test_every_reason_payer_and_price_has_a_label():
    assert set(texts.REASONS) == {reason.name.lower() for reason in Reason}
    assert set(texts.PAYERS) == {*GROUPS, "total"}
    assert {MUNICIPALITIES, TRUSTS} <= set(GROUPS)
    assert set(texts.PRICES) == set(ITEMS)
    assert payers_of(fake_region()) == ("municipalities", "t", "rhf", "state", "patients", "society")
    assert texts.setting_label("price.kad_day", "nb") == "Pris: KAD-døgn"
    assert texts.setting_label("isf.2024", "en").endswith(", 2024")


def test_every_result_of_the_model_has_a_label():
    known = """first_contact_wait_median_days first_contact_wait_p90_days first_contact_wait_mean_days
        wait_median_days wait_p90_days wait_mean_days treated_wait_mean_days waiting
        waiting_first_contact fristbrudd_share past_deadline_share postponed_share postponed
        theatre_minutes_lost occupancy_mean occupancy_p95
        days_above_85_share days_above_92_share days_above_100_share corridor_share boarding_hours
        outlier_days admissions acute_share bed_days bed_days_per_1000 los_mean_days
        acute_surgical_per_day acute_admissions deaths transfers readmission_share
        volume_below_threshold ready_stays ready_stays_per_1000 overliggerdogn
        overliggerdogn_per_1000 ready_within_24h_share
        delay_mean_days half_of_days_municipalities days_after_offer kad_admissions kad_occupancy
        kad_sent_on_share kad_refused_share joined_share admissions_averted bed_days_at_home
        team_occupancy visits municipal_visits followed_up enrolled short_term_occupancy
        short_term_wait_days stretched_days short_term_turned_away_share long_term_wait_days
        long_term_in_short_term_days housing_wait_days outpatient_visits clinic_slots
        outpatient_travel_hours travel_hours travel_km travel_hours_per_patient volume
        payment_nok payment_cost_coverage cost_nok income_nok net_nok drg_points private_treatments"""
    assert set(known.split()) == set(texts.RESULTS)
    assert set(texts.KEY_RESULTS) <= set(texts.RESULTS)
