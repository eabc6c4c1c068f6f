//! What is refused when a record is to belong to somebody else.

use crate::bench::*;
use std::collections::BTreeSet;

use crate::support::Law;
use crate::support::law::{decider, officer, organisation, reviewer};
use crate::support::moves::{SUCCESSORS, imputation};
use crate::support::world::{Seen, imputed, must, published};
use domain::case::{Actor, Purpose, Severity};
use domain::organisation::OrganisationKind;
use goodstanding_due_process::case::{Command, NoticeDraft};

/// T45: what keeps a record from an organisation.
pub fn imputations(law: &Law) -> BTreeSet<u16> {
    let stands = published(&empty(law));
    let case = stands.case(0);
    let today = law.today(stands.now);
    let notice = |change: &dyn Fn(&mut NoticeDraft)| {
        let mut draft = imputation(&case, SUCCESSORS[0], today);
        change(&mut draft);
        Command::ServeNotice(draft)
    };
    let by = |number: u8, kind, reference: &str| Command::Impute {
        successor: organisation(number),
        kind,
        reference: reference.into(),
    };
    let (firm, union) = (Some(OrganisationKind::Enterprise), Some(OrganisationKind::Union));
    let mut noticed = stands.clone();
    must(&mut noticed, &officer(1), &notice(&|_| {}), &mut Seen::default());
    let decided = imputed(&empty(law));
    let mut reviewed = decided.clone();
    must(&mut reviewed, &reviewer(1), &by(2, firm, "I-1"), &mut Seen::default());
    let (one, two) = (reviewer(1), reviewer(2));
    all_fit(vec![
        (
            "t45 to nobody",
            asked(&stands, &officer(1), &notice(&|draft| draft.successor = None)),
            vec![870],
        ),
        (
            "t45 to somebody unknown",
            asked(&stands, &officer(1), &notice(&|draft| draft.successor_kind = None)),
            vec![870],
        ),
        (
            "t45 to itself",
            asked(&stands, &officer(1), &notice(&|draft| draft.successor = Some(organisation(1)))),
            vec![870],
        ),
        (
            "t45 p6 to a union",
            asked(&stands, &officer(1), &notice(&|draft| draft.successor_kind = union)),
            vec![103],
        ),
        (
            "t45 to a kind the entry has not",
            asked(
                &stands,
                &officer(1),
                &notice(&|draft| draft.successor_kind = Some(OrganisationKind::Unstated)),
            ),
            vec![709],
        ),
        (
            "t45 graver on the way",
            asked(&stands, &officer(1), &notice(&|draft| draft.severity = Some(Severity::Serious))),
            vec![718],
        ),
        (
            "t45 a successor in another notice",
            asked(&stands, &officer(1), &notice(&|draft| draft.purpose = Purpose::Extension)),
            vec![703],
        ),
        ("t45 nobody was told", asked(&stands, &one, &by(2, firm, "I-1")), vec![871]),
        ("t45 nobody has decided", asked(&noticed, &one, &by(2, firm, "I-1")), vec![871]),
        ("t11 one for both", asked(&noticed, &Actor::Subject, &Command::Waive), vec![873]),
        (
            "t13 one for both",
            asked(&noticed, &Actor::Subject, &Command::WithdrawHearing),
            vec![873],
        ),
        ("t45 by the decider", asked(&decided, &decider(1), &by(2, firm, "I-1")), vec![701]),
        ("t45 to another one", asked(&decided, &one, &by(3, firm, "I-1")), vec![872]),
        ("t45 no decision named", asked(&decided, &one, &by(2, firm, " ")), vec![731]),
        ("t45 p6 a union by now", asked(&decided, &one, &by(2, union, "I-1")), vec![103]),
        ("t45 gone by now", asked(&decided, &one, &by(2, None, "I-1")), vec![870]),
        ("t45 one reviewer twice", asked(&reviewed, &one, &by(2, firm, "I-1")), vec![702]),
        ("t45 two reviewers", asked(&reviewed, &two, &by(2, firm, "I-1")), vec![]),
    ])
}
