"""The arrays and numbers that the compiled engine reads and writes, and how compiled code reaches them.

In compiled code a world is one address: of a block with the address of each array and the value of
each number, eight bytes each. ``w.left[p] = w.now`` is then two loads and a store, and a function of a
world has one argument, which is what keeps it quick to compile and to call. Without compilation
(``CAPSIM_KERNEL_IN_PYTHON=1``) the same code runs on the object itself, for a debugger.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, njit, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
)

__all__ = ["ARRAYS", "IN_PYTHON", "NUMBERS", "World", "compiled", "world_at"]

IN_PYTHON = os.environ.get("CAPSIM_KERNEL_IN_PYTHON", "0") not in ("", "0")

TIME, INDEX, SMALL, FLAG, REAL = (np.dtype(t) for t in ("int64", "int32", "int16", "int8", "float64"))


def _of(dtype: np.dtype, names: str) -> dict[str, np.dtype]:
    return dict.fromkeys(names.split(), dtype)


ARRAYS: Mapping[str, np.dtype] = {
    # a patient each: what awaits (columns of the table and the itinerary) …
    **_of(TIME, "arrival stay transfer_after readmit_delay response complex home_second ill_after ill_stay"),
    **_of(TIME, "settled_stay place_stay stretch kad_stay first_due not_before due began"),
    **_of(INDEX, "child option minutes home_ward kad list clinic specialty"),
    **_of(SMALL, "municipality type"),
    **_of(FLAG, "stream need start active dies readmits notified_early kad_sent_on day_surgery goes_on"),
    **_of(REAL, "join"),
    # … what happens (those of the stays) …
    **_of(TIME, "arrived seen asked admitted bed moved ready can_receive ill ready_again offer settled left"),
    **_of(
        TIME, "place_start place_end kad_start kad_end team_start team_end follow_start follow_end treated"
    ),
    **_of(SMALL, "pool hospital ward moved_to team follow_team"),
    **_of(INDEX, "planned postponed"),
    **_of(FLAG, "outcome stretched kad_refused joined"),
    # … and what only the run needs to know
    **_of(TIME, "until leaves receives ill_at begun"),
    **_of(INDEX, "turn leave_day"),
    **_of(FLAG, "state waiting in_pool blocked_by"),
    # (patients, teams)
    **_of(TIME, "course early_after"),
    **_of(FLAG, "averts escalates early follows readmits_followed"),
    # (choosers, hospitals)
    **_of(REAL, "options"),
    **_of(TIME, "option_stay"),
    # whatever can be full: wards, lists, clinics, pools, places to settle in, home care, KAD units and
    # teams, one after the other; each kind uses its own of these
    **_of(TIME, "capacity occupied reserved kept acute_reserve boarding recovering kept_free heir inherits"),
    **_of(TIME, "started_on morning visits bed_ward by_patient carry saved awaiting entries first_entry"),
    **_of(TIME, "passed_over"),
    **_of(TIME, "threshold thresholds outliers outliers_end guests guests_end"),
    **_of(TIME, "links"),
    **_of(REAL, "join_threshold"),
    # queues: four for each unit, of nodes (patient, turn, next)
    **_of(TIME, "first last node_patient node_turn node_next"),
    # the heaps of lists and clinics (due, patient), and those whom a list's sessions have passed over;
    # the heap of events (time, key, order)
    **_of(TIME, "entry_due entry_patient front events"),
    # the woken, to go on before the next event; those who come, in the order of arrival
    **_of(TIME, "woken comes"),
    # (wards, causes), (wards, days)
    **_of(TIME, "blocked leaving"),
    # the calendar: (days, units) unless said otherwise
    **_of(TIME, "phase_of_day changes ward_beds places kept_free_on heir_on pool_of long_term_places"),
    **_of(TIME, "supported_housing home_care_starts kad_beds team_places"),
    **_of(TIME, "session_capacity clinic_capacity"),  # (lists or clinics, days)
    **_of(TIME, "openings"),  # (rows, 3)
    **_of(REAL, "pace"),  # (phases, lists)
    **_of(TIME, "type_list type_clinic ward_of"),  # (types or hospitals, hospitals or specialties)
    # written: (sessions, 8), (postponements, 3), (midnights, units)
    **_of(TIME, "sessions postponements"),
    **_of(INDEX, "census"),
    # room for a session's plan
    **_of(TIME, "planning skipping"),
}
"""Every array by name, with its type; those of shape (rows, columns) are read row by row, flat."""

NUMBERS = (
    # the clock, and how much of the arrays is in use
    *("now", "end", "n_events", "woken_from", "woken_to", "n_nodes", "free_node", "today"),
    *("n_postponements", "n_sessions", "n_census", "n_openings_past"),
    # where each kind of unit begins, and how many there are
    *("wards", "lists", "clinics", "pools", "long_term", "housing", "home_care", "kad_units", "teams"),
    *(
        "n_patients",
        "n_wards",
        "n_lists",
        "n_clinics",
        "n_pools",
        "n_municipalities",
        "n_kad_units",
        "n_teams",
    ),
    *(
        "n_hospitals",
        "n_specialties",
        "n_comes",
        "n_days",
        "first_day",
        "n_openings",
        "n_woken",
        "n_units",
        "postponements_kept",
    ),
    # rules, in seconds where they are times; -1 for none
    *("ward_round", "discharge_hour", "place_hour", "boarding_limit", "session_second", "clinic_second"),
    *("bed_second", "home_care_second", "notice", "stretches", "housing_stretches", "falls_ill"),
    *("look_ahead", "any_hour", "loaded_start"),
)
"""Every number by name: whole."""

_SLOT = {name: slot for slot, name in enumerate((*ARRAYS, *NUMBERS))}


class World:
    """Named arrays and numbers, each of :data:`ARRAYS` and :data:`NUMBERS`.

    Raises:
        TypeError: if an array is missing, of another type, or not contiguous: compiled code would
            read other memory.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], numbers: Mapping[str, int]):
        if arrays.keys() != ARRAYS.keys() or numbers.keys() != set(NUMBERS):
            odd = sorted(arrays.keys() ^ ARRAYS.keys() | numbers.keys() ^ set(NUMBERS))
            raise TypeError(f"a world needs exactly its arrays and numbers: {', '.join(odd)}")
        self.block = np.zeros(len(_SLOT), dtype=np.int64)
        for name, dtype in ARRAYS.items():
            array = arrays[name]
            if array.dtype != dtype or not array.flags.c_contiguous:
                raise TypeError(f"{name}: must be a contiguous array of {dtype}, not {array.dtype}")
            self.block[_SLOT[name]] = array.ctypes.data
            setattr(self, name, array.reshape(-1))
        for name, number in numbers.items():
            self.block[_SLOT[name]] = number

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def number(self, name: str) -> int:
        """A number as it is now."""
        return int(self.block[_SLOT[name]])

    def run_in_python(self, engine: Callable[[Any], None]) -> None:
        """Run ``engine`` uncompiled: on views that give whole numbers, as compiled code sees them."""
        views = {name: memoryview(getattr(self, name)) for name in ARRAYS}
        w = SimpleNamespace(**views, **{name: self.number(name) for name in NUMBERS})
        engine(w)
        for name in NUMBERS:
            self.block[_SLOT[name]] = getattr(w, name)


class _Type(types.Type):
    def __init__(self) -> None:
        super().__init__("World")


WORLD = _Type()
_ARRAY_TYPE = {name: types.CPointer(from_dtype(dtype)) for name, dtype in ARRAYS.items()}


@register_model(_Type)
class _Model(models.OpaqueModel):
    pass


@infer_getattr
class _Attributes(AttributeTemplate):
    key = _Type

    def generic_resolve(self, typ: Any, attr: str) -> Any:  # type: ignore[override]
        return _ARRAY_TYPE.get(attr, types.int64 if attr in _SLOT else None)


def _slot(context: Any, builder: Any, world: Any, attr: str) -> Any:
    kind = context.get_value_type(_ARRAY_TYPE.get(attr, types.int64))
    block = builder.bitcast(world, kind.as_pointer())
    return builder.gep(block, [ir.Constant(ir.IntType(32), _SLOT[attr])], inbounds=True)


@lower_getattr_generic(_Type)
def _get(context: Any, builder: Any, typ: Any, value: Any, attr: str) -> Any:
    loaded = builder.load(_slot(context, builder, value, attr))
    if attr in _ARRAY_TYPE:  # where an array is does not change
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


@lower_setattr_generic(_Type)
def _set(context: Any, builder: Any, sig: Any, args: Any, attr: str) -> None:
    world, value = args
    value = context.cast(builder, value, sig.args[1], types.int64)
    builder.store(value, _slot(context, builder, world, attr))


def compiled(function: Callable[..., Any]) -> Any:
    """Compile what is called from compiled code only, for a world and whole numbers: once, where numba
    would compile it again for every constant and width of integer that it is called with."""
    if IN_PYTHON:
        return function
    dispatcher: Any = njit(nogil=True, **_INSIDE)(function)
    compile = dispatcher.compile
    dispatcher.compile = lambda signature: compile(tuple(map(_widest, signature)))
    return dispatcher


_INSIDE: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def _widest(argument: Any) -> Any:
    whole = isinstance(argument, (types.Integer, types.IntegerLiteral, types.Boolean))
    return types.int64 if whole else argument


@intrinsic
def world_at(typingctx: Any, address: Any) -> Any:
    """The world whose block is at ``address``."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(WORLD))

    return WORLD(types.int64), codegen
