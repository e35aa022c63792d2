"""The study of `make run`, over one process and over two."""

from __future__ import annotations

import time
from statistics import median

from page import Found, Row, number, over, table


def workers(rounds: int, replications: int = 30) -> Found:
    """The study of `make run`, over one process and over two."""
    from hydra import compose, initialize_config_module
    from omegaconf import OmegaConf

    from capsim.config import study_config

    with initialize_config_module("capsim.configs", version_base="1.3"):
        composed = compose("config", overrides=[f"replications={replications}", "out=none"])
    study = study_config({str(key): value for key, value in OmegaConf.to_object(composed).items()}).study()
    wall: dict[int, list[float]] = {1: [], 2: []}
    inside: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for count in wall:
            start = time.perf_counter()
            result = study.run(workers=count, progress=False)
            wall[count].append(time.perf_counter() - start)
            inside[count].append(sum(run["seconds"] for run in result.runs))

    def why() -> str:
        (one, two), (runs_one, runs_two) = ([median(of[n]) for n in (1, 2)] for of in (wall, inside))
        parts = {
            "half of what the runs take in one process": runs_one / 2,
            "what they take longer while two go on at once": (runs_two - runs_one) / 2,
            "half of the rest in one process: sampling, writing, collecting": (one - runs_one) / 2,
        }
        parts["starting processes, what is not shared out, idleness at the end"] = two - sum(parts.values())
        rows = [[name, number(seconds), f"{seconds / two:.0%}"] for name, seconds in parts.items()]
        rows.append(["all", number(two), "100%"])
        return (
            f"{table(['of the time with two workers', 's', 'share'], rows)}\n\n"
            "Two processes share the memory's bandwidth, the last cache and the clock's boost: the second "
            "line is what that costs."
        )

    seconds = [f"{median(wall[count]):.1f} s" for count in wall]
    notes = (
        f"Workers: {replications} replications of {len(study.scenarios)} scenarios take {seconds[0]} "
        f"in one process and {seconds[1]} in two.",
    )
    what = "midt_norge, replications on 2 workers against 1"
    return Found((Row(what, over(wall[1], wall[2]), at_least=1.8, why=why),), notes)
