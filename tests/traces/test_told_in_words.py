"""A patient's way told in words: every kind of step, in the order of a trace worked out elsewhere."""

from capsim.demand.patients import sample_patients
from capsim.models import Records
from capsim.models.pathway import Outcome
from capsim.region.loading import load_region
from tests.regions import ambulant_team, town, with_guest_ward, with_regional_hospital
from tests.tables import acute, assessed, from_home, own_kad, readmission, referral, simulated, trace, typed


def told(records: Records, patient: int) -> tuple[str, list[str], str]:
    """Who it is; day, hour and what happened; the end."""
    who, *steps, end = records.explain(patient).splitlines()
    return who, [f"{step[6:10].strip()} {step[23:28]} {step[30:]}" for step in steps], end.strip()


def test_a_referral_is_postponed_falls_ill_is_followed_up_and_readmitted():
    team = ambulant_team("visitors", 1, follows_share=0.5)
    records = trace(
        town(beds=1, theatre_minutes=200, clinic_slots=1, falling_ill=True, returning=True, teams=(team,)),
        referral(
            "0 01:00", "hip", due=1, stay=1, needs="home care", response=2.5, ill_after=1.25, ill_for=0.75,
            followed_up=True, follow_up=9, back_after=3,
        ),
        readmission(of=0, stay=1),
        acute("0 02:00", 1, needs="home care", response=0.5),
    )  # fmt: skip
    who, steps, end = told(records, 0)
    assert who == "Patient 0: elective (hip), age adult, group all, Municipality (M)"
    assert steps == [
        "0 01:00 referred to H",
        "0 08:00 first contact",
        "1 08:00 postponed: no bed",
        "2 08:00 postponed: no bed, the ready wait for the municipality's answer",
        "3 08:00 called in to W",
        "3 13:00 admitted to W",
        "4 10:00 ready for discharge, needs home care",
        "5 16:00 ill again",
        "6 10:00 ready for discharge anew",
        "7 10:00 the municipality can receive, if it has room",
        "7 10:00 offered home care",
        "7 10:00 leaves hospital",
        "7 10:00 followed up by visitors",
        "10 10:00 the follow-up ends",
        "10 10:00 readmitted, as patient 1",
    ]
    assert end == "finished"
    who, steps, _ = told(records, 1)
    assert who == "Patient 1: readmission of patient 0 (hip), age adult, group all, Municipality (M)"
    assert steps[:2] == ["10 10:00 readmitted, after the stay of patient 0", "10 10:00 needs a bed in W"]


def test_a_patient_moves_back_waits_for_a_long_term_place_and_another_dies():
    records = trace(
        with_regional_hospital(town(beds=1, places=1, long_term_places=1, dying=True)),
        from_home("0 07:00", 3),
        acute("0 07:00", 1, needs="long-term place", settles_for=5),
        acute("0 08:00", 4, regional=True, moves_back=True, needs="long-term place"),
        acute("4 08:00", 0.2, dies=True),
    )
    assert told(records, 0)[1][1:] == ["0 07:00 short-term place in P", "3 11:00 leaves the short-term place"]
    assert told(records, 1)[1][-2:] == ["1 10:00 offered a long-term place", "1 12:00 leaves hospital"]
    assert told(records, 2)[1] == [
        "0 08:00 arrives",
        "0 08:00 needs a bed in WR",
        "0 08:00 admitted to WR",
        "2 12:00 moves back to W",
        "4 10:00 ready for discharge, needs long term care",
        "4 10:00 the municipality can receive, if it has room",
        "4 10:00 offered a short-term place to wait in",
        "4 12:00 leaves hospital",
        "4 12:00 short-term place in P",
        "6 10:00 a long-term place is free",
        "6 10:00 leaves the short-term place",
    ]
    assert told(records, 3)[1][-1] == "4 16:48 dies"
    assert told(records, 3)[2] == "died in hospital"


def test_beds_in_other_wards_a_dwelling_kad_and_first_contact_alone():
    records = trace(
        with_guest_ward(
            town(beds=1, psychiatry_beds=1, homes=0, maternity_beds=1, clinic_slots=0.5, kad_beds=1)
        ),
        acute("0 08:00", 3),
        acute("0 09:00", 1),
        acute("0 10:00", 2),
        typed("0 11:00", "mind", 1, needs="home", stretch=1.5),
        typed("0 12:00", "birth", 1),
        assessed("0 13:00", "hip", due=0.5),
        assessed("0 13:00", "hip", due=90),
        acute("0 14:00", 1, kad=1, sent_on=True),
        own_kad("0 15:00", 1),
    )
    assert told(records, 1)[1][2] == "0 09:00 admitted to G, another ward's"
    assert told(records, 2)[1][2:4] == [
        "0 16:00 corridor patient at W",
        "1 12:00 gets a bed in G, another ward's",
    ]
    assert told(records, 3)[0].startswith("Patient 3: phv (mind)")
    assert "3 10:00 offered a temporary dwelling" in told(records, 3)[1]
    assert told(records, 4)[0].startswith("Patient 4: birth (birth)")
    assert told(records, 5)[1] == [
        "0 13:00 referred to H",
        "1 08:00 first contact, after the statutory deadline: no treatment",
    ]
    assert told(records, 5)[2] == "finished at first contact"
    assert told(records, 6)[2] == "still waiting for first contact when the run stopped"
    assert told(records, 7)[1][1:4] == [
        "0 14:00 to KAD K",
        "1 14:00 leaves KAD, sent on to hospital",
        "1 14:00 needs a bed in W",
    ]
    assert told(records, 8)[1:] == (
        ["0 15:00 arrives", "0 15:00 the KAD unit K is full"],
        "stayed at home: the KAD unit was full",
    )


def test_everyone_in_the_mini_region_can_be_told_of():
    """Every outcome there is, and in the order of time."""
    region = load_region("mini")
    records = simulated(region, sample_patients(region, days=30, warm_up_days=20))
    seen = set(records.stays.outcome.tolist())
    assert {Outcome.DIED, Outcome.ASSESSED, Outcome.AT_CLINIC, Outcome.HOME} <= seen
    for patient in range(len(records.patients)):
        steps = [line[12:28] for line in records.explain(patient).splitlines() if line.startswith("  day")]
        assert steps == sorted(steps)
