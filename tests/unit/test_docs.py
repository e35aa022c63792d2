"""What the documentation says of the code and the region files is what they say."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from capsim.demand.columns import ACUTE
from capsim.models.pathway import NEVER, Kind
from capsim.scenarios.levers import LEVERS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))


def _tool():
    spec = importlib.util.spec_from_file_location("write_model_docs", ROOT / "tools" / "write_model_docs.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.fixture(scope="module")
def tool():
    return _tool()


@pytest.mark.parametrize("page", _tool().PAGES, ids=lambda page: page.name)
def test_tables_and_values_are_as_the_code_and_the_region_have_them(tool, page):
    text = page.read_text(encoding="utf-8")
    assert tool.filled(text) == text, "run: python tools/write_model_docs.py"


def test_every_table_has_its_place(tool):
    text = "".join(page.read_text(encoding="utf-8") for page in tool.PAGES)
    for name in tool.TABLES:
        assert text.count(f"<!-- {name}: tools/write_model_docs.py -->") == 1, name
        assert text.count(f"<!-- end of {name} -->") == 1, name


def test_a_value_is_filled_in_wherever_it_stands(tool, monkeypatch, tmp_path):
    rules = "rules: {notice: {value: 24}, stay: {value: {mean_days: 20, cv: 1.0, shape: exponential}}}"
    (tmp_path / "region.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "wards.csv").write_text("id,beds,summer\na,5,\nb,12,10\n", encoding="utf-8")
    monkeypatch.setattr(tool, "REGION", tmp_path)
    assert tool.filled("`notice` = **1** hours") == "`notice` = **24** hours"
    assert tool.filled("`stay` = **?**.") == "`stay` = **mean 20 days, CV 1, exponential**."
    assert tool.filled("`wards.beds` = ****") == "`wards.beds` = **5 to 12**"
    assert tool.filled("`wards.summer` = **x**") == "`wards.summer` = **10**"
    assert tool.filled("`sum of wards.beds` = **0**") == "`sum of wards.beds` = **17**"
    assert tool.filled("`notice` and **bold**") == "`notice` and **bold**"
    with pytest.raises(KeyError):
        tool.filled("`no_such_rule` = **1**")


def test_the_order_of_events_names_every_kind_in_its_order(tool):
    ranks = re.findall(r"^\| (\d+) \| `(\w+)` \| .+ \|$", tool.TABLES["events"](), re.MULTILINE)
    assert [(int(rank), name) for rank, name in ranks] == [(int(kind), kind.name) for kind in Kind]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        path, _, heading = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {_anchor(h) for h in headings}, f"{page.name}: {target}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_readme_names_every_lever_and_only_scenarios_that_there_are():
    text = README.read_text(encoding="utf-8")
    assert {name for name in LEVERS if f"`{name}`" not in text} == set()
    for folder in ("scenario", "experiment", "region"):
        shipped = {path.stem for path in (ROOT / "configs" / folder).glob("*.yaml")}
        shipped |= set(re.findall(rf"{folder}/(\w+)\.yaml", text))  # or is the reader's own
        for names in re.findall(rf"\b{folder}=([\w,]+)", text):
            assert set(names.split(",")) <= shipped, names


def test_the_pathway_of_your_own_runs_as_it_stands():
    text = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
    names: dict = {}
    exec(example, names)
    records, patients = names["records"], names["patients"]
    came = (patients.stream == ACUTE) & (records.stays.arrived >= records.clock_start)
    late = (
        records.stays.asked[came & (records.stays.asked != NEVER)]
        - patients.arrival[came & (records.stays.asked != NEVER)]
    )
    assert (late >= 3600).all()
    assert (late == 3600).any()
