"""What a user can be told when something is wrong: where, what was found, what is allowed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CapsimError", "InputError", "InvariantError", "Problem"]


class CapsimError(Exception):
    """Base of every error capsim raises on purpose; its text is meant for the user."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input.

    ``where`` names the file or configuration, ``row`` the line as a spreadsheet counts it (the
    header is row 1), ``column`` the column or key, ``value`` what was found and ``allowed`` what
    would be accepted.
    """

    where: str
    allowed: str
    row: int | None = None
    column: str | None = None
    value: object = None

    def __str__(self) -> str:
        parts = [self.where]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(str(self.column))
        found = "" if self.value is None else f"found {self.value!r}; "
        return f"{', '.join(parts)}: {found}{self.allowed}"


class InputError(CapsimError):
    """A user's input cannot be used. ``problems`` lists every reason found.

    The text is one line when there is one problem, else the first and how many more there are.
    """

    def __init__(self, *problems: Problem):
        self.problems = problems
        more = len(problems) - 1
        text = str(problems[0]) if problems else "invalid input"
        if more > 0:
            text += f" (and {more} more problem{'s' if more > 1 else ''})"
        super().__init__(text)


class InvariantError(CapsimError):
    """A conservation law did not hold after a run: the result must not be used."""
