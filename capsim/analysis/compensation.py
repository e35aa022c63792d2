"""Who loses by a scenario, who gains, and the side payments that would leave nobody worse off.

Municipalities, trusts and the RHF are the parties. If their net together rises, those who gain can make
good all that the others lose; if it falls they cannot, and what is missing is the grant that the state
would have to give. The state's own net and the patients' stand beside and are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from capsim.analysis.comparison import interval, is_certain, pairs
from capsim.analysis.ledger import PATIENTS, RHF, STATE

if TYPE_CHECKING:
    import pandas as pd

    from capsim.region.region import Region

__all__ = ["TOTAL", "Exists", "Settlement", "compensation", "settlements"]

TOTAL = "total"
PARTIES = ("municipality", "trust", "rhf")

Exists = Literal["yes", "no", "uncertain"]


class Settlement(NamedTuple):
    """A row of :func:`compensation`: a payer under a scenario."""

    scenario: str
    fit: str
    costing: str
    payer: str
    kind: str
    difference_nok: float
    low: float
    high: float
    side_payment_nok: float
    payment_low: float
    payment_high: float
    exists: Exists
    n: int


def compensation(metrics: pd.DataFrame, region: Region) -> pd.DataFrame:
    """The settlement of every scenario but the base, by fit and costing.

    ``metrics`` is the tidy table of a study of ``region``. The rows of a settlement are its
    municipalities, trusts, RHF, state and patients, and the ``total`` of the parties (municipalities,
    trusts and RHF):

    ``payer``, ``kind``: a number, a name or "rhf", "state", "patients", "total"; and municipality, trust,
    rhf, state, patients or total.
    ``difference_nok``, ``low``, ``high``: paired difference of the net over the whole study, its mean over
    ``n`` replications in whole øre, and its 95 % t-interval, NaN when ``n`` < 2.
    ``side_payment_nok``: what the payer receives (−: pays). A party that loses receives its mean loss.
    Those that gain pay in proportion to their gain, all of it if that is not enough; then the state
    pays the rest, the grant. Payments of all payers add up to zero, to the øre; the total's is the grant.
    ``payment_low``, ``payment_high``: their 95 % intervals. The grant's is the interval of the total
    turned into grants, so it begins at zero where the total may be a gain. The others' are the
    jackknife's: each replication is left out in turn, and the spread of the pseudo-values makes a
    t-interval about the payment. It is linear, so where it is open who gains at all (the interval of the
    difference holds zero) it says less than that one does.
    ``exists``: whether there are side payments that leave no party worse off: yes or no if the total's
    interval lies wholly on one side of zero over enough replications, as for any change
    (:func:`~capsim.analysis.comparison.is_certain`); else uncertain. A total of exactly zero in each of
    enough replications, when money has only moved between the parties, is a yes.

    Empty when ``metrics`` has no net of payers. Raises :class:`InputError` when it has no base.
    """
    import pandas as pd

    return pd.DataFrame(settlements(metrics, region), columns=list(Settlement._fields))


def settlements(metrics: pd.DataFrame, region: Region) -> list[Settlement]:
    """The rows of :func:`compensation`, one object each."""
    kinds = {m.number: "municipality" for m in region.municipalities}
    kinds |= {h.trust: "trust" for h in region.hospitals}
    kinds |= {RHF: "rhf", STATE: "state", PATIENTS: "patients"}
    net = metrics[
        (metrics["result"] == "net_nok")
        & (metrics["by"] == "costing")
        & (metrics["window"] == "all")
        & metrics["place"].isin(list(kinds))
    ]
    if net.empty:
        return []
    rows = []
    for keys, part in pairs(net).groupby(["scenario", "fit", "group"], sort=False, observed=True):
        table = part.pivot(index="replication", columns="place", values="difference")
        there = {payer: kind for payer, kind in kinds.items() if payer in table}
        ore = np.rint(100 * table[list(there)].to_numpy(dtype=float)).astype(np.int64)
        rows += [Settlement._make((*keys, *row)) for row in _settled(ore, there)]
    return rows


def _settled(ore: np.ndarray, payers: Mapping[str, str]) -> Iterator[tuple]:
    """Rows from the payer on, of ``payers`` with their kinds. ``ore``: differences of each one's net,
    shape (replications, payers)."""
    n, kinds = len(ore), list(payers.values())
    party = np.isin(kinds, PARTIES)
    # rounded so that what parties differ by adds up to what their total differs by
    mean = np.diff(np.cumsum(ore.sum(axis=0)) // n, prepend=0).tolist()
    payment = np.zeros((3, len(kinds)))  # what each receives, and the ends of its interval
    received = _side_payments([d for d, is_party in zip(mean, party, strict=True) if is_party])
    payment[:, party] = received, *_jackknife(ore[:, party])
    _, low, high = interval(ore[:, party].sum(axis=1))
    grant = np.array([sum(received), max(-high, 0.0), max(-low, 0.0)])
    payment[:, [kind == "state" for kind in kinds]] = -grant[[0, 2, 1], None]
    exists = _exists(low, high, n)
    for i, (payer, kind) in enumerate(payers.items()):
        yield payer, kind, *_nok(mean[i], *interval(ore[:, i])[1:], *payment[:, i]), exists, n
    whole = sum(d for d, is_party in zip(mean, party, strict=True) if is_party)
    yield TOTAL, TOTAL, *_nok(whole, low, high, *grant), exists, n


def _nok(*ore: float) -> list[float]:
    """Amounts in øre as kroner, without a minus before a zero."""
    return (np.rint(ore) / 100 + 0.0).tolist()


def _exists(low: float, high: float, n: int) -> Exists:
    if is_certain(low, high, n):
        return "yes" if low > 0 else "no"
    return "yes" if low == high == 0 and is_certain(1.0, 1.0, n) else "uncertain"


def _jackknife(ore: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ends of the 95 % interval of what each party receives; ``ore`` as in :func:`_settled`."""
    n, whole = len(ore), ore.sum(axis=0)
    payment = _in_proportion(whole / n)
    pseudo = n * payment - (n - 1) * _in_proportion((whole - ore) / max(n - 1, 1))
    bounds = np.array([interval(values) for values in pseudo.T]).reshape(-1, 3)
    half = (bounds[:, 2] - bounds[:, 1]) / 2
    return payment - half, payment + half


def _in_proportion(difference: np.ndarray) -> np.ndarray:
    """What each party receives (− pays), before rounding; parties along the last axis."""
    lost = -np.minimum(difference, 0).sum(axis=-1, keepdims=True)
    gained = np.maximum(difference, 0).sum(axis=-1, keepdims=True)
    share = np.divide(lost, gained, out=np.zeros_like(lost), where=gained > 0).clip(max=1)
    return np.where(difference < 0, -difference, -difference * share)


def _side_payments(difference: Sequence[int]) -> list[int]:
    """What each party receives (− pays) in whole øre. Losses are received exactly; the gains are gone
    through in order, and what has been paid so far is rounded down, so that nobody pays more than the
    gain. Python's integers, since øre times øre soon passes 63 bits."""
    lost, gained = -sum(d for d in difference if d < 0), sum(d for d in difference if d > 0)
    so_far = paid = 0
    out = []
    for d in difference:
        if d <= 0:
            out.append(-d)
            continue
        so_far += d
        due = min(lost, gained) * so_far // gained
        out.append(paid - due)
        paid = due
    return out
