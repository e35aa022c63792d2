"""Every sentence that is filled in: key → (Norwegian, English), in the order of ``texts.LANGUAGES``.

What stands between braces is filled in by :func:`capsim.reporting.texts.phrase`.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PHRASES"]

PHRASES: Mapping[str, tuple[str, str]] = {
    # claims
    "unchanged": ("uendret", "unchanged"),
    "claim_unchanged": (
        "ingen sikker endring i {what} (nøyaktig null i alle replikasjoner)",
        "no certain change in {what} (exactly zero in every replication)",
    ),
    "claim_no_interval": (
        "ingen sikker endring i {what} kan vises (én replikasjon gir ikke noe intervall)",
        "no certain change in {what} can be shown (one replication gives no interval)",
    ),
    "claim_uncertain": (
        "ingen sikker endring i {what} (95 % intervall {low} til {high})",
        "no certain change in {what} (95 % interval {low} to {high})",
    ),
    "claim_few": (
        "ingen sikker endring i {what} (bare {n} par av replikasjoner; 95 % intervall {low} til {high})",
        "no certain change in {what} (only {n} pairs of replications; 95 % interval {low} to {high})",
    ),
    "claim_up": (
        "{what} øker med {by} (95 % intervall {low} til {high})",
        "{what}: up by {by} (95 % interval {low} to {high})",
    ),
    "claim_down": (
        "{what} går ned med {by} (95 % intervall {low} til {high})",
        "{what}: down by {by} (95 % interval {low} to {high})",
    ),
    "money_only": ("flytter bare penger", "only moves money"),
    "money_only_amount": (
        "flytter bare penger: kommunene betaler {by} {more} i perioden; en overføring til sykehusene, ikke "
        "en innsparing",
        "only moves money: the municipalities pay {by} {more} in the period; a transfer to the hospitals, "
        "not a saving",
    ),
    "money_only_other": (
        "flytter bare penger mellom betalere: overføringer, null for samfunnet og ingen innsparing",
        "only moves money between payers: transfers, zero for society and no saving",
    ),
    "more": ("mer", "more"),
    "less": ("mindre", "less"),
    "count_certain": (
        "{what}: sikker endring i {some} av {all} scenarioer",
        "{what}: a certain change in {some} of {all} scenarios",
    ),
    "count_none": (
        "{what}: ingen sikker endring i noe scenario",
        "{what}: no certain change in any scenario",
    ),
    "and": ("og", "and"),
    "region": ("hele regionen", "the whole region"),
    "window_all": ("hele perioden", "the whole period"),
    "window_year": ("år {year}", "year {year}"),
    "to": ("til", "to"),
    "scenario_claim": ("{scenario}: {claim}", "{scenario}: {claim}"),
    "also_hospitals": (
        "{claim}; sikker endring ved {some} av {all} sykehus",
        "{claim}; a certain change at {some} of {all} hospitals",
    ),
    "no_hospital": (
        "ingen sikker endring i {what} ved noe sykehus",
        "no certain change in {what} at any hospital",
    ),
    # charts
    "footer": (
        "Kilde: capsim {version}, region {region}. Snitt av {n} (frø {seed}), {days} døgn fra "
        "{start} etter {warm_up} døgn innkjøring. {note} {assumed} av {settings} innstillinger er "
        "antakelser.",
        "Source: capsim {version}, region {region}. Mean of {n} (seed {seed}), {days} days from "
        "{start} after {warm_up} days of warm-up. {note} {assumed} of {settings} settings are assumptions.",
    ),
    "replication": ("{n} replikasjon", "{n} replication"),
    "replications": ("{n} replikasjoner", "{n} replications"),
    "few": (
        "Bare {n}: ingen endring kan kalles sikker (det trengs minst {enough}).",
        "Only {n}: no change can be called certain (it takes at least {enough}).",
    ),
    "run_missing": (
        "Én av {all} kjøringer mangler; tallene bygger på resten.",
        "1 of {all} runs is missing; the figures rest on the others.",
    ),
    "runs_missing": (
        "{n} av {all} kjøringer mangler; tallene bygger på resten.",
        "{n} of {all} runs are missing; the figures rest on the others.",
    ),
    "payment_unknown": (
        "Betaling for overliggerdøgn: regionen oppgir ingen døgnsats.",
        "Payment for overliggerdøgn: the region states no day rate.",
    ),
    "payment_nearest": (
        "Døgnsatsen for {year} er ikke oppgitt; satsen for {nearest} er brukt.",
        "The day rate of {year} is not stated; that of {nearest} is used.",
    ),
    "not_stated": ("ikke oppgitt", "not stated"),
    "note_levels": (
        "Strekene er 95 % intervaller over replikasjonene: tilfeldighet, ikke usikre antakelser.",
        "Bars are 95 % intervals over replications: chance, not uncertain assumptions.",
    ),
    "note_waits": (
        "Strekene er 95 % intervaller for nivåene. Endringene er regnet innen hver replikasjon og kan være "
        "sikre selv om strekene overlapper; om lag ett av tjue utfall er tilfeldig.",
        "Bars are 95 % intervals of the levels. Changes are taken within each replication and can be certain "
        "although bars overlap; about one finding in twenty is chance.",
    ),
    "note_differences": (
        "Strekene er 95 % intervaller for parede forskjeller fra dagens situasjon: tilfeldighet, ikke "
        "usikre antakelser. Åpent merke: ingen sikker endring. Om lag ett av tjue intervaller utelukker "
        "null ved ren tilfeldighet.",
        "Bars are 95 % intervals of paired differences from the base: chance, not uncertain assumptions. "
        "Open mark: no certain change. About one interval in twenty excludes zero by pure chance.",
    ),
    "note_census": (
        "Somatiske avdelinger. Felt: 5–95 prosent av replikasjonene det døgnet. Over hvert diagram: "
        "pasienter ved midnatt i snitt, i prosent av bemannede senger; belegget i tabellene er regnet over "
        "hele døgnet.",
        "Somatic wards. Band: 5–95 percent of the replications that day. Above each chart: mean patients at "
        "midnight in percent of staffed beds; occupancy in the tables is over the whole day.",
    ),
    "census_claim": (
        "{scenario}: i snitt over 85 prosent belegg ved midnatt ved {some} av {all} sykehus",
        "{scenario}: on average above 85 percent occupancy at midnight at {some} of {all} hospitals",
    ),
    "census_panel": (
        "{hospital}: {share} % av {beds} ved midnatt",
        "{hospital}: {share} % of {beds} at midnight",
    ),
    "mean_line": (
        "pasienter ved midnatt, snitt av replikasjonene",
        "patients at midnight, mean of replications",
    ),
    "week_line": ("det samme, snitt over sju døgn", "the same, mean over seven days"),
    "band": ("5–95 prosent av replikasjonene", "5–95 percent of replications"),
    "beds_line": ("bemannede senger, snitt over sju døgn", "staffed beds, mean over seven days"),
    "waits_base": (
        "{scenario}: gjennomsnittlig ventetid i regionen er {level}",
        "{scenario}: mean wait in the region is {level}",
    ),
    "waits_plain": ("Ventetid på behandling", "Wait for treatment"),
    "waits_shorter": ("kortere ventetid ved {places}", "shorter waits at {places}"),
    "waits_longer": ("lengre ventetid ved {places}", "longer waits at {places}"),
    "waits_none": (
        "ingen sikker endring i ventetid ved noe sykehus",
        "no certain change in waits at any hospital",
    ),
    "panel_mean": ("snitt", "mean"),
    "panel_median": ("median", "median"),
    "panel_p90": ("9 av 10 venter kortere", "9 in 10 wait less"),
    "municipality_claim_none": (
        "Overliggerdøgn per 1000 innbyggere: ingen sikker forskjell mellom små og store kommuner",
        "Overliggerdøgn per 1000 inhabitants: no certain difference between small and large municipalities",
    ),
    "municipality_claim": (
        "Overliggerdøgn per 1000 innbyggere: den {which} femdelen av kommunene har {by} flere enn den "
        "{other} (95 % intervall {low} til {high})",
        "Overliggerdøgn per 1000 inhabitants: the {which} fifth of the municipalities has {by} more than "
        "the {other} (95 % interval {low} to {high})",
    ),
    "municipality_plain": (
        "Overliggerdøgn per 1000 innbyggere i kommunene",
        "Overliggerdøgn per 1000 inhabitants in the municipalities",
    ),
    "smallest": ("minste", "smallest"),
    "largest": ("største", "largest"),
    "municipality_note": (
        "Sortert etter folketall (innbyggere i parentes); rekkefølgen er ingen rangering.",
        "Sorted by population (inhabitants in brackets); the order is no ranking.",
    ),
    "region_mean": ("regionen {mean}", "region {mean}"),
    "cause_claim": (
        "{scenario}: de fleste overliggerdøgn skyldes venting på {cause} ({share})",
        "{scenario}: most overliggerdøgn wait for {cause} ({share})",
    ),
    "cause_largest": (
        "{scenario}: den største årsaken til overliggerdøgn er {cause} ({share})",
        "{scenario}: the largest cause of overliggerdøgn is {cause} ({share})",
    ),
    "cause_none": (
        "{scenario}: ingen årsak til overliggerdøgn er sikkert større enn de andre",
        "{scenario}: no cause of overliggerdøgn is certainly larger than the others",
    ),
    "cause_axis": ("overliggerdøgn i perioden, {place}", "overliggerdøgn in the period, {place}"),
    "difference_axis": ("forskjell fra dagens situasjon, {unit}", "difference from the base, {unit}"),
    "levers_claim": (
        "{scenario}: sikker endring i {some} av {all} nøkkeltall for regionen",
        "{scenario}: a certain change in {some} of {all} key results for the region",
    ),
    "levers_none": (
        "{scenario}: ingen sikker endring i noe nøkkeltall for regionen",
        "{scenario}: no certain change in any key result for the region",
    ),
    "levers_transfers": ("; {n} flytter bare penger", "; {n} only move money"),
    "levers_what": ("Nøkkeltall for regionen", "Key results for the region"),
    "levers_axis": (
        "endring i prosent av dagens situasjon (pil: går ut over aksen)",
        "change in percent of the base (arrow: beyond the axis)",
    ),
    "payers_what": ("Samfunnets netto", "Society's net"),
    "payers_gain": ("{payers} vinner", "gaining: {payers}"),
    "payers_pay": ("{payers} betaler", "paying: {payers}"),
    "payers_none": ("ingen sikker endring for noen betaler", "no certain change for any payer"),
    "society_gains": ("samfunnets ressursbruk går ned med {by}", "society uses {by} less"),
    "society_pays": ("samfunnets ressursbruk går opp med {by}", "society uses {by} more"),
    "society_zero": ("null for samfunnet", "zero for society"),
    "society_none": ("ingen sikker endring for samfunnet", "no certain change for society"),
    "payers_axis": (
        "endring i netto, {unit}: minus taper, pluss vinner (hvert scenario har sin egen skala)",
        "change of net, {unit}: minus loses, plus gains (each scenario has its own scale)",
    ),
    "payers_note": (
        "Netto er inntekter minus utgifter; {costing}. Samfunnet er summen, der overføringer er null.",
        "Net is income minus costs; {costing}. Society is the sum, in which transfers are zero.",
    ),
    "costing_marginal": (
        "ressurser til marginalkostnad: det som er brukt, til det én til koster, og det som er bemannet",
        "resources at marginal cost: what is used, at what one more costs, and what is staffed",
    ),
    "costing_average": (
        "ressurser til gjennomsnittskostnad: det som er brukt, med alle kostnader fordelt på det",
        "resources at average cost: what is used, with all costs shared by it",
    ),
    "band_claim": (
        "Overliggerdøgn når døgnsatsen endres og noen svarer på den: sikker endring ved {some} av {all} "
        "satser i det sentrale anslaget",
        "Overliggerdøgn when the day rate changes and somebody answers to it: a certain change at {some} of "
        "{all} rates in the central estimate",
    ),
    "band_none": (
        "Overliggerdøgn når døgnsatsen endres og noen svarer på den: ingen sikker endring ved noen sats i "
        "det sentrale anslaget",
        "Overliggerdøgn when the day rate changes and somebody answers to it: no certain change at any rate "
        "in the central estimate",
    ),
    "band_note": (
        "Hvor sterkt det svares på satsen, er ikke kjent: båndet er en antakelse, og forskningen kjenner "
        "ingen slik virkning nær dagens sats.",
        "How strongly anybody answers to the rate is not known: the band is an assumption, and research "
        "knows no such effect near today's rate.",
    ),
    "band_central": ("sentralt anslag, med 95 % intervall", "central estimate, with 95 % interval"),
    "band_range": ("fra lavt til høyt anslag", "from the low to the high estimate"),
    "band_today": ("dagens sats {rate}", "today's rate {rate}"),
    "band_x": ("døgnsats, kr", "day rate, NOK"),
    "band_y": ("overliggerdøgn, forskjell fra dagens situasjon", "overliggerdøgn, difference from the base"),
    "answer_elastic": (
        "kommunene svarer raskere og har flere plasser, jo høyere satsen er",
        "municipalities answer faster and have more places, the higher the rate",
    ),
    "answer_cost_minimising": (
        "kommunene kjøper plasser der det er billigere enn å betale",
        "municipalities buy places where that is cheaper than to pay",
    ),
    "answer_reporting": ("sykehusene melder flere klare", "hospitals report more patients ready"),
    "capacity_follows": ("I «{scenario}» {sessions}, {beds}.", "In “{scenario}” {sessions}, {beds}."),
    "sessions_move": ("følger operasjonstida med", "theatre time follows"),
    "sessions_stay": ("blir operasjonstida igjen", "theatre time stays"),
    "beds_move": ("sengene følger med", "beds follow"),
    "beds_stay": ("sengene blir", "beds stay"),
    "capacity_frozen": (
        "I «{scenario}» beholdes dagens kapasitet.",
        "In “{scenario}” today's capacity is kept.",
    ),
    "capacity_follow_population": (
        "I «{scenario}» vokser kapasiteten med befolkningen.",
        "In “{scenario}” capacity grows with the population.",
    ),
    # the report
    "report_title": ("Hva skjer i {region}?", "What happens in {region}?"),
    "report_lead": (
        "Simulert fra {start} og {days} døgn fram med capsim {version}: dagens situasjon og {n} scenario{s}.",
        "Simulated from {start} for {days} days with capsim {version}: the base case and {n} scenario{s}.",
    ),
    "h_asked": ("Hva er spurt om", "What was asked"),
    "h_happens": ("Hva skjer", "What happens"),
    "h_payers": ("Hvem betaler, og hvem vinner?", "Who pays, and who gains?"),
    "h_sure": ("Hvor sikre er vi", "How sure are we"),
    "h_charts": ("Figurer", "Charts"),
    "h_key": ("Nøkkeltall for regionen", "Key results for the region"),
    "h_hospitals": ("Sykehusene", "The hospitals"),
    "h_sources": ("Kilder og sikkerhet", "Sources and certainty"),
    "h_missing": ("Ikke med i modellen", "Not in the model"),
    "h_technical": ("Teknisk", "Technical"),
    "report_lead_base": (
        "Simulert fra {start} og {days} døgn fram med capsim {version}: dagens situasjon.",
        "Simulated from {start} for {days} days with capsim {version}: the base case.",
    ),
    "asked_only_base": ("Hvordan dagens situasjon går videre.", "How the base case goes on."),
    "asked_base": (
        "Dagens situasjon, som alt sammenliknes med: ingen endring.",
        "The base case that everything is compared with: no change.",
    ),
    "only_base": (
        "Bare dagens situasjon er simulert:",
        "Only the base case was simulated:",
    ),
    "also_at": ("Ved {place}: {claim}.", "At {place}: {claim}."),
    "in_window": ("{window}: {claim}.", "{window}: {claim}."),
    "level": ("{what}: {level}.", "{what}: {level}."),
    "not_certain": ("Ingen sikker endring: {items}.", "No certain change: {items}."),
    "everything_same": (
        "Alt annet er nøyaktig som i dag, pasient for pasient.",
        "Everything else is exactly as in the base, patient by patient.",
    ),
    "only_here": ("Bare i dette scenarioet, {place}: {items}.", "Only in this scenario, {place}: {items}."),
    "volume_change": (
        "{type} ved {place}: {change} i perioden.",
        "{type} at {place}: {change} in the period.",
    ),
    "payers_transfers": (
        "Betalingsplikt, innsatsstyrt finansiering, gjestepasientoppgjør, refusjon av reiser og tilskudd er "
        "overføringer: de er null for samfunnet og aldri en innsparing.",
        "Betalingsplikt, activity-based funding, guest-patient settlement, travel refunds and grants are "
        "transfers: they are zero for society and never a saving.",
    ),
    "payers_differences": (
        "Rammetilskudd og basisbevilgninger er ikke med i modellen. Derfor betyr bare forskjeller fra dagens "
        "situasjon noe, ikke nivåer.",
        "Fixed grants are not in the model. So only differences from the base mean something, not levels.",
    ),
    "payers_costings": (
        "Marginalkostnad er det som endrer seg nå: det som er brukt, til det én til koster, og det som er "
        "bemannet, brukt eller ikke. Gjennomsnittskostnad fordeler alle kostnader på det som er brukt: en "
        "spart seng er verd så mye først når kapasiteten er tatt ned.",
        "Marginal cost is what changes now: what is used, at what one more costs, and what is staffed, used "
        "or not. Average cost shares all costs by what is used: a freed bed is worth that much only once the "
        "capacity has been taken down.",
    ),
    "prices_none": (
        "Regionen oppgir ingen priser: bare overføringer er regnet med.",
        "The region states no prices: only transfers are counted.",
    ),
    "prices": (
        "Prisene er oppgitt i kroner for {years} og flyttet til årene det simuleres for, med veksten i "
        "døgnsatsen. {assumed} av {all} priser er antakelser: {items}.",
        "Prices are stated in kroner of {years} and moved to the years simulated by the growth of the day "
        "rate. {assumed} of {all} prices are assumptions: {items}.",
    ),
    "prices_sure": (
        "Prisene er oppgitt i kroner for {years} og flyttet til årene det simuleres for, med veksten i "
        "døgnsatsen. Alle {all} har en kilde.",
        "Prices are stated in kroner of {years} and moved to the years simulated by the growth of the day "
        "rate. All {all} have a source.",
    ),
    "price_of": ("Pris: {item}", "Price: {item}"),
    "col_payer": ("Endring i netto", "Change of net"),
    "society_reasons": (
        "Det meste av endringen for samfunnet ({costing}): {items}.",
        "Most of the change for society ({costing}): {items}.",
    ),
    "both_costings": ("marginal- og gjennomsnittskostnad", "marginal and average cost"),
    "settle_nothing": (
        "{costing}: kommuner, helseforetak og RHF har nøyaktig samme netto som i dag; ingenting å utlikne.",
        "{costing}: municipalities, trusts and the RHF have exactly the net of the base; nothing to settle.",
    ),
    "settle_zero": (
        "{costing}: penger er bare flyttet mellom kommuner, helseforetak og RHF. Sidebetalinger som ingen av "
        "dem taper på, er å gi dem tilbake.",
        "{costing}: money has only moved between municipalities, trusts and the RHF. Side payments that "
        "leave none of them worse off give it back.",
    ),
    "settle_yes": (
        "{costing}: kommuner, helseforetak og RHF vinner til sammen {total}. Det finnes sidebetalinger som "
        "gjør at ingen av dem taper.",
        "{costing}: municipalities, trusts and the RHF together gain {total}. There are side payments that "
        "leave none of them worse off.",
    ),
    "settle_no": (
        "{costing}: kommuner, helseforetak og RHF taper til sammen {total}. Ingen sidebetalinger dem imellom "
        "gjør at ingen taper; det trengs et tilskudd fra staten på {grant}.",
        "{costing}: municipalities, trusts and the RHF together lose {total}. No side payments between them "
        "leave none worse off; it takes a grant of {grant} from the state.",
    ),
    "settle_uncertain": (
        "{costing}: det er usikkert om sidebetalinger kan gjøre at verken kommuner, helseforetak eller RHF "
        "taper. Til sammen endres netto for dem med {total}; et tilskudd fra staten, om det trengs: {grant}.",
        "{costing}: it is uncertain whether side payments can leave no municipality, trust or RHF worse off. "
        "Together their net changes by {total}; a grant from the state, if it takes one: {grant}.",
    ),
    "settle_paid_by_state": (
        "Det er staten som betaler: med staten og pasientene taper alle til sammen {society}, så det er "
        "ingen gevinst.",
        "It is the state that pays: with the state and patients everybody together loses {society}, so it "
        "is no gain.",
    ),
    "treated_beside": (
        "Det som behandles, måles i DRG-poeng for opphold og dagkirurgi: {change}. Lavere ressursbruk er "
        "ingen innsparing når mindre er behandlet.",
        "What is treated, in DRG points of stays and day surgery: {change}. Using less is no saving when "
        "less is treated.",
    ),
    "side_payments": (
        "Sidebetalinger, {costing}: {items}.",
        "Side payments, {costing}: {items}.",
    ),
    "side_payments_largest": (
        "De største kommunene: {items}.",
        "The largest municipalities: {items}.",
    ),
    "municipalities_together": ("kommunene til sammen", "the municipalities together"),
    "receives": ("{payer} får {amount}", "{amount} to {payer}"),
    "pays": ("{payer} betaler {amount}", "{amount} from {payer}"),
    "sure_replications": (
        "Hver situasjon er simulert {n} ganger. I hver omgang møter alle scenarioene de samme pasientene "
        "med samme hell og uhell, så forskjellene er tatt innen omgangen.",
        "Every situation was simulated {n} times. Each time all scenarios meet the same patients with the "
        "same luck, so differences are taken within a replication.",
    ),
    "sure_replications_base": (
        "Dagens situasjon er simulert {n} ganger, hver gang med andre pasienter.",
        "The base case was simulated {n} times, each time with other patients.",
    ),
    "sure_one": (
        "Det er bare én replikasjon. Da finnes det ikke intervaller.",
        "There is only one replication. Then there are no intervals.",
    ),
    "sure_interval_base": (
        "95 % intervallene sier hvor mye som er tilfeldig når antakelsene holder.",
        "The 95 % intervals say how much is chance while the assumptions hold.",
    ),
    "sure_interval": (
        "95 % intervallene sier hvor mye som er tilfeldig når antakelsene holder. Omfatter intervallet "
        "null, eller er det færre enn {enough} replikasjoner, står det «ingen sikker endring». Om lag ett "
        "av tjue intervaller utelukker null ved ren tilfeldighet, og denne rapporten viser mange.",
        "The 95 % intervals say how much is chance while the assumptions hold. Where an interval contains "
        "zero, or there are fewer than {enough} replications, it says “no certain change”. About one "
        "interval in twenty excludes zero by pure chance, and this report shows many.",
    ),
    "sure_assumptions": (
        "Antakelsene er ikke tilfeldige og ligger ikke i intervallene: {assumed} av {settings} innstillinger "
        "er antakelser.",
        "Assumptions are not chance and are not in the intervals: {assumed} of {settings} settings are "
        "assumptions.",
    ),
    "sure_measures": (
        "Virkningen av hvert tiltak hviler på forutsetningene som står ved det.",
        "What each measure does rests on what is presumed where it is described.",
    ),
    "sure_fit": (
        "Foreløpig finnes bare én tilpasning av modellen til virkeligheten. Andre tilpasninger som er like "
        "gode kan gi andre virkninger, særlig av flere kommunale plasser.",
        "So far there is only one fit of the model to the world. Others that fit as well may give other "
        "effects, above all of more municipal places.",
    ),
    "sure_year": (
        "Virkninger på ventetid bruker rundt 300 døgn på å sette seg; over {days} døgn er de ikke ferdige.",
        "Effects on waits take about 300 days to settle; over {days} days they are not complete.",
    ),
    "failed": (
        "Scenarioet «{scenario}» mislyktes i replikasjon {replication}: {error}",
        "Scenario “{scenario}” failed in replication {replication}: {error}",
    ),
    "col_result": ("Resultat", "Result"),
    "col_scenario": ("Scenario", "Scenario"),
    "col_base": ("I dag", "Base"),
    "col_value": ("Med tiltaket", "Scenario"),
    "col_difference": ("Forskjell (95 % intervall)", "Difference (95 % interval)"),
    "col_hospital": ("Sykehus", "Hospital"),
    "col_n": ("Par", "Pairs"),
    "col_setting": ("Innstilling", "Setting"),
    "col_source": ("Kilde", "Source"),
    "col_certainty": ("Sikkerhet", "Certainty"),
    "sources_note": (
        "Innstillinger i modellen; det lille navnet er det som står i regionens filer.",
        "Settings of the model; the small name is the one in the region's files.",
    ),
    "sources_shipped": (
        "Kildene til tabellene (folketall, senger, reisetid og annet) står i regionens SOURCES.md.",
        "Sources of the tables (population, beds, travel and others) are in the region's SOURCES.md.",
    ),
    "no_source": ("ikke oppgitt", "not stated"),
    "no_sources": (
        "Regionen oppgir ingen kilder; regn alt som antakelser.",
        "The region states no sources; take everything as an assumption.",
    ),
    "tables_note": (
        "Summer gjelder hele perioden på {days} døgn. Forskjeller i andeler er i prosentpoeng.",
        "Sums are for the whole period of {days} days. Differences of shares are in percentage points.",
    ),
    "sectors_note": (
        "Ventetid, opphold, senger og overliggerdøgn gjelder somatikk; betaling og reiser alle sektorer.",
        "Waits, stays, beds and overliggerdøgn are somatic; payments and travel are of all sectors.",
    ),
    "hospital_note_base": ("Snitt med 95 % intervall.", "Mean with 95 % interval."),
    "hospital_note": (
        "Snitt i dag, og forskjell med 95 % intervall i hvert scenario.",
        "Mean in the base, and difference with 95 % interval in each scenario.",
    ),
    "missing_money": (
        "I kroner: pasientenes og de pårørendes tid og helse, egenandeler, rammetilskudd og "
        "basisbevilgninger, kostnaden ved å kreve inn skatt, fastleger og legevakt. Ventetid står for seg, i "
        "døgn; et scenario som sparer kroner og forlenger ventetida, er ikke billigere.",
        "In kroner: patients' and next of kin's time and health, user fees, fixed grants, the cost of "
        "raising taxes, GPs and legevakt. Waits stand by themselves, in days; a scenario that saves kroner "
        "and lengthens waits is not cheaper.",
    ),
    "missing_response": (
        "At kommuner eller sykehus endrer atferd når satsen endres, når ikke scenarioet sier det: "
        "forskningen kjenner ingen slik virkning nær dagens sats.",
        "That municipalities or hospitals change behaviour with the rate, unless the scenario says so: "
        "research knows no such effect near today's rate.",
    ),
    "tech_region": ("Region", "Region"),
    "tech_hash": ("Regionens kontrollsum (SHA-256)", "The region's checksum (SHA-256)"),
    "tech_version": ("Versjon", "Version"),
    "tech_seed": ("Frø", "Seed"),
    "tech_replications": ("Replikasjoner", "Replications"),
    "tech_days": ("Døgn, og innkjøring før dem", "Days, and warm-up before them"),
    "tech_engine": ("Simuleringsmotor", "Engine"),
    "tech_levers": ("Tiltak i «{scenario}»", "Levers of “{scenario}”"),
    # what a screen reader says of a chart
    "alt_census": (
        "Ett lite diagram per sykehus: pasienter ved midnatt gjennom perioden mot bemannede senger.",
        "A small chart per hospital: patients at midnight through the period against staffed beds.",
    ),
    "alt_levers": (
        "For hvert scenario endringen i nøkkeltallene for regionen, i prosent av dagens situasjon og i tall.",
        "For each scenario the change of the region's key results, in percent of the base and in numbers.",
    ),
    "alt_payers": (
        "For hvert scenario endringen i netto for kommunene, hvert helseforetak, RHF, staten, pasientene og "
        "samfunnet.",
        "For each scenario the change of net of the municipalities, each health trust, the RHF, the state, "
        "patients and society.",
    ),
    "alt_payment_band": (
        "Endring i overliggerdøgn ved hver døgnsats: sentralt anslag med intervall, og bånd fra lavt til "
        "høyt.",
        "Change of overliggerdøgn at each day rate: central estimate with interval, and a band from low to "
        "high.",
    ),
    "alt_waits": (
        "Ventetid ved hvert sykehus i dag og i hvert scenario: snitt, median og grensen 9 av 10 er under.",
        "Wait at each hospital in the base and each scenario: mean, median and what 9 in 10 are below.",
    ),
    "alt_overliggerdogn_by_municipality": (
        "Overliggerdøgn per 1000 innbyggere i hver kommune, fra den største til den minste.",
        "Overliggerdøgn per 1000 inhabitants in each municipality, from the largest to the smallest.",
    ),
    "alt_overliggerdogn_by_cause": (
        "Overliggerdøgn etter hva pasienten venter på, i dag og i hvert scenario.",
        "Overliggerdøgn by what the patient waits for, in the base and each scenario.",
    ),
    "alt_difference": (
        "{what}: forskjell fra dagens situasjon i hvert scenario, for regionen og hvert sykehus.",
        "{what}: difference from the base in each scenario, for the region and each hospital.",
    ),
    # the terminal
    "table_head": (
        "{region}: snitt av {n}, {days} døgn fra {start}",
        "{region}: mean of {n}, {days} days from {start}",
    ),
    "table_star": (
        "* sikker endring: 95 % intervallet for den parede forskjellen utelukker null, og det "
        "er minst {enough} replikasjoner",
        "* certain change: the 95 % interval of the paired difference excludes zero, with at least {enough} "
        "replications",
    ),
    "who_pays": (
        "Betaler: {pays}. Vinner: {gains}. Samfunnets netto: {society}.",
        "Pays: {pays}. Gains: {gains}. Society's net: {society}.",
    ),
    "who_pays_note": (
        "Betaler, vinner, samfunnet: endring i netto til marginalkostnad; overføringer er null for samfunnet."
        "",
        "Pays, gains, society: change of net at marginal cost; transfers are zero for society.",
    ),
    "nobody": ("ingen", "nobody"),
    "col_lever": ("Tiltak", "Lever"),
    "col_moved": ("Hva som endres", "What moves"),
    "col_by": ("Med", "By"),
    "col_pays": ("Betaler mest, mill. kr", "Pays most, million NOK"),
    "col_gains": ("Vinner mest, mill. kr", "Gains most, million NOK"),
    "col_society": ("Samfunnet, mill. kr", "Society, million NOK"),
    "dead": ("DØDT", "DEAD"),
    "levers_alone": (
        "Ingen figurer og ingen rapport: det gir table=results.",
        "No charts and no report: table=results makes them.",
    ),
    "levers_shown": (
        "{shown} av {all} tiltak vist; døde: {dead}.",
        "{shown} of {all} levers shown; dead: {dead}.",
    ),
    "levers_note": (
        "Forskjeller fra dagens situasjon, snitt av replikasjonene; kroner er netto til marginalkostnad. "
        "Dødt: resultatet er uendret i alle replikasjoner.",
        "Differences from the base, mean of replications; money is net at marginal cost. Dead: the result is "
        "unchanged in every replication.",
    ),
    "base": ("Dagens situasjon", "Base case"),
}
