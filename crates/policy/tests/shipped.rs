//! The packs of this repository: they load without a problem, and say what other parts rely on.

mod common;

use std::collections::BTreeSet;

use common::{packs_folder, read_packs};
use domain::limits::{Act, is_protected};
use domain::organisation::OrganisationKind;
use domain::record::{Polarity, RecordType};
use domain::text::{EntryId, ListId};
use goodstanding_policy::{
    Citation, EntryDefinition, ListDefinition, Packs, QuotationRule, hash_of,
};

fn shipped() -> Packs {
    let problems = |problems: Vec<_>| -> Packs {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    };
    Packs::load(&read_packs(&packs_folder())).unwrap_or_else(problems)
}

fn list<'a>(packs: &'a Packs, id: &str) -> &'a ListDefinition {
    packs.list(&ListId::new(id).unwrap()).unwrap()
}

fn entry<'a>(list: &'a ListDefinition, id: &str) -> &'a EntryDefinition {
    list.entry(&EntryId::new(id).unwrap()).unwrap()
}

#[test]
fn the_shipped_packs_load_without_a_problem() {
    let packs = shipped();
    let names: Vec<&str> = packs.packs().map(|pack| pack.name.as_str()).collect();
    assert_eq!(names, ["br", "cn", "cn-sh", "generic", "mdb", "uk", "us"]);
    let ids: Vec<&str> = packs.lists().map(|list| list.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "br.ceis",
            "br.cnep",
            "mdb.idb-sanctioned-firms",
            "uk.pra-banks",
            "us.epa-npdes-permits",
            "us.ma-dep-enforcement",
            "us.occ-national-banks"
        ]
    );
}

#[test]
fn no_shipped_pack_is_fictional_and_none_narrows_what_is_refused() {
    let packs = shipped();
    assert!(packs.packs().all(|pack| !pack.fictional));
    assert!(packs.lists().all(|list| !list.fictional && !list.subjects.is_empty()));
}

#[test]
fn every_adverse_list_has_basis_remedy_and_grounds() {
    for list in shipped().lists().filter(|list| list.polarity() == Polarity::Adverse) {
        assert!(!list.basis.is_empty(), "{}", list.id);
        let remedy = list.remedy.as_ref().unwrap();
        assert!(!remedy.basis.is_empty() && !remedy.text.0.is_empty(), "{}", list.id);
        for entry in &list.entries {
            assert!(!entry.grounds.is_empty() && !entry.basis.is_empty(), "{}", entry.id);
        }
    }
}

#[test]
fn neutral_lists_have_no_grounds_and_no_remedy_to_need() {
    let packs = shipped();
    for (id, record_type) in [
        ("us.epa-npdes-permits", RecordType::AdminPermit),
        ("us.occ-national-banks", RecordType::Registration),
    ] {
        let list = list(&packs, id);
        assert_eq!(list.record_type, record_type);
        assert!(list.entries.iter().all(|entry| entry.grounds.is_empty()));
    }
}

#[test]
fn every_citation_was_read_on_a_day_and_has_an_address() {
    let packs = shipped();
    let citations = packs.lists().flat_map(|list| {
        let entries = list.entries.iter();
        let of_entries = entries.flat_map(|entry| entry.basis.iter().chain(&entry.indefinite));
        let remedies = list.remedy.iter().flat_map(|remedy| &remedy.basis);
        list.basis.iter().chain(remedies).chain(of_entries)
    });
    let citations: Vec<&Citation> = citations.collect();
    assert!(citations.len() > 30);
    for citation in citations {
        assert!(citation.url.starts_with("http"), "{}", citation.short("en"));
        assert!(!citation.instrument.in_language("en").is_empty());
    }
}

#[test]
fn an_indefinite_term_is_allowed_only_where_the_law_sets_no_end() {
    let packs = shipped();
    let ceis = list(&packs, "br.ceis");
    let indefinite: Vec<&str> = ceis
        .entries
        .iter()
        .filter(|entry| entry.indefinite.is_some())
        .map(|entry| entry.id.as_str())
        .collect();
    assert_eq!(indefinite, ["inidoneidade-8666"]);
    let basis = entry(ceis, "inidoneidade-8666").indefinite.as_ref().unwrap();
    assert_eq!(basis.short("pt"), "Lei 8.666/1993, art. 87 IV");
    let idb = list(&packs, "mdb.idb-sanctioned-firms");
    assert!(
        idb.entries.iter().all(|entry| entry.indefinite.is_some()),
        "debarments may be ongoing"
    );
}

#[test]
fn an_election_ban_has_no_entry_because_no_ground_covers_it() {
    let packs = shipped();
    for list in packs.lists() {
        for entry in &list.entries {
            let title = entry.title.in_language("pt").to_lowercase();
            assert!(!title.contains("eleitoral"), "{}", entry.id);
        }
    }
}

#[test]
fn a_protected_organisation_can_be_named_only_by_a_final_court_or_its_registrar() {
    let packs = shipped();
    let strong: BTreeSet<String> = packs
        .lists()
        .filter(|list| list.polarity() == Polarity::Adverse)
        .filter(|list| list.subjects.iter().any(|kind| is_protected(*kind)))
        .flat_map(|list| {
            let strong = |entry: &&EntryDefinition| entry.act != Act::Administrative;
            list.entries.iter().filter(strong).map(move |entry| format!("{}/{}", list.id, entry.id))
        })
        .collect();
    assert_eq!(strong, BTreeSet::from(["br.ceis/proibicao-8429".to_owned()]));
    assert!(!domain::limits::may_be_adverse(OrganisationKind::Union, Act::Administrative));
}

#[test]
fn the_rules_for_quotations() {
    let rule = QuotationRule { current_days_default: 7, hidden_factor: 2, vanished_percent_max: 5 };
    assert_eq!(*shipped().quotation(), rule);
}

#[test]
fn every_title_is_there_in_english_and_chinese() {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let packs = shipped();
    for list in packs.lists() {
        let entries = list.entries.iter().map(|entry| &entry.title);
        for title in std::iter::once(&list.title).chain(entries) {
            assert!(is_chinese(title.in_language("zh")) && !is_chinese(title.in_language("en")));
        }
    }
    for entry in list(&packs, "br.ceis").entries.iter().chain(&list(&packs, "br.cnep").entries) {
        assert!(entry.title.0.contains_key("pt"), "{}", entry.id);
    }
}

#[test]
fn a_pack_is_named_by_the_hash_of_its_own_files() {
    let files = read_packs(&packs_folder());
    let packs = Packs::load(&files).unwrap();
    for pack in packs.packs() {
        let own = files.iter().filter(|file| file.path.starts_with(&format!("{}/", pack.name)));
        assert_eq!(pack.hash, hash_of(own));
    }
    let mut changed = files.clone();
    changed.iter_mut().find(|file| file.path == "br/pack.toml").unwrap().text.push_str("# x\n");
    let after = Packs::load(&changed).unwrap();
    for (before, after) in packs.packs().zip(after.packs()) {
        assert_eq!(before.hash == after.hash, before.name != "br", "{}", before.name);
    }
}

#[test]
fn the_demonstration_pack_loads_beside_them_and_is_fictional() {
    let mut files = read_packs(&packs_folder());
    files.extend(read_packs(&packs_folder().join("../demo/packs")));
    let packs = Packs::load(&files).unwrap();
    let is_demo = |list: &&ListDefinition| list.pack == "demo";
    assert!(packs.lists().filter(is_demo).count() > 0);
    assert!(packs.lists().all(|list| list.fictional == is_demo(&list)));
}
