//! A record of an authority as its events tell it.

use domain::case::{
    Actor, Attestation, Attested, CaseEvent, CatalogueKey, DecisionDocument, Mode, Procedure,
    Revision, Severity, Step,
};
use domain::civil::{Day, End, Zone};
use domain::event::EventBody;
use domain::ids::{OrganisationId, RecordId};
use domain::limits::{Act, Ground};
use domain::organisation::OrganisationKind;
use domain::record::{AdminPenalty, Body};

use super::{authority, day};

/// A case: whom it is about, and its record.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub organisation: OrganisationId,
    pub record: RecordId,
}

impl Told {
    pub fn step(&self, actor: Actor, step: Step) -> EventBody {
        EventBody::Case(Box::new(CaseEvent {
            record: self.record,
            organisation: self.organisation,
            authority: authority(),
            actor,
            step,
        }))
    }
}

/// What an authority attests to have decided: public until its last day is over.
pub fn revision(name_as_written: &str, last: Day) -> Revision {
    let attested =
        |attestation: &Attestation| Attested { attestation: *attestation, reference: "A".into() };
    Revision {
        number: 1,
        mode: Mode::ImportedFinal,
        entry: CatalogueKey::new("zz.penalty").unwrap(),
        kind: OrganisationKind::Enterprise,
        name_as_written: name_as_written.into(),
        grounds: vec![Ground::Environment],
        act: Act::Administrative,
        severity: Some(Severity::General),
        procedure: Procedure::Ordinary,
        case_number: "17/2026".into(),
        decision: Some(DecisionDocument {
            number: "D-17".into(),
            date: day("2026-02-20"),
            served_on: day("2026-02-21"),
        }),
        conduct: None,
        start: Some(day("2026-02-20")),
        end: Some(End::On(last)),
        end_at: Some(Zone::UTC.end_of(last)),
        zone: "UTC".into(),
        published: true,
        retention_days: 30,
        under_review: false,
        late: false,
        attestations: Attestation::ALL.iter().map(attested).collect(),
        predecessor: None,
        resubmission_of: None,
        pack: "0".repeat(64),
        body: Body::AdminPenalty(AdminPenalty {
            sanction: Some("a fine".into()),
            ..Default::default()
        }),
    }
}
