//! Decision tables: every refusal of the rules of proceedings, by number, with what brings it
//! about. The last test sees that none is left out.

mod bench;
mod chains;
mod ends;
mod imputations;
mod publication;
mod submissions;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use chains::chains;
use domain::refusal::Refusal;
use ends::{ends, packs};
use imputations::imputations;
use publication::publication;
use submissions::{mirrors, submissions};
use support::Law;

#[test]
fn t01_t04_i03_i09_i29_i32_i49_what_may_not_be_submitted() {
    submissions(&Law::new());
}

#[test]
fn t05_t17_i02_i24_i27_i50_what_no_chain_allows() {
    chains(&Law::new());
}

#[test]
fn t19_t33_i21_i23_what_no_publication_allows() {
    publication(&Law::new());
}

#[test]
fn t45_i31_p6_what_no_imputation_allows() {
    imputations(&Law::new());
}

#[test]
fn t34_t48_i16_what_no_end_allows() {
    ends(&Law::new());
}

#[test]
fn i62_what_a_pack_leaves_out_is_no_guess() {
    packs(&Law::new());
}

#[test]
fn t50_t52_i51_i52_i53_what_is_not_recognised() {
    mirrors(&Law::new());
}

#[test]
fn every_refusal_of_proceedings_is_in_a_table() {
    let law = Law::new();
    let tables = [submissions, chains, publication, imputations, ends, packs, mirrors];
    let met: BTreeSet<u16> = tables.iter().flat_map(|table| table(&law)).collect();
    let expected: Vec<u16> = Refusal::ALL
        .iter()
        .map(|refusal| refusal.number())
        .filter(|number| {
            (701..=751).contains(number)
                || [860, 861, 863, 864].contains(number)
                || (870..=874).contains(number)
        })
        .collect();
    let missing: Vec<u16> = expected.into_iter().filter(|number| !met.contains(number)).collect();
    assert_eq!(missing, Vec::<u16>::new());
}
