"""Units that take a patient if one of their places is free and refuse if not: KAD, ambulant teams."""

from __future__ import annotations

__all__ = ["Places"]


class Places:
    """A number of places without a queue. Places that close close as they empty."""

    def __init__(self, places: int):
        self.places = places
        self.occupied = 0

    def take(self) -> bool:
        if self.occupied < self.places:
            self.occupied += 1
            return True
        return False

    def release(self) -> None:
        self.occupied -= 1
