"""Queues: lines in the order of asking, and the heaps of waiting lists and clinics."""

from __future__ import annotations

from capsim.models.kernel.world import compiled

# a unit's queues: those who asked in turn, and a ward's own
LINE, RECOVERY, CORRIDOR, EMERGENCY = range(4)
QUEUES = 4


@compiled
def append(w, unit, which, p, turn):
    """``p`` stands at the end of a unit's queue, for what is asked for in that turn."""
    i = w.free_node
    if i >= 0:
        w.free_node = w.node_next[i]
    else:
        i = w.n_nodes
        w.n_nodes = i + 1
    w.node_patient[i] = p
    w.node_turn[i] = turn
    w.node_next[i] = -1
    queue = QUEUES * unit + which
    if w.first[queue] < 0:
        w.first[queue] = i
    else:
        w.node_next[w.last[queue]] = i
    w.last[queue] = i


@compiled
def is_empty(w, unit, which):
    return w.first[QUEUES * unit + which] < 0


@compiled
def first_of(w, unit, which):
    """The first of a queue that is not empty: patient and turn."""
    i = w.first[QUEUES * unit + which]
    return w.node_patient[i], w.node_turn[i]


@compiled
def pop_first(w, unit, which):
    """Take the first off a queue that is not empty: patient and turn."""
    queue = QUEUES * unit + which
    i = w.first[queue]
    w.first[queue] = w.node_next[i]
    w.node_next[i] = w.free_node
    w.free_node = i
    return w.node_patient[i], w.node_turn[i]


@compiled
def join(w, unit, due, p):
    """Onto a waiting list, or a clinic's, in the order of (due, id)."""
    base = w.first_entry[unit]
    i = w.entries[unit]
    w.entries[unit] = i + 1
    while i > 0:
        up = (i - 1) >> 1
        d = w.entry_due[base + up]
        if d < due or (d == due and w.entry_patient[base + up] < p):
            break
        w.entry_due[base + i] = d
        w.entry_patient[base + i] = w.entry_patient[base + up]
        i = up
    w.entry_due[base + i] = due
    w.entry_patient[base + i] = p


@compiled
def next_due(w, unit):
    """Take the first off a list that is not empty."""
    base = w.first_entry[unit]
    first = w.entry_patient[base]
    n = w.entries[unit] - 1
    w.entries[unit] = n
    due, p = w.entry_due[base + n], w.entry_patient[base + n]
    i = 0
    while True:
        j = 2 * i + 1
        if j >= n:
            break
        d, q = w.entry_due[base + j], w.entry_patient[base + j]
        if j + 1 < n:
            d2, q2 = w.entry_due[base + j + 1], w.entry_patient[base + j + 1]
            if d2 < d or (d2 == d and q2 < q):
                j += 1
                d, q = d2, q2
        if due < d or (due == d and p < q):
            break
        w.entry_due[base + i] = d
        w.entry_patient[base + i] = q
        i = j
    w.entry_due[base + i] = due
    w.entry_patient[base + i] = p
    return first


@compiled
def next_listed(w, waiting_list, passed):
    """The next on a waiting list, after so many of those whom earlier sessions passed over: taken off
    the heap, or one more passed over. The patient, -1 if there is none, and how many are now passed."""
    base = w.first_entry[waiting_list]
    if passed < w.passed_over[waiting_list]:
        p = w.front[base + passed]
        if w.entries[waiting_list] > 0:
            due, first = w.entry_due[base], w.entry_patient[base]
            if due < w.due[p] or (due == w.due[p] and first < p):
                return next_due(w, waiting_list), passed
        return p, passed + 1
    if w.entries[waiting_list] > 0:
        return next_due(w, waiting_list), passed
    return -1, passed


@compiled
def pass_over(w, waiting_list, skipped, passed):
    """Those skipped now stand before those of the front that were not looked at: in the list's order, and
    not on the heap, since the next session looks at them again."""
    base = w.first_entry[waiting_list]
    rest = w.passed_over[waiting_list] - passed
    if skipped < passed:
        for k in range(rest):
            w.front[base + skipped + k] = w.front[base + passed + k]
    elif skipped > passed:
        for k in range(rest - 1, -1, -1):
            w.front[base + skipped + k] = w.front[base + passed + k]
    for k in range(skipped):
        w.front[base + k] = w.skipping[k]
    w.passed_over[waiting_list] = skipped + rest
