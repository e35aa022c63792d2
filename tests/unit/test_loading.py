"""Region folders: what people and Excel write is read, and what is wrong is said clearly."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsim.errors import InputError, Problem
from capsim.region.loading import (
    check_region,
    load_region,
    region_hash,
    shipped_regions,
    write_template,
)
from capsim.region.rates import ITEMS, IsfRule, PaymentRule, Price, Rates
from capsim.region.region import UNLIMITED, Duration, Registration, Rules, field_names
from capsim.region.schema import SETTINGS, TABLES

MINI = Path(__file__).parents[2] / "capsim" / "region" / "data" / "mini"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    folder = tmp_path / "my_region"
    shutil.copytree(MINI, folder)
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    (folder / file).write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def one_problem(folder: Path) -> Problem:
    problems = check_region(folder)
    assert len(problems) == 1, "\n".join(map(str, problems))
    with pytest.raises(InputError) as raised:
        load_region(folder)
    assert raised.value.problems == tuple(problems)
    assert "\n" not in str(raised.value)
    return problems[0]


# --- what is wrong is said: file, row, column, value, what is allowed --------------------------------

BAD = {
    "negative beds": (
        "wards.csv", "surgery,5,0", "surgery,-5,0", 3, "beds", "-5", "whole number from 0 to 100000",
    ),
    "beds that are no whole number": (
        "wards.csv", "surgery,5,0", "surgery,5.5,0", 3, "beds", "5.5", "whole number",
    ),
    "NaN": ("ages.csv", "66,41,39", "66,nan,39", 2, "acute_per_1000", "nan", "must be a number"),
    "infinity": ("ages.csv", "66,41,39", "66,inf,39", 2, "acute_per_1000", "inf", "must be a number"),
    "a number too large": ("ages.csv", "66,41,39", "66,1e999,39", 2, "acute_per_1000", "1e999", "a number"),
    "Excel's error value": (
        "ages.csv", "66,41,39", "66,#DIV/0!,39", 2, "acute_per_1000", "#DIV/0!", "a number",
    ),
    "a share above one": ("kad_units.csv", "yes,0.7", "yes,1.7", 2, "use_rate", "1.7", "from 0 to 1"),
    "a percentage above 100": (
        "kad_units.csv", "yes,0.7", "yes,170 %", 2, "use_rate", "170 %", "a percentage with %",
    ),
    "a percentage without its sign": (
        "kad_units.csv", "yes,0.7", "yes,70", 2, "use_rate", "70", "from 0 to 1",
    ),
    "a percentage where there is no share": (
        "ages.csv", "66,41,39", "66,59 %,39", 2, "acute_per_1000", "59 %", "a number",
    ),
    "thousands with a dot": (
        "population.csv", "9001,2024,5600", "9001,2024,5.600", 2, "population_0_66", "5.600", "write 5600",
    ),
    "half a person": (
        "population.csv", "9001,2024,5600", "9001,2024,5.5", 2, "population_0_66", "5.5", "whole number",
    ),
    "more people than the country has": (
        "population.csv", "9001,2024,5600", "9001,2024,10000001", 2, "population_0_66", "10000001",
        "from 0 to 10000000",
    ),
    "a stay of more than a century": (
        "ages.csv", "39,3.2,1.2", "39,36501,1.2", 2, "acute_stay_days", "36501", "36500",
    ),
    "an empty cell": ("wards.csv", "surgery,5,0", "surgery,,0", 3, "beds", None, "must be filled in"),
    "a word for a number": ("wards.csv", "surgery,5,0", "surgery,fem,0", 3, "beds", "fem", "whole number"),
    "an unknown choice": ("hospitals.csv", ",local,", ",lokal,", 3, "tier", "lokal", "regional, local"),
    "neither yes nor no": ("kad_units.csv", "2,yes", "2,kanskje", 2, "colocated", "kanskje", "yes or no"),
    "an unknown hospital": ("wards.csv", "ward,dalen", "ward,dallen", 4, "hospital", "dallen", "mean dalen?"),
    "an unknown municipality": ("travel.csv", "9003,dalen", "9004,dalen", 7, "municipality", "9004", "9003"),
    "an unknown KAD unit": (
        "municipalities.csv", "0.95,1.5,mini_kad", "0.95,1.5,mini_cad", 4, "kad_unit", "mini_cad", "mini_kad",
    ),
    "the same row twice": (
        "travel.csv", "9001,dalen,62", "9001,fjordby,62", 3, "municipality, hospital", "9001, fjordby",
        "row 2",
    ),
    "a formula in a name": ("hospitals.csv", "Dalen sykehus", "=2+5", 3, "name", "=2+5", "must be a name"),
    "HTML in a name": ("hospitals.csv", "Dalen sykehus", "<b>D</b>", 3, "name", "<b>D</b>", "no < or >"),
    "a path for an id": (
        "wards.csv", "dalen_ward,", "../dalen,", 4, "id", "../dalen", "lower-case letters",
    ),
    "a municipality number of five digits": (
        "municipalities.csv", "9003,Øyvær", "90031,Øyvær", 4, "number", "90031", "four digits",
    ),
    "a misspelt column": ("wards.csv", ",beds,", ",bed,", 1, "bed", None, "did you mean beds?"),
    "a missing column": ("kad_units.csv", "id,name,beds,", "id,name,", 1, "beds", None, "column is missing"),
    "a column twice": ("wards.csv", "beds,acute", "beds,beds,acute", 1, "beds", None, "must stand once"),
    "a row that is too long": (
        "staff_pools.csv", "4,1.2,1.2", "4,1.2,1.2,9", 2, None, "10 cells", "must have 9 cells",
    ),
    "a decimal comma in a comma file": (
        "kad_units.csv", "0.7", '"0,7"', 2, "use_rate", "0,7", "decimal point",
    ),
    "group shares that do not add to 1": (
        "groups.csv", "other,0.973,", "other,0.9,", None, "share_0_66", 0.927, "must add to 1",
    ),
    "site shares that do not add to 1": (
        "elective_sites.csv", "fjordby,0.05", "fjordby,0.15", 2, "share", 1.1, "must add to 1",
    ),
    "a missing way": ("travel.csv", "9003,dalen,42,33\n", "", None, "hospital", None, "9003 and dalen"),
    "a year that is no year": ("population.csv", "9003,2024", "9003,24", 4, "year", "24", "1900 to 2200"),
    "no population in the year of start": (
        "population.csv", "9003,2024", "9003,2025", None, "year", None, "2024, the year of start",
    ),
    "more reserve than beds": (
        "wards.csv", "dalen,medicine|surgery,8,1", "dalen,medicine|surgery,8,9", None, "acute_reserve", 9,
        "no more than the 8 beds",
    ),
    "no session where patients are sent": (
        "sessions.csv", "dalen,medicine,ward", "fjordby,surgery,ward", None, "kind", None,
        "dalen, medicine, ward",
    ),
    "no ward for an emergency function": (
        "wards.csv", "fjordby_surgery,fjordby,surgery", "x,fjordby,", 3, "specialties", None, "filled in",
    ),
    "two regional hospitals": (
        "hospitals.csv", ",local,", ",regional,", None, "tier", "fjordby, dalen", "at most",
    ),
    "elective rates that do not add up": (
        "ages.csv", "66,41,39", "66,41,45", None, "elective_per_1000", 45.0,
        "of 0_66 in elective_types.csv, 39",
    ),
    "more weekend beds than beds": (
        "wards.csv", "surgery,5,0,4,4", "surgery,5,0,6,4", None, "weekend_beds", 6, "no more than the 5 beds",
    ),
    "an outlier ward of another hospital": (
        "wards.csv", "8,0,,,fjordby_surgery", "8,0,,,dalen_ward", None, "outlier", "dalen_ward",
        "another ward of fjordby for fjordby_medicine",
    ),
    "a ward that is its own outlier": (
        "wards.csv", "8,0,,,fjordby_surgery", "8,0,,,fjordby_medicine", None, "outlier", "fjordby_medicine",
        "another ward of fjordby",
    ),
    "an unknown outlier ward": (
        "wards.csv", "8,0,,,fjordby_surgery", "8,0,,,fjordby_surgry", 2, "outlier", "fjordby_surgry",
        "did you mean fjordby_surgery?",
    ),
    "more needs than patients with a need": (
        "ages.csv", "0.57,0.47,0.026,16,0.05", "0.57,0.97,0.026,16,0.05", None,
        "needs_short_term, needs_long_term", 1.02, "no more than 1 for 80p",
    ),
    "patients moved back to the regional hospital": (
        "hospitals.csv", "0,0,1,0,0.5", "0,0,1,0.2,0.5", None, "transfer_back_share", 0.2,
        "must be 0 for fjordby",
    ),
    "an unknown sector": (
        "specialties.csv", "0,0,0,phv", "0,0,0,psyk", 5, "sector", "psyk", "somatic, phv, tsb",
    ),
    "an unknown stream": (
        "acute_types.csv", "birth,obstetrics", "births,obstetrics", 2, "stream", "births", "phv, tsb, birth",
    ),
    "births on a psychiatric ward": (
        "acute_types.csv", "birth,obstetrics", "birth,phv", None, "specialty", "phv", "the sector somatic",
    ),
    "a type whom no hospital takes": (
        "hospitals.csv", "|phv|tsb", "|phv", None, "emergency", None, "acute patients in tsb",
    ),
    "births where nobody gives birth": (
        "acute_types.csv", "obstetrics,10,0,0", "obstetrics,10,1,0", None, "per_1000_67_79", 1.0,
        "none of 67_79 is in birth",
    ),
    "a type's id twice": (
        "visits.csv", "dialysis,", "cataract,", None, "id", "cataract", "it stands in elective_types.csv",
    ),
    "a clinic for an unknown specialty": (
        "clinics.csv", "dalen,medicine", "dalen,medisin", 5, "specialty", "medisin", "did you mean medicine?",
    ),
    "more visits elsewhere than visits": (
        "visits.csv", "0.1,0.05,0.25", "0.1,0.9,0.25", None, "video_share, private_share, near_share", 1.2,
        "no more than 1 for control_surgery",
    ),
    "housing for whom nothing is needed": (
        "elective_types.csv", "lognormal,0.25,0.2", "lognormal,,0.2", None, "needs_municipality", None,
        "must be filled in for planned_phv",
    ),
    "staff without a pool": (
        "sessions.csv", "dalen_staff,3", ",3", None, "staff", 3.0, "must be 0 for dalen, surgery, theatre",
    ),
    "an unknown staff pool": (
        "short_term_pools.csv", "dalen_staff", "dalen_stab", 3, "staff_pool", "dalen_stab", "dalen_staff",
    ),
    "an effect of more than everything": (
        "teams.csv", ",1,-0.33,", ",1,-1.33,", 4, "stay_effect", "-1.33", "from -1 to 1",
    ),
    "a price of nothing known": (
        "prices.csv", "bed_day_phv,", "bed_day_pvh,", 3, "item", "bed_day_pvh", "did you mean bed_day_phv?",
    ),
    "a price twice": (
        "prices.csv", "bed_day_tsb,", "bed_day_phv,", 4, "item", "bed_day_phv", "also in row 3",
    ),
    "a unit more that costs more than the average": (
        "prices.csv", "300,100,196", "300,301,196", 5, "marginal_nok", 301.0, "no more than average_nok, 300",
    ),
    "a price below zero": (
        "prices.csv", "300,100,196", "300,100,-196", 5, "capacity_nok", "-196", "from 0 to 10000000",
    ),
    "a price of no year": ("prices.csv", "300,100,196,2024", "300,100,196,", 5, "year", None, "filled in"),
    "an unknown payer": (
        "payment_rates.csv", "5508,stay", "5508,opphold", 2, "payer", "opphold", "registered, stay",
    ),
    "payment for an unknown sector": (
        "payment_rates.csv", "5508,stay,somatic|phv|tsb", "5508,stay,somatic|rus", 2, "sectors",
        "somatic|rus", "must be one of: somatic, phv, tsb",
    ),
    "the ISF share as a whole number": (
        "isf_rates.csv", "52248,0.4", "52248,40", 3, "share", "40", "a percentage with %",
    ),
    "the ISF of a year twice": ("isf_rates.csv", "2025,", "2024,", 4, "year", "2024", "also in row 3"),
    "registered outside the region": (
        "registrations.csv", "9002,0.03", "9004,0.03", 2, "registered", "9004", "must be in municipalities",
    ),
    "registered where they stay": (
        "registrations.csv", "9002,0.03", "9001,0.03", 2, "registered", "9001", "another municipality",
    ),
    "registered twice": (
        "registrations.csv", "9003,9001", "9001,9002", 3, "municipality, registered", "9001, 9002",
        "also in row 2",
    ),
    "more registered elsewhere than there are": (
        "registrations.csv", "9003,9001,0.02", "9001,9003,0.98", 2, "share", 1.01,
        "no more than 1 over the rows of 9001",
    ),
    "a negative DRG weight": (
        "visits.csv", "10,120,0.05", "10,120,-0.05", 2, "drg_weight", "-0.05", "from 0 to 100",
    ),
    "municipalities that pay more than a team costs": (
        "teams.csv", "dalen_staff,0.5", "dalen_staff,1.5", 2, "municipal_share", "1.5", "from 0 to 1",
    ),
    "a health trust called as another payer": (
        "hospitals.csv", "local,Mini HF", "local,state", None, "trust", "state", "is taken: a payer",
    ),
    "an unknown YAML key": (
        "region.yaml", "kad_sent_on_share", "kad_sent_share", 18, "rules.kad_sent_share", None,
        "did you mean rules.kad_sent_on_share?",
    ),
    "an unknown top key": ("region.yaml", "title:", "titel:", 3, "titel", None, "did you mean title?"),
    "a YAML key twice": (
        "region.yaml", "start: 2024", "name: x\nstart: 2024", 4, "name", None, "must stand once",
    ),
    "YAML's NO": (
        "region.yaml", "title: Miniregionen", "title: NO", 3, "title", "NO", 'write "NO" in quotes',
    ),
    "YAML's 1:30": (
        "region.yaml", "stretch_after_days: 7", "stretch_after_days: 1:30", 15, "rules.stretch_after_days",
        "1:30", "base 60",
    ),
    "YAML's octal number": (
        "region.yaml", "stretch_after_days: 7", "stretch_after_days: 010", 15, "rules.stretch_after_days",
        "010", "octal",
    ),
    "a date that does not exist": (
        "region.yaml", "2024-01-01", "2024-02-31", 4, "start", "2024-02-31", "a date that exists",
    ),
    "a YAML tag": (
        "region.yaml", "title: M", "title: !!python/name:os.system M", 3, None,
        "tag:yaml.org,2002:python/name:os.system", "are refused",
    ),
    "a YAML anchor": ("region.yaml", "title: M", "title: &a M", 3, None, "a", "are refused"),
    "a key for instantiating classes": (
        "region.yaml", "title: M", "_target_: os.system\ntitle: M", 3, "_target_", None, "not a known key",
    ),
    "too few months": (
        "region.yaml", "  hour_weight: [1.0, 0.34, 0.51, 0.20]", "  hour_weight: [1.0, 0.34, 0.51]", 8,
        "rules.hour_weight", [1.0, 0.34, 0.51], "must be 4 values in [ ]",
    ),
    "a comma in a YAML number": (
        "region.yaml", "summer_session_factor: 0.6", "summer_session_factor: 0,6", 11,
        "rules.summer_session_factor", "0,6", "a number from 0 to 1",
    ),
    "an unknown shape": (
        "region.yaml", "shape: exponential", "shape: gamma", 16, "rules.short_term_stay",
        {"mean_days": 20, "cv": 1, "shape": "gamma"}, "lognormal, exponential or fixed",
    ),
    "an unknown certainty": (
        "region.yaml", "summer_session_factor: 0.6",
        "summer_session_factor: {value: 0.6, source: x, certainty: sure}", 11,
        "rules.summer_session_factor.certainty", "sure", "quoted, derived, recalled, assumption",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD, ids=lambda name: name)
def test_one_mistake_gives_one_clear_problem(mini: Path, case: str) -> None:
    file, old, new, row, column, value, allowed = BAD[case]
    edit(mini, file, old, new)
    if case == "a missing column":
        edit(mini, file, "Fjordby KAD,2,", "Fjordby KAD,")
    problem = one_problem(mini)
    assert problem.where == str(mini / file)
    assert (problem.row, problem.column, problem.value) == (row, column, value)
    assert allowed in problem.allowed


def test_a_file_that_is_missing_empty_a_workbook_or_no_text_is_named(mini: Path) -> None:
    wards = mini / "wards.csv"
    for content, allowed in (
        (b"", "the file is empty"),
        (b"\r\n", "the file is empty"),
        (b"PK\x03\x04 and so on", "save it as CSV"),
        (b"id,hospital\n\x00\x81\x8d", "must be text"),
        (b'id,hospital,specialties,beds\n"open,fjordby', "cannot be read as a table"),
        (b"id,hospital,specialties,beds\n", "at least one row"),
        (None, "the file is missing"),
    ):
        if content is None:
            wards.unlink()
        else:
            wards.write_bytes(content)
        problem = one_problem(mini)
        assert problem.where == str(wards)
        assert allowed in problem.allowed


def test_a_file_with_a_misspelt_name_is_not_silently_ignored(mini: Path) -> None:
    (mini / "kad_units.csv").rename(mini / "kad_unit.csv")
    (mini / "~$wards.csv").write_bytes(b"Excel's lock file")
    problems = check_region(mini)
    assert str(mini / "kad_unit.csv") in [problem.where for problem in problems]
    assert any("did you mean kad_units.csv?" in problem.allowed for problem in problems)


def test_every_problem_is_listed_not_just_the_first(mini: Path) -> None:
    edit(mini, "wards.csv", "surgery,5,0", "surgery,-5,0")
    edit(mini, "kad_units.csv", "yes,0.7", "yes,1.7")
    edit(mini, "region.yaml", "stretch_after_days: 7", "stretch_after_days: -1")
    edit(mini, "travel.csv", "9003,dalen,42,33\n", "9003,dalen,x,y\n")
    problems = check_region(mini)
    assert [(Path(problem.where).name, problem.column) for problem in problems] == [
        ("region.yaml", "rules.stretch_after_days"),
        ("wards.csv", "beds"),
        ("kad_units.csv", "use_rate"),
        ("travel.csv", "minutes"),
        ("travel.csv", "km"),
    ]
    with pytest.raises(InputError, match="and 4 more problems"):
        load_region(mini)


@pytest.mark.parametrize("name", ["midt_nord", "/nowhere/at/all", "\0"])
def test_a_region_that_does_not_exist_is_one_problem(name: str) -> None:
    assert "must be one of: midt_norge, mini" in check_region(name)[0].allowed
    with pytest.raises(InputError):
        load_region(name)


# --- what Norwegian Excel writes is read ------------------------------------------------------------


def as_excel_writes_it(folder: Path, encoding: str = "utf-8-sig", separator: str = ";") -> None:
    for path in folder.glob("*.csv"):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
        for row in rows:
            writer.writerow([cell.replace(".", ",") if "sykehus" not in cell else cell for cell in row])
        path.write_bytes(text.getvalue().encode(encoding))


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", "\t")],
)
def test_what_norwegian_excel_saves_is_the_same_region(mini: Path, encoding: str, separator: str) -> None:
    as_excel_writes_it(mini, encoding, separator)
    read, shipped = load_region(mini), load_region("mini")
    assert replace(read, sources={}) == replace(shipped, sources={})
    assert read.municipality("9003").name == "Øyvær"


def test_thousands_blank_rows_trailing_separators_and_lost_zeros_are_read(mini: Path) -> None:
    as_excel_writes_it(mini)
    for file, old, new in (
        ("population.csv", "9001;2024;5600;", "9001;2024;5 600,0;"),
        ("population.csv", "9002;2024;2400;", "9002;2024;2\u00a0400;"),
        (
            "wards.csv",
            "fjordby;surgery;5;0;4;4;fjordby_medicine",
            "fjordby;surgery;5;0;4;4;fjordby_medicine;;\r\n;;;;\r\n",
        ),
        ("municipalities.csv", "9003;", "301;"),
        ("population.csv", "9003;2024", "0301;2024"),
        ("population.csv", "9003;2030", "301;2030"),
        ("registrations.csv", "9003;9001;0,02", "301;9001;2 %"),
        ("prices.csv", "10005", "10 005,00"),
        ("payment_rates.csv", "5508;stay;somatic|phv|tsb", "5 508;stay;somatic phv tsb"),
        ("teams.csv", "dalen;9002|9003", "dalen;9002 301"),
        ("teams.csv", "9001|9002|9003", "9001|9002|301"),
        ("hospitals.csv", "fjordby;Fjordby sykehus", " fjordby ;Fjordby sykehus\u00a0"),
    ):
        path = mini / file
        text = path.read_bytes().decode("utf-8-sig")
        assert old in text
        path.write_bytes(text.replace(old, new, 1).encode("utf-8-sig"))
    travel = mini / "travel.csv"
    travel.write_bytes(travel.read_bytes().replace(b"9003;", b"301;"))
    region = load_region(mini)
    assert region.municipality("9001").population[0] == 5600
    assert region.municipality("9002").population[0] == 2400
    assert region.municipality("0301").name == "Øyvær"
    assert region.teams[0].municipalities == ("9002", "0301")
    assert region.hospital("fjordby").name == "Fjordby sykehus"
    assert region.registrations[1] == Registration("0301", "9001", 0.02)
    assert region.rates == load_region("mini").rates


def test_rows_are_counted_as_the_spreadsheet_counts_them(mini: Path) -> None:
    edit(mini, "wards.csv", "fjordby_surgery,", "\n\nfjordby_surgery,")
    edit(mini, "wards.csv", "surgery,5,0", "surgery,-5,0")
    assert one_problem(mini).row == 5


@given(st.floats(0, 1e6, allow_nan=False), st.sampled_from([" ", "\u00a0", "\u202f", ""]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_number_survives_being_written_by_excel(number: float, thousands: str) -> None:
    from capsim.region.schema import Column
    from capsim.region.tables import parse_value

    text = f"{number:,.6f}".replace(",", thousands).replace(".", ",")
    assert parse_value(text, Column("x", "number")) == (pytest.approx(round(number, 6)), "")


# --- regions without this or that ------------------------------------------------------------------


def test_a_region_without_kad_teams_pools_theatres_or_groups_can_be_loaded(mini: Path) -> None:
    for table in TABLES:
        if table.optional:
            (mini / table.file).unlink(missing_ok=True)
    edit(mini, "municipalities.csv", "short_term_pool,", "")
    edit(mini, "municipalities.csv", "kad_unit,", "")
    text = (mini / "municipalities.csv").read_text(encoding="utf-8")
    for cell in ("fjordby_places,", "dalen_places,", "mini_kad,"):
        text = text.replace(cell, "")
    (mini / "municipalities.csv").write_text(text, encoding="utf-8")
    edit(mini, "ages.csv", "elective_per_1000,", "")
    rows = (mini / "ages.csv").read_text(encoding="utf-8")
    rows = rows.replace("41,39", "41").replace("182,93", "182").replace("393,70", "393")
    (mini / "ages.csv").write_text(rows, encoding="utf-8")
    region = load_region(mini)
    assert (region.kad_units, region.teams, region.short_term_pools, region.sessions) == ((), (), (), ())
    assert [group.id for group in region.groups] == ["everyone"]
    assert region.groups[0].share == (1.0, 1.0, 1.0)
    assert all(age.elective_per_1000 == 0 for age in region.ages)
    assert region.rates == Rates()
    assert region.rates.payment_for(2024) == 0
    assert region.registrations == ()


def test_without_the_new_columns_a_region_is_what_it_was(mini: Path) -> None:
    """A region written before clinics, births, readmissions, deaths or prices: nothing of them happens."""
    for file in ("acute_types", "clinics", "visits", "staff_pools", "isf_rates", "prices", "registrations"):
        (mini / f"{file}.csv").unlink()
    edit(mini, "region.yaml", "  first_contact_weight: 0.04\n", "")
    for file, more in (
        ("ages.csv", ("needs_long_term", "dies", "readmitted")),
        ("groups.csv", ("need_multiplier", "readmission_multiplier")),
        ("hospitals.csv", ("transfer_back_share", "transfer_back_after")),
        ("wards.csv", ("weekend_beds", "summer_beds", "outlier")),
        ("municipalities.csv", ("long_term_places", "supported_housing")),
        ("sessions.csv", ("staff_pool", "staff")),
        ("short_term_pools.csv", ("staff_pool", "staff_per_place")),
        ("specialties.csv", ("drg_weight",)),
        ("elective_types.csv", ("treated_share", "choice_share", "drg_weight")),
        ("teams.csv", ("kind", "municipal_visits_per_day", "follows_share", "staff_pool", "municipal_share")),
        ("payment_rates.csv", ("payer", "sectors")),
    ):
        rows = list(csv.DictReader(io.StringIO((mini / file).read_text(encoding="utf-8"))))
        text = io.StringIO(newline="")
        kept = [name for name in rows[0] if name not in more]
        writer = csv.DictWriter(text, kept, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (mini / file).write_text(text.getvalue(), encoding="utf-8")
    region = load_region(mini)
    assert (region.acute_types, region.clinics, region.visit_types, region.staff_pools) == ((), (), (), ())
    assert all((a.needs_long_term, a.dies, a.readmitted) == (0, 0, 0) for a in region.ages)
    assert all((g.need_multiplier, g.readmission_multiplier) == (1, 1) for g in region.groups)
    assert all(w.staffed(True, True) == w.beds and not w.outlier for w in region.wards)
    assert all(m.long_term_places == m.supported_housing == UNLIMITED for m in region.municipalities)
    assert all((t.treated_share, t.choice_share) == (1, 0) for t in region.elective_types)
    assert region.hospital("dalen").transfer_back_share == 0
    assert (region.teams[0].kind, region.teams[0].municipal_share) == ("somatic", 0)
    assert region.rates == Rates({2023: PaymentRule(5508), 2024: PaymentRule(5745), 2025: PaymentRule(5981)})
    assert region.rates.payment[2024] == PaymentRule(5745.0, "stay", ("somatic",))
    assert not any(thing.drg_weight for thing in (*region.specialties, *region.elective_types))
    assert (region.registrations, region.rules.first_contact_weight) == ((), 0)


def test_a_blank_cell_of_what_may_be_missing_is_none_or_no_limit(mini: Path) -> None:
    edit(mini, "municipalities.csv", "9.5,8,2", "9.5,,0")
    region = load_region(mini)
    wards = {ward.id: ward for ward in region.wards}
    assert (wards["dalen_ward"].weekend_beds, wards["dalen_ward"].summer_beds) == (None, 7)
    assert wards["dalen_ward"].staffed(free_day=True, summer=False) == 8
    place = region.municipality("9003")
    assert (place.long_term_places, place.supported_housing) == (UNLIMITED, 0)
    hip, phv = region.elective_type("hip_prosthesis"), region.elective_type("planned_phv")
    assert (hip.stay, hip.needs_municipality) == (None, None)
    assert (phv.stay, phv.needs_municipality) == (Duration(25.0, 1.5, "lognormal"), 0.25)
    assert region.acute_types[1].stay == Duration(16.0, 1.5, "lognormal")


def test_rates_prices_and_registrations_are_read(mini: Path) -> None:
    edit(mini, "payment_rates.csv", "2023,5508,stay,somatic|phv|tsb", "2018,4747,registered,somatic")
    edit(mini, "isf_rates.csv", "52248,0.4,0.8,0.8", "52248,0.4,,0.7")
    edit(mini, "prices.csv", "600,600,0,2024", "600,500,,2024")
    region = load_region(mini)
    assert region.rates.payment == {
        2018: PaymentRule(4747.0, "registered", ("somatic",)),
        2024: PaymentRule(5745.0, "stay", ("somatic", "phv", "tsb")),
        2025: PaymentRule(5981.0, "stay", ("somatic", "phv", "tsb")),
    }
    assert region.rates.isf[2024] == IsfRule(52248.0, 0.4, 0.8, 0.7)
    assert region.rates.prices["short_term_day"] == Price(4750.0, 900.0, 3465.0, 2024)
    assert region.rates.prices["home_visit"] == Price(600.0, 500.0, 0.0, 2024)
    assert region.registrations == (Registration("9001", "9002", 0.03), Registration("9003", "9001", 0.02))
    assert [team.municipal_share for team in region.teams] == [0.5, 0, 0]
    assert [specialty.drg_weight for specialty in region.specialties] == [1, 1.3, 0.6, 0, 0]
    assert region.elective_type("hip_prosthesis").drg_weight == 2
    assert (region.acute_types[0].drg_weight, region.visit_types[0].drg_weight) == (0.6, 0.05)
    assert region.rules.first_contact_weight == 0.04


def test_everything_that_can_be_priced_can_be_written_in_prices_csv() -> None:
    prices = next(table for table in TABLES if table.name == "prices")
    assert tuple(prices.columns[0].of.split("|")) == ITEMS


def test_mental_health_is_no_part_of_the_somatic_elective_rate(mini: Path) -> None:
    text = (mini / "ages.csv").read_text(encoding="utf-8")
    for rate in ("41,39", "182,93", "393,70"):
        text = text.replace(rate, rate.partition(",")[0] + ",")
    (mini / "ages.csv").write_text(text, encoding="utf-8")
    assert [age.elective_per_1000 for age in load_region(mini).ages] == pytest.approx([39, 93, 70])


def test_acute_mental_health_comes_by_its_types_alone(mini: Path) -> None:
    edit(mini, "specialties.csv", "0.65,somatic", "0.6,somatic")
    edit(mini, "specialties.csv", "tsb,Rusbehandling,0,0,0", "tsb,Rusbehandling,0,0,0.05")
    assert "must be 0 for tsb: its acute patients are those of acute_types.csv" in one_problem(mini).allowed


def test_a_joint_intake_needs_two_hospitals_and_takes_a_type_once(mini: Path) -> None:
    pools = mini / "referral_pools.csv"
    pools.write_text("id,types,hospitals\nhips,hip_prosthesis,fjordby|dalen\n", encoding="utf-8")
    region = load_region(mini)
    assert [(p.types, p.hospitals) for p in region.referral_pools] == [
        (("hip_prosthesis",), ("fjordby", "dalen"))
    ]
    pools.write_text("id,types,hospitals\nhips,hip_prosthesis,fjordby\n", encoding="utf-8")
    assert "two hospitals at least for hips" in one_problem(mini).allowed
    row = ",hip_prosthesis,fjordby|dalen\n"
    pools.write_text(f"id,types,hospitals\nhips{row}more{row}", encoding="utf-8")
    assert "also in hips" in one_problem(mini).allowed


def test_the_population_of_other_years_is_there_too(mini: Path) -> None:
    region = load_region(mini)
    assert region.populations[2024] == {m.number: m.population for m in region.municipalities}
    assert region.populations[2030]["9001"] == (5650, 760, 410)
    edit(mini, "population.csv", "9003,2030,930", "9003,2031,930")
    assert sorted(load_region(mini).populations[2031]) == ["9003"]


def test_the_start_year_chooses_the_population(mini: Path) -> None:
    rows = (mini / "population.csv").read_text(encoding="utf-8")
    (mini / "population.csv").write_text(rows + "9001,2026,1,2,3\n9002,2026,1,2,3\n9003,2026,1,2,3\n")
    assert load_region(mini).inhabitants == load_region("mini").inhabitants
    edit(mini, "region.yaml", "start: 2024-01-01", "start: 2026-01-01")
    assert load_region(mini).inhabitants == 18


def test_a_setting_keeps_its_source_and_a_plain_one_is_the_planners_own(mini: Path) -> None:
    edit(
        mini,
        "region.yaml",
        "stretch_after_days: 7",
        "stretch_after_days: {value: 9, source: Eget anslag, certainty: recalled}",
    )
    region = load_region(mini)
    assert region.rules.stretch_after_days == 9
    assert region.sources["stretch_after_days"] == ("Eget anslag", "recalled")
    assert region.sources["kad_sent_on_share"] == ("", "assumption")
    assert region.sources["payment_nok_per_day.2025"] == ("Sykepleien januar 2026", "quoted")
    assert region.sources["isf.2025"][1] == "derived"
    assert region.sources["price.travel_refund_km"][1] == "quoted"


def test_a_section_with_nothing_in_it_is_allowed(mini: Path) -> None:
    text = (mini / "region.yaml").read_text(encoding="utf-8")
    (mini / "region.yaml").write_text(text.partition("rules:")[0] + "rules:\n", encoding="utf-8")
    assert load_region(mini).rules == Rules()


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- a\n- b\n", "must be keys with values"),
        ("just words", "must be keys with values"),
        ("name: [a", "must be valid YAML"),
        ("name: a\n\ttitle: b", "must be valid YAML"),
        ("name: \x07", "must be valid YAML"),
        ("name: " + "[" * 3000, "nested"),
        ("name: a\ntitle: b\nstart: 2024-01-01\nrules: [1]", "must be keys with values"),
        ("name: {? [a] : b}\ntitle: b\nstart: 2024-01-01", "must be an id"),
        ("name: a\ntitle: {value: }\nstart: 2024-01-01", "must be a name"),
        ("name: a\ntitle: {value: b, valeu: c}\nstart: 2024-01-01", "must be one of: value"),
        ("name: a\ntitle: =\nstart: 2024-01-01", "must be"),
        ("name: a\ntitle: b\nstart: 2024", "must be a date"),
        ("name: a\ntitle: 2024-01-01 10:00:00\nstart: 2024-01-01", "must be a name"),
    ],
)
def test_a_broken_region_yaml_is_one_problem(mini: Path, text: str, allowed: str) -> None:
    (mini / "region.yaml").write_text(text, encoding="utf-8")
    assert allowed in one_problem(mini).allowed


def test_null_switches_an_hour_off(mini: Path) -> None:
    edit(mini, "region.yaml", "rules:\n", "rules:\n  discharge_hour: null\n")
    assert load_region(mini).rules.discharge_hour is None


@pytest.mark.parametrize("hour", ["session_hour", "clinic_hour", "ward_round_hour", "discharge_hour"])
def test_the_hour_of_something_daily_is_within_the_day(mini: Path, hour: str) -> None:
    edit(mini, "region.yaml", "rules:\n", f"rules:\n  {hour}: 24\n")
    problem = one_problem(mini)
    assert problem.column == f"rules.{hour}"
    assert "from 0 to 23.99" in problem.allowed


def test_nobody_lies_in_bed_before_the_session_that_calls_them_in(mini: Path) -> None:
    edit(mini, "region.yaml", "rules:\n", "rules:\n  bed_hour: 7\n")
    problem = one_problem(mini)
    assert (problem.column, problem.value) == ("rules.bed_hour", 7)
    assert "must not be before rules.session_hour, 8" in problem.allowed


def test_the_hash_follows_the_tables_and_not_the_line_ends(mini: Path) -> None:
    assert region_hash(mini) == region_hash("mini")
    wards = mini / "wards.csv"
    wards.write_bytes(wards.read_bytes().replace(b"\n", b"\r\n"))
    (mini / "notes.txt").write_text("mine")
    assert region_hash(mini) == region_hash("mini")
    edit(mini, "wards.csv", "surgery,5,0", "surgery,6,0")
    assert region_hash(mini) != region_hash("mini")


# --- the template ----------------------------------------------------------------------------------


def test_the_template_loads_as_it_is_and_explains_every_column(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    written = write_template(folder)
    assert sorted(written) == sorted(folder.iterdir())
    assert check_region(folder) == []
    region = load_region(folder)
    assert (region.kad_units[0].beds, region.elective_types[0].minutes_mean) == (2, 110)
    assert region.rules == Rules()
    assert region.rates.payment == {2024: PaymentRule(5745.0, "stay", ("somatic", "phv", "tsb"))}
    assert region.rates.isf == {2024: IsfRule(52248.0, 0.4, 0.8, 0.8)}
    assert region.rates.prices == {"bed_day": Price(16_000.0, 6_500.0, 8_265.0, 2024)}
    assert (folder / "wards.csv").read_bytes().startswith(b"\xef\xbb\xbfid;")
    assert b"4,2" in (folder / "ages.csv").read_bytes()
    explained = {
        (row["file"], row["column"]): row
        for row in csv.DictReader(
            io.StringIO((folder / "columns.csv").read_text(encoding="utf-8-sig")), delimiter=";"
        )
    }
    for table in TABLES:
        for column in table.columns:
            row = explained[table.file, column.name]
            assert row["forklaring"]
            assert row["meaning"]
            assert row["allowed"]


def test_the_template_never_overwrites(mini: Path) -> None:
    before = {path: path.read_bytes() for path in mini.iterdir()}
    with pytest.raises(InputError, match="must be new or empty"):
        write_template(mini)
    assert {path: path.read_bytes() for path in mini.iterdir()} == before
    with pytest.raises(InputError, match="cannot be written"):
        write_template(mini / "wards.csv")


def test_every_rule_can_be_written_in_a_region_folder() -> None:
    rules = {name.removeprefix("rules.") for name in SETTINGS if name.startswith("rules.")}
    assert rules == set(field_names(Rules))


def test_every_table_column_is_a_field_of_its_record() -> None:
    for table in TABLES:
        if table.record is not None:
            for column in table.columns:
                name = column.key
                for end in ("_days", "_cv", "_shape"):
                    if name.removesuffix(end) in field_names(table.record):
                        name = name.removesuffix(end)
                assert name in field_names(table.record), f"{table.file} {column.name}"


def test_shipped_regions_have_no_problems() -> None:
    assert shipped_regions() == ("midt_norge", "mini")
    for name in shipped_regions():
        assert check_region(name) == []


@pytest.mark.parametrize("cell", ["95%", "95 %", "95,0\u00a0%"])
def test_a_share_may_be_written_as_a_percentage(mini: Path, cell: str) -> None:
    path = mini / "kad_units.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("0.7", cell).replace(",", ";").replace("95;0", "95,0")
    )
    assert load_region(mini).kad_units[0].use_rate == 0.95


@pytest.mark.parametrize(
    ("cell", "read"),
    [("1.250", None), ("1,250", 1.25), ("1.25", 1.25), ("0.125", 0.125), ("1.250.000", None)],
)
def test_a_dot_that_may_divide_thousands_is_refused_where_a_comma_marks_decimals(
    mini: Path, cell: str, read: float | None
) -> None:
    path = mini / "travel.csv"
    text = path.read_text(encoding="utf-8").replace(",", ";")
    path.write_text(text.replace("9001;dalen;62", f"9001;dalen;{cell}"), encoding="utf-8")
    if read is None:
        problem = one_problem(mini)
        assert (problem.row, problem.column, problem.value) == (3, "minutes", cell)
        assert f"write {cell.replace('.', '')}" in problem.allowed
    else:
        assert load_region(mini).travel_minutes["9001", "dalen"] == read


def test_a_coordinate_is_no_thousands(mini: Path) -> None:
    path = mini / "hospitals.csv"
    header, first, *rest = path.read_text(encoding="utf-8").replace(",", ";").splitlines()
    cells = dict(zip(header.split(";"), first.split(";"), strict=True)) | {"lat": "63.430"}
    path.write_text("\n".join([header, ";".join(cells.values()), *rest]) + "\n", encoding="utf-8")
    assert load_region(mini).hospitals[0].lat == 63.43


def test_a_table_that_others_refer_to_is_said_to_be_missing(mini: Path) -> None:
    (mini / "kad_units.csv").unlink()
    problem = one_problem(mini)
    assert problem.where == str(mini / "kad_units.csv")
    assert problem.allowed == "the file is missing, but municipalities.csv, row 2, refers to it"


def test_a_municipality_stands_once_in_a_team(mini: Path) -> None:
    edit(mini, "teams.csv", "dalen,9002|9003", "dalen,9002|9002")
    assert "each must stand once" in one_problem(mini).allowed


def test_a_date_is_shown_as_it_is_written(mini: Path) -> None:
    edit(mini, "region.yaml", "title: Miniregionen", "title: 2024-03-01")
    assert "found '2024-03-01'" in str(one_problem(mini))


@pytest.mark.parametrize("name", [None, 5, ""])
def test_what_is_no_name_and_no_folder_is_refused(name: object) -> None:
    with pytest.raises(InputError, match="must be one of: midt_norge, mini; or the path of a folder"):
        load_region(name)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("wards.csv", ",,,fjordby_surgery", ",,,fjordby_psychiatry", ("outlier", "the sector of fjordby")),
        ("clinics.csv", "1.3,1.2,1.2,1.2,1.1,0,0", "0,0,0,0,0,0,0", ("clinics.csv", "a slot on some day")),
        ("short_term_pools.csv", "8,0.05,1,", "8,0.05,9,", ("kept_free", "no more than the 8 places")),
        ("elective_sites.csv", "cataract,dalen,dalen", "heart_surgery,dalen,dalen,1\ncataract,dalen,dalen",
         ("elective_sites.csv", "the regional hospital for heart_surgery")),
    ],
)  # fmt: skip
def test_what_could_have_no_effect_or_no_sense_is_refused(
    mini: Path, file: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    edit(mini, file, old, new)
    told = str(one_problem(mini))
    assert all(word in told for word in words), told


def test_a_joint_intake_is_for_hospitals_that_can_treat_the_type(mini: Path) -> None:
    (mini / "referral_pools.csv").write_text(
        "id,types,hospitals\nhearts,heart_surgery,fjordby|dalen\n", encoding="utf-8"
    )
    assert "must be able to treat it" in one_problem(mini).allowed
