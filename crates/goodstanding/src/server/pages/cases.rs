//! Records of authorities on the page of their organisation, and what is left of them.

use domain::civil::End;
use due_process::case::Exposure;
use policy::Packs;

use super::shown::{self, Html, Phrase};
use crate::messages::Messages;
use crate::registry::{CaseContent, CaseView};

/// A record of an authority, or its tombstone, as a row.
pub struct CaseRow {
    /// Its number on the page.
    pub number: String,
    /// Where its submission is on the log.
    pub href: String,
    /// What it is; for a tombstone, that there was one and why it went.
    pub title: Phrase,
    /// Whose record it is.
    pub authority: Phrase,
    /// What a shown record says; `None` for a tombstone.
    pub content: Option<CaseCells>,
}

/// The cells of a shown record.
pub struct CaseCells {
    /// In effect, or interim.
    pub state: String,
    /// Objection open, late, remedy pending.
    pub labels: Vec<String>,
    /// Grounds and severity.
    pub ground: String,
    /// From when to when.
    pub term: Html,
    /// Number and day of the decision.
    pub decision: Html,
    /// What the organisation says to it.
    pub statement: Option<Phrase>,
}

/// The rows, in the order of submission.
pub fn rows(m: &Messages, packs: &Packs, views: &[CaseView]) -> Vec<CaseRow> {
    (1..).zip(views).map(|(number, view)| row(m, packs, number, view)).collect()
}

fn row(m: &Messages, packs: &Packs, number: u64, view: &CaseView) -> CaseRow {
    let title = match (&view.content, view.exposure) {
        (Some(content), _) => match packs.catalogue_entry(&content.entry) {
            Some(entry) => Phrase::of(m, &entry.title),
            None => Phrase::plain(content.entry.as_str()),
        },
        (None, Exposure::WithdrawnTombstone(reason)) => {
            Phrase::plain(m.t(&format!("case.withdrawn_{}", reason.key())))
        }
        (None, _) => Phrase::plain(m.t("case.corrected")),
    };
    CaseRow {
        number: m.number(number),
        href: format!("/{}/log/{}", m.code(), view.position),
        title,
        authority: shown::authority_name(m, packs, &view.authority),
        content: view.content.as_ref().map(|content| cells(m, content, view.exposure)),
    }
}

fn cells(m: &Messages, content: &CaseContent, exposure: Exposure) -> CaseCells {
    let (objected, interim) = match exposure {
        Exposure::Shown { objected, interim } => (objected, interim),
        _ => (false, false),
    };
    let labels = [
        (objected, "case.objected"),
        (content.late, "case.late"),
        (content.under_review, "case.under_review"),
    ];
    let grounds =
        content.grounds.iter().map(|ground| m.t(&format!("ground.{}", ground.key())).to_owned());
    let severity =
        content.severity.map(|it| m.t(&format!("case.severity_{}", it.key())).to_owned());
    let ground: Vec<String> = grounds.chain(severity).collect();
    CaseCells {
        state: m.t(if interim { "case.interim" } else { "case.in_effect" }).to_owned(),
        labels: labels.iter().filter(|(is, _)| *is).map(|(_, key)| m.t(key).to_owned()).collect(),
        ground: if ground.is_empty() { "–".to_owned() } else { m.join(&ground) },
        term: term(m, content),
        decision: match &content.decision {
            Some(decision) => Html::fill(
                m,
                "case.decision_of",
                &[
                    ("number", &Html::text(&decision.number)),
                    ("day", &shown::day(m, decision.date)),
                ],
            ),
            None => Html::text(m.t("case.none_yet")),
        },
        statement: content.statement.as_deref().map(|text| Phrase::quoted(m, text)),
    }
}

fn term(m: &Messages, content: &CaseContent) -> Html {
    let interim = content.interim_until.map(|until| {
        let zone = content.zone.parse().unwrap_or(domain::civil::Zone::UTC);
        End::On(until.day_in(&zone).plus_days(-1))
    });
    shown::term_of(m, content.term.start, interim.as_ref().or(content.term.end.as_ref()))
}
