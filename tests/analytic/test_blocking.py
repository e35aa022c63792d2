"""A hospital bed blocked by a full municipality, against the solved Markov chain.

Patients queue for one of the hospital's beds, stay an exponential time, and a share of them then
needs one of the municipality's places, which they keep the bed for if none is free.
"""

import numpy as np
import pytest
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

from capsim.models.pathway import Need
from tests.measures import controls, in_hospital, runs, time_average, unlimited, waiting
from tests.regions import exponential, queue_region

pytestmark = pytest.mark.slow

STAY = 0.01  # days


def solved(beds, places, arrive, leave, share, end, most=250):
    """Long-run means (number waiting for a bed, beds blocked, beds in use, places in use).

    The state is (n, k): n patients in hospital or waiting for it (up to ``most``), k in a place or
    waiting for one in a bed. ``arrive``, ``leave``, ``end``: rates of arrival, of each stay, and of
    each stay in a place; ``share`` of the patients need a place.
    """
    states = [(n, k) for n in range(most + 1) for k in range(places + min(n, beds) + 1)]
    index = {state: i for i, state in enumerate(states)}
    flow = lil_matrix((len(states), len(states)))
    for (n, k), i in index.items():
        blocked = max(k - places, 0)
        ill = min(n, beds) - blocked
        moves = [
            (arrive if n < most else 0.0, (n + 1, k)),
            (ill * leave * (1 - share), (n - 1, k)),
            (ill * leave * share, (n - 1, k + 1) if k < places else (n, k + 1)),
            (min(k, places) * end, (n - 1 if blocked else n, k - 1)),
        ]
        for rate, to in moves:
            if rate:
                flow[index[to], i] += rate
                flow[i, i] -= rate
    flow[0, :] = 1.0  # the balance of one state follows from the others'; probabilities add up to 1
    chance = spsolve(flow.tocsr(), np.eye(len(states), 1).ravel())
    n, k = np.array(states).T
    assert chance[n == most].sum() < 1e-9, "allow more patients"
    means = (np.maximum(n - beds, 0), np.maximum(k - places, 0), np.minimum(n, beds), np.minimum(k, places))
    return [float(chance @ value) for value in means]


@pytest.mark.parametrize(
    ("beds", "places", "load", "share", "place_stay", "days"),
    [
        (1, 1, 0.3, 0.3, 0.02, 150),
        (2, 1, 0.8, 0.3, 0.01, 80),
        (2, 1, 1.0, 0.2, 0.01, 70),
        (4, 2, 2.4, 0.2, 0.01, 70),
    ],
)
def test_beds_are_blocked_as_the_markov_chain_says(against, beds, places, load, share, place_stay, days):
    region = queue_region(
        beds,
        load / STAY,
        exponential(STAY),
        places=places,
        needs_place=share,
        place_stay=exponential(place_stay),
        copies=60,
    )
    (records,) = runs(region, days, 2, seed=43)
    stays = records.stays
    theory = solved(beds, places, load / STAY, 1 / STAY, share, 1 / place_stay)
    case = against(f"blocking, {beds} beds, {places} places, load {load}")
    plan, arrival = records.itinerary, records.patients.arrival
    to_place = plan.need == Need.SHORT_TERM
    helped = [
        *controls(unlimited(records, beds, arrival, plan.stay), beds, load),
        *controls(
            unlimited(records, places, arrival + plan.stay, plan.place_stay, to_place),
            places,
            load / STAY * share * place_stay,
        ),
    ]
    case.theory("number waiting", theory[0], waiting(records), helped)
    case.theory("beds blocked", theory[1], time_average(records, stays.ready, stays.left), helped)
    case.theory("beds in use", theory[2], in_hospital(records))
    case.theory("places in use", theory[3], time_average(records, stays.place_start, stays.place_end))
