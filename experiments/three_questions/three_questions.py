# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Three questions for Helse Midt-Norge
#
# What happens when hip replacements move from Øya to Orkdal and Levanger, when an ambulant team is
# added around Trondheim, and when the betalingsplikt doubles? Every answer is a paired difference
# from today: the same patients, with the same luck, in both worlds.

# %%
# %matplotlib inline
import os
import sys
from pathlib import Path

import yaml

import capsim as cs
from capsim.analysis.comparison import estimate
from capsim.scenarios.scenario import scenario_from_mapping

here = Path(__file__).parent if "__file__" in globals() else Path()
plan = yaml.safe_load((here / "study.yaml").read_text(encoding="utf-8"))
scenarios = [scenario_from_mapping(s, "study.yaml") for s in plan["scenarios"] if s["name"] != "base"]
study = cs.Study(
    cs.load_region(plan["region"]),
    scenarios,
    replications=int(os.environ.get("CAPSIM_REPLICATIONS", plan["replications"])),
    days=int(os.environ.get("CAPSIM_DAYS", plan["days"])),
    warm_up_days=plan["warm_up_days"],
    seed=plan["seed"],
)
for scenario in study.scenarios:
    print(f"{scenario.name:22} {scenario.title_in('en')}")

# %% [markdown]
# Runs that are finished in the folder are not run again: name the folder of a `capsim` run, or let
# the notebook run the study (a minute or two on two cores for thirty replications of a year).

# %%
finished = [a for a in sys.argv[1:] if Path(a, "manifest.json").is_file()]
folder = Path(finished[0]) if finished else Path(os.environ.get("CAPSIM_OUT", "results/three_questions"))
# worker processes start the file they come from again, so a script has one and a notebook all cores
workers = (os.cpu_count() or 1) if "get_ipython" in globals() else 1
result = cs.load_result(folder) if finished else study.run(workers=workers, out=folder)
assert not result.failures, result.failures
n = result.study.replications
print(f"{n} replications of {result.study.days} days, seed {result.study.seed}")

# %% [markdown]
# ## Is the base case a place we know?
#
# Targets are national or regional figures; the interval is chance between replications.

# %%
base = estimate(result.metrics).query("scenario == 'base' and window == 'all' and by == 'all'")
targets = {
    "bed_days_per_1000": "575 to 582",
    "acute_share": "0.67",
    "occupancy_mean": "0.85 to 0.91",
    "overliggerdogn_per_1000": "13 to 18",
    "ready_within_24h_share": "0.86 to 0.90",
    "wait_mean_days": "60 to 75",
    "postponed_share": "0.053 to 0.061",
    "corridor_share": "0.006",
    "kad_occupancy": "0.33",
}
region = base[base.place == "region"].set_index("result")
for name, target in targets.items():
    row = region.loc[name]
    print(f"{name:26} {row['mean']:9.3f}  ({row.low:.3f} to {row.high:.3f})   target {target}")

# %% [markdown]
# Postponed operations come out below the target and corridor patients above it. Both hang on ward
# sizes, which are not public, and on outlier wards, which the model does not have yet.

# %% [markdown]
# ## What each question moves
#
# A difference whose interval contains zero is no certain change. One in twenty intervals excludes
# zero by chance alone.

# %%
differences = result.compare().query("window == 'all' and by == 'all'")


def tell(scenario: str, place: str, *names: str) -> None:
    """The differences of some results at a place, each with its interval."""
    rows = differences[(differences.scenario == scenario) & (differences.place == place)].set_index("result")
    for name in names:
        row = rows.loc[name]
        certain = "" if row.low <= 0 <= row.high else "  *"
        form = ".2%" if row.unit == "share" else ",.2f"  # of shares: percentage points
        interval = f"({row.low:+{form}} to {row.high:+{form}}){certain}"
        print(f"{place:9} {name:26} {row.base:13{form}} {row.difference:+13{form}} {interval}")


# %% [markdown]
# ### 1. Hip replacements to Orkdal and Levanger, theatre time follows

# %%
for site in ("stolav", "orkdal", "levanger"):
    tell("move_hips", site, "wait_mean_days", "postponed_share", "occupancy_mean")
tell("move_hips", "region", "wait_mean_days", "travel_hours", "bed_days")
hips = result.compare().query("window == 'all' and group == 'hip_prosthesis' and result == 'volume'")
moved = hips[(hips.scenario == "move_hips") & hips.place.isin(["stolav", "orkdal", "levanger"])]
print(moved[["place", "base", "value", "difference"]].to_string(index=False))

# %% [markdown]
# ### 2. An ambulant geriatric team around Trondheim

# %%
tell("ambulant_team", "region", "bed_days", "admissions", "overliggerdogn", "postponed_share")
tell("ambulant_team", "stolav", "occupancy_mean", "corridor_share")

# %% [markdown]
# ### 3. The day rate doubles
#
# Without a municipal response no patient moves, so every difference but the payment is exactly zero.
# The payment is a transfer between municipalities and hospitals: it is no saving.

# %%
tell("double_payment_rate", "region", "overliggerdogn", "bed_days", "wait_mean_days", "payment_nok")
same = differences[(differences.scenario == "double_payment_rate") & (differences.result != "payment_nok")]
assert (same.difference == 0).all()

# %% [markdown]
# The differences for the region and its hospitals, as a table beside the runs:

# %%
places = ["region", *(h.id for h in result.study.region.hospitals)]
table = differences[differences.place.isin(places)].drop(columns=["fit", "window", "by", "group"])
table.to_csv(folder / "three_questions.csv", index=False, float_format="%.6g", lineterminator="\n")

# %% [markdown]
# ## The picture a board sees

# %%
cs.charts.levers(result, language="en")

# %% [markdown]
# ## How sure are we?
#
# The intervals are chance between replications of one set of parameters. They do not hold the
# uncertainty of figures that are assumptions (see `docs/assumptions.md`), nor that another set of
# parameters may meet the targets as well. Waits settle over about 300 days after a change: run
# `capsim years=3` before a decision that hangs on them.
