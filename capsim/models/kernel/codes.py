"""The pathway's ranks, codes and hours as plain numbers, as compiled code takes them."""

from __future__ import annotations

import numpy as np

from capsim.demand import columns
from capsim.models import facilities, pathway
from capsim.models.pathway import Cause, Kind, Need, Outcome, Start, order_key
from capsim.region import region

DAY, NEVER, FAR = pathway.DAY, pathway.NEVER, 2**62
PATIENT, UNLIMITED = facilities.PATIENT, region.UNLIMITED
ONE_ID = (1 << 40) - 1

# order keys of events without their id, and the ranks of the calendar's
PLACE_END, KAD_END, COURSE_END = (order_key(k, 0) for k in (Kind.PLACE_END, Kind.KAD_END, Kind.COURSE_END))
LEAVE, MOVE, SETTLED_END = (order_key(k, 0) for k in (Kind.LEAVE, Kind.MOVE, Kind.SETTLED_END))
MIDNIGHT, CAPACITY, OPENING = (order_key(k, 0) for k in (Kind.MIDNIGHT, Kind.CAPACITY, Kind.OPENING))
HOME_CARE_MORNING, SESSION = order_key(Kind.HOME_CARE_MORNING, 0), order_key(Kind.SESSION, 0)
CLINIC, BED_TIME, STRETCH = (order_key(k, 0) for k in (Kind.CLINIC, Kind.BED_TIME, Kind.STRETCH))
BOARDING, EARLY_DISCHARGE = order_key(Kind.BOARDING, 0), order_key(Kind.EARLY_DISCHARGE, 0)
TRANSFER, ILL_AGAIN, READY = (order_key(k, 0) for k in (Kind.TRANSFER, Kind.ILL_AGAIN, Kind.READY))
ASK_MUNICIPALITY, ARRIVAL = order_key(Kind.ASK_MUNICIPALITY, 0), order_key(Kind.ARRIVAL, 0)

NOTHING, HOME_CARE, SHORT_TERM, LONG_TERM, HOUSING = (int(n) for n in Need)

RESPONSE, OF_HOSPITAL, CAUSES = int(Cause.RESPONSE), int(Cause.HOSPITAL), len(Cause)
CAUSE_OF = np.array(
    [Cause.HOSPITAL, Cause.HOME_CARE, Cause.SHORT_TERM, Cause.LONG_TERM, Cause.HOUSING], dtype=np.int64
)
"""What a patient waits for, by need."""

NOT_JOINED, TURNED_AWAY, REFUSED_KAD = (
    int(o) for o in (Outcome.NOT_JOINED, Outcome.TURNED_AWAY, Outcome.REFUSED_KAD)
)
ON_LIST, AWAITING_BED, NOT_YET = (int(o) for o in (Outcome.ON_LIST, Outcome.AWAITING_BED, Outcome.NOT_YET))
IN_HOSPITAL, HAS_PLACE, HAS_KAD = (int(o) for o in (Outcome.IN_HOSPITAL, Outcome.IN_PLACE, Outcome.IN_KAD))
WITH_TEAM, AT_HOME, DIED = (int(o) for o in (Outcome.WITH_TEAM, Outcome.HOME, Outcome.DIED))
ASSESSED, AT_CLINIC = int(Outcome.ASSESSED), int(Outcome.AT_CLINIC)

GONE, START_IN_BED, START_ON_LIST = (int(s) for s in (Start.GONE, Start.IN_BED, Start.ON_LIST))
START_IN_PLACE, START_IN_KAD = int(Start.IN_PLACE), int(Start.IN_KAD)

ACUTE, ELECTIVE, KAD_OWN = columns.ACUTE, columns.ELECTIVE, columns.KAD_OWN
FROM_HOME, ASSESSMENT = columns.FROM_HOME, columns.ASSESSMENT

# what goes on with a patient at the next event of theirs, or when woken
CALLED_IN, TAKES_BED, IN_RECOVERY, AWAITS_BED, DIES, ASKS_TRANSFER, MOVES = range(7)
ASKS_TEAM, GOES_EARLY, EARLY_COURSE, AVERTED, IN_KAD, LEAVES, IS_READY = range(7, 14)
FALLS_ILL, ASKS, AWAITS_GRANT, LEAVES_TO, IN_PLACE, SETTLES = range(14, 20)
