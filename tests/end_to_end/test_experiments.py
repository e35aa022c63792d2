"""Published studies: their notebooks run, and tell what the study that bare `capsim` runs says."""

from __future__ import annotations

from pathlib import Path

import jupytext
import yaml
from hydra import compose, initialize_config_module
from nbclient import NotebookClient

from capsim.config import study_config
from capsim.scenarios.scenario import scenario_from_mapping

FOLDER = Path(__file__).parents[2] / "experiments" / "three_questions"


def test_the_notebook_of_the_three_questions_tells_its_result(tmp_path, monkeypatch):
    """Two replications of 20 days on midt_norge: enough to run every cell on the real region."""
    monkeypatch.setenv("CAPSIM_REPLICATIONS", "2")
    monkeypatch.setenv("CAPSIM_DAYS", "20")
    monkeypatch.setenv("CAPSIM_OUT", str(tmp_path / "result"))
    notebook = jupytext.read(FOLDER / "three_questions.py")
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(FOLDER)}}).execute()
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    text = "".join(o.get("text", "") for o in outputs)
    assert "2 replications of 20 days" in text
    assert "payment_nok" in text
    assert any("image/png" in o.get("data", {}) for o in outputs)


def test_the_study_that_is_told_is_the_one_that_bare_capsim_runs():
    told = yaml.safe_load((FOLDER / "study.yaml").read_text(encoding="utf-8"))
    with initialize_config_module("capsim.configs", version_base="1.3"):
        values = compose("config")
    from omegaconf import OmegaConf

    config = study_config({k: v for k, v in OmegaConf.to_object(values).items() if k != "out"} | {"out": "x"})
    study = config.study()
    assert [scenario_from_mapping(s, "study.yaml") for s in told["scenarios"]] == list(study.scenarios)
    assert (told["region"], told["replications"], told["days"]) == (
        study.region.name, study.replications, study.days,
    )  # fmt: skip
    assert (told["warm_up_days"], told["seed"]) == (study.warm_up_days, study.seed)
