"""What the tests of levers share."""

from __future__ import annotations

from capsim.region.region import Region


def in_force(region: Region, day: int = 0) -> Region:
    """The region as it is on ``day``."""
    return [phase.region for phase in region.phases() if phase.from_day <= day][-1]
