//! The day of the law is not the day on which somebody wrote it into a pack: what follows, under
//! the packs as shipped, from decisions made before those files were there (I-32, I-34, I-36).

use std::fs;
use std::path::{Path, PathBuf};

use domain::authority::AuthorityKey;
use domain::case::{Conduct, MeasureId, Severity, Territory};
use domain::civil::{Day, End, Instant};
use domain::ids::{OrganisationId, RecordId};
use domain::limits::Ground;
use domain::organisation::OrganisationKind;
use domain::record::RecordType;
use domain::text::ListId;
use policy::measure::Measure;
use policy::{PackFile, Packs};

use super::{Question, WhyNot, consult};
use crate::published::{Published, PublishedFacts};
use crate::recognition::Rules;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn shipped() -> Packs {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let relative = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            files.push(PackFile { path: relative, text: fs::read_to_string(&path).unwrap() });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Packs::load(&files).unwrap()
}

fn measure<'a>(packs: &'a Packs, id: &str) -> &'a Measure {
    packs.measure(&MeasureId::new(id).unwrap()).unwrap()
}

/// A decision of `authority`, in effect on any day asked about here.
fn decided(authority: &str, ground: Ground, on: &str) -> PublishedFacts {
    let at = Instant::from_micros(1_770_000_000_000_000);
    PublishedFacts {
        record: RecordId::mint(at, [1; 10]),
        organisation: OrganisationId::mint(at, [2; 10]),
        authority: AuthorityKey::new(authority).unwrap(),
        record_type: RecordType::ProcurementExclusion,
        grounds: vec![ground],
        severity: Some(Severity::Serious),
        act: None,
        procedure: None,
        decided_on: Some(day(on)),
        conduct: None,
        amount: None,
        start: Some(day(on)),
        end: Some(End::On(day("2029-12-31"))),
        measures: None,
        interim: false,
        objected: false,
        entry: None,
        list: None,
        imposed_by: None,
    }
}

/// What `measure` says of `facts` on `on`; `None` where it applies.
fn asked(packs: &Packs, measure: &Measure, facts: &PublishedFacts, on: Day) -> Option<WhyNot> {
    let addressee = measure.addressees.first().unwrap();
    let question = Question {
        kind: OrganisationKind::Enterprise,
        purpose: measure.family,
        role: addressee.role,
        territory: Territory::new(addressee.territory.as_str()).unwrap(),
        on,
        addressee: (measure.pack == "mdb").then(|| facts.authority.clone()),
    };
    let records = [Published::of_facts(facts.clone())];
    let answer = consult(&records, &question, [measure], &[], &Rules::of(packs));
    answer.considered.first().map(|considered| considered.why)
}

#[test]
fn i34_a_decision_older_than_the_file_of_the_pack_has_its_measures() {
    let packs = shipped();
    let cases = [
        ("cn.procurement-ban-art77", "cn.ministry-of-finance", Ground::Fraud, "2003-01-01"),
        ("us.far.exclusion", "us.gsa", Ground::Corruption, "2008-12-12"),
        ("mdb.ineligibility", "mdb.world-bank", Ground::Fraud, "2011-04-01"),
    ];
    for (id, authority, ground, law) in cases {
        let measure = measure(&packs, id);
        assert_eq!(measure.in_force_from, day(law), "{id}");
        assert!(measure.in_force_from < measure.published_on, "{id}");
        let on = measure.first_use;
        for (date, expected) in [
            ("2026-06-01", None),
            ("2024-03-01", None),
            (law, None),
            ("2003-01-01", (law != "2003-01-01").then_some(WhyNot::Retroactive)),
            ("2002-12-31", Some(WhyNot::Retroactive)),
        ] {
            let facts = decided(authority, ground, date);
            assert_eq!(asked(&packs, measure, &facts, on), expected, "{id}, decided {date}");
            // The notice of the entry is another matter: nobody is hit before its first use.
            let before = asked(&packs, measure, &facts, on.plus_days(-1));
            assert_eq!(before, Some(WhyNot::NotYetInUse), "{id}, decided {date}");
        }
        // Decided under the law, about what was over before it.
        let mut facts = decided(authority, ground, "2026-06-01");
        let end = measure.in_force_from;
        facts.conduct = Some(Conduct { from: end.plus_days(-9), to: end.plus_days(-1) });
        assert_eq!(asked(&packs, measure, &facts, on), Some(WhyNot::Retroactive), "{id}");
        facts.conduct = Some(Conduct { from: end.plus_days(-9), to: end });
        assert_eq!(asked(&packs, measure, &facts, on), None, "{id}");
    }
}

/// Rows as the list of the Inter-American Development Bank writes them: no severity, no conduct,
/// and the column that says who decided.
#[test]
fn i67_rows_of_a_bank_decided_before_the_pack_are_enforced_by_that_bank() {
    let packs = shipped();
    let measure = measure(&packs, "mdb.ineligibility");
    for (date, is_law) in [
        ("2007-03-29", false),
        ("2010-04-08", false),
        ("2011-05-12", true),
        ("2019-07-16", true),
        ("2024-10-01", true),
    ] {
        let mut row = decided("mdb.idb", Ground::Fraud, date);
        row.severity = None;
        row.list = ListId::new("mdb.idb-sanctioned-firms");
        row.imposed_by = Some("IDB".to_owned());
        let found = asked(&packs, measure, &row, measure.first_use);
        assert_eq!(found, (!is_law).then_some(WhyNot::Retroactive), "decided {date}");
    }
}

#[test]
fn every_shipped_entry_and_measure_says_since_when_its_law_holds() {
    let packs = shipped();
    for measure in packs.measures() {
        assert!(measure.in_force_from < measure.published_on, "{}", measure.id);
    }
    for mandate in packs.mandates() {
        for entry in mandate.entries.iter().filter_map(|entry| packs.catalogue_entry(entry)) {
            // A mandate that begins later than its entry refuses lawful decisions for the wrong
            // reason.
            assert!(mandate.from <= entry.in_force_from, "{}, {}", mandate.authority, entry.id);
        }
    }
}
