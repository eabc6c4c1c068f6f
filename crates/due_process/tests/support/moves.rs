//! What can be tried on a record: for each command somebody who may, with arguments that fit, and
//! beside them what must be refused: a heavier outcome, the officer as decider, a foreign reason.

use std::collections::BTreeSet;

use domain::case::{
    Actor, DecisionDocument, FlagGround, NoticeTexts, ObjectionGround, Purpose, Severity,
    StayReason, WithdrawalReason,
};
use domain::civil::{Day, End, Instant};
use domain::organisation::OrganisationKind;
use goodstanding_due_process::case::{Case, Command, NoticeDraft, Outcome};

use super::law::{condition, decider, measure, officer, organisation, record, reviewer};
use super::world::World;

/// A notice that holds everything.
pub fn draft(purpose: Purpose, end_max: Day, today: Day) -> NoticeDraft {
    NoticeDraft {
        purpose,
        severity: Some(Severity::General),
        end_max: Some(end_max),
        measures: [measure("zz.bid-ban")].into(),
        successor: None,
        successor_kind: None,
        service: "delivered, receipt 7".into(),
        served_on: today,
        facts: "Discharge above the permit.".into(),
        texts: texts(),
    }
}

/// What an authority tells about its evidence and its office.
pub fn texts() -> NoticeTexts {
    NoticeTexts {
        evidence: "1. Readings of the gauge. 2. The permit.".into(),
        access: "At the office, on any working day, by appointment.".into(),
        office: "Legal desk, 4 Quay Street, Lantern City.".into(),
    }
}

/// Organisations that a record may be said to belong to: one that fits, a union, and one that
/// nobody knows.
pub const SUCCESSORS: [(u8, Option<OrganisationKind>); 3] =
    [(2, Some(OrganisationKind::Enterprise)), (3, Some(OrganisationKind::Union)), (4, None)];

/// A notice of an imputation.
pub fn imputation(
    case: &Case,
    successor: (u8, Option<OrganisationKind>),
    today: Day,
) -> NoticeDraft {
    NoticeDraft {
        severity: case.revision.severity,
        end_max: None,
        measures: BTreeSet::new(),
        successor: Some(organisation(successor.0)),
        successor_kind: successor.1,
        facts: "The works were taken over.".into(),
        ..draft(Purpose::Imputation, today, today)
    }
}

/// A decision of today that ends on `end`.
pub fn outcome(end: Day, points: u32, today: Day) -> Outcome {
    Outcome {
        document: DecisionDocument { number: "D-1".into(), date: today, served_on: today },
        severity: Some(Severity::General),
        end: End::On(end),
        measures: [measure("zz.bid-ban")].into(),
        answers: (1..=points).map(|point| (point, "It was ours.".to_owned())).collect(),
        reasons: "The measurements stand.".into(),
    }
}

/// An answer of the subject.
pub fn said(points: usize) -> Command {
    Command::Represent { points: vec!["No.".to_owned(); points], text: String::new() }
}

/// Every repair condition of the entry.
pub fn conditions() -> BTreeSet<domain::case::ConditionKey> {
    [condition("commitment-signed"), condition("duty-performed")].into()
}

/// The ends to notice for each purpose: one that fits, and one the law does not allow.
fn ends(case: &Case, purpose: Purpose, today: Day) -> [Day; 2] {
    let start = case.term.start.unwrap_or(today);
    match purpose {
        Purpose::Record => [today.plus_months(6), today.plus_months(30)],
        Purpose::Extension => [start.plus_months(12), start.plus_months(40)],
        Purpose::RepairRevocation => {
            let last = match case.term.end {
                Some(End::On(last)) => last,
                _ => today,
            };
            [last, last.plus_days(1)]
        }
        Purpose::WithdrawalOfGood | Purpose::Imputation => [today, today],
    }
}

/// Everything worth trying on the record at `index`.
pub fn moves(world: &World<'_>, index: usize) -> Vec<(Actor, Command)> {
    let case = &world.case(index);
    let today = world.law.today(case.at);
    let mut moves = Vec::new();
    entry_moves(case, today, &mut moves);
    chain_moves(case, today, &mut moves);
    objection_moves(&mut moves);
    order_moves(today, &mut moves);
    repair_moves(&mut moves);
    other_moves(case, today, &mut moves);
    moves
}

type Moves = Vec<(Actor, Command)>;

fn entry_moves(case: &Case, today: Day, moves: &mut Moves) {
    // What waits because there are so many.
    moves.push((reviewer(1), Command::AdmitSubmission));
    moves.push((reviewer(2), Command::ReturnSubmission));
    moves.push((Actor::Registry, Command::PublishNeutral));
    moves.push((Actor::Registry, Command::OpenPrecheck { service: "portal".into() }));
    let interim = || Command::PublishInterim {
        need: "risk to water".into(),
        service: "portal".into(),
        served_days: 0,
    };
    moves.push((decider(1), interim()));
    moves.push((decider(9), interim()));
    moves.push((
        Actor::Subject,
        Command::FlagError { ground: FlagGround::WrongFact, text: "1. Not ours.".into() },
    ));
    moves.push((officer(2), Command::ClearFlag { reasons: "It is.".into() }));
    moves.push((officer(2), Command::UpholdFlag));
    moves.push((decider(1), Command::Abandon));
    for purpose in
        [Purpose::Record, Purpose::Extension, Purpose::RepairRevocation, Purpose::WithdrawalOfGood]
    {
        let [end, beyond] = ends(case, purpose, today);
        moves.push((officer(1), Command::ServeNotice(draft(purpose, end, today))));
        if purpose != Purpose::WithdrawalOfGood {
            moves.push((officer(1), Command::ServeNotice(draft(purpose, beyond, today))));
        }
    }
    for successor in SUCCESSORS {
        moves.push((officer(1), Command::ServeNotice(imputation(case, successor, today))));
    }
    // Served long ago, told today.
    let [end, _] = ends(case, Purpose::Record, today);
    let mut late = draft(Purpose::Record, end, today);
    late.served_on = today.plus_days(-30);
    late.facts = "Discharge, told late.".into();
    moves.push((officer(1), Command::ServeNotice(late)));
}

fn chain_moves(case: &Case, today: Day, moves: &mut Moves) {
    let Some(chain) = &case.chain else {
        moves.push((Actor::Subject, said(1)));
        return;
    };
    let points = chain.points;
    moves.push((Actor::Subject, said(1)));
    moves.push((Actor::ThirdParty, said(1)));
    moves.push((Actor::Subject, Command::RequestHearing));
    moves.push((Actor::Subject, Command::Waive));
    moves.push((Actor::Subject, Command::RevokeWaiver));
    moves.push((Actor::Subject, Command::WithdrawHearing));
    moves.push((officer(1), Command::CloseHearing { protocol: "P-1".into() }));
    let [end, beyond] = ends(case, chain.purpose, today);
    let end = chain.end_max.map_or(end, |max| end.min(max));
    let mut again = match chain.purpose {
        Purpose::Imputation => imputation(case, SUCCESSORS[0], today),
        purpose => draft(purpose, end, today),
    };
    again.facts = "A second discharge.".into();
    moves.push((decider(1), Command::RenewNotice(again)));
    let mut fits = outcome(end, points, today);
    if chain.purpose == Purpose::Imputation {
        fits.severity = case.revision.severity;
    }
    moves.push((decider(1), Command::Uphold(fits.clone())));
    moves.push((decider(9), Command::Uphold(fits.clone())));
    moves.push((decider(1), Command::NotUphold { reasons: "Not shown.".into() }));
    let heavier = [
        Outcome { severity: Some(Severity::Serious), ..fits.clone() },
        Outcome { end: End::On(beyond), ..fits.clone() },
        Outcome { end: End::On(end.plus_days(1)), ..fits.clone() },
        Outcome { end: End::Indefinite { basis: "none".into() }, ..fits.clone() },
        Outcome { measures: [measure("zz.closure")].into(), ..fits.clone() },
    ];
    moves.extend(heavier.into_iter().map(|outcome| (decider(2), Command::Uphold(outcome))));
    if let Some(max) = chain.end_max {
        let longest = Outcome { end: End::On(max), ..fits };
        moves.push((decider(2), Command::Uphold(longest)));
    }
}

fn objection_moves(moves: &mut Moves) {
    let ground = ObjectionGround::Error;
    moves.push((Actor::Subject, Command::Object { ground, text: "1. Wrong.".into() }));
    moves.push((Actor::ThirdParty, Command::Object { ground, text: "1. Wrong.".into() }));
    moves.push((Actor::Registry, Command::ForwardObjection));
    moves.push((officer(3), Command::ExtendObjection));
    for actor in [decider(3), decider(1), decider(9), reviewer(1), reviewer(2)] {
        moves.push((actor, Command::RejectObjection { reasons: "It is right.".into() }));
    }
    moves.push((Actor::Subject, Command::Escalate));
    moves.push((Actor::Subject, Command::AddStatement { text: "We disagree.".into() }));
}

fn order_moves(today: Day, moves: &mut Moves) {
    let stays = [
        (Actor::Court, StayReason::Court),
        (officer(1), StayReason::Authority),
        (Actor::Subject, StayReason::Relief),
        (Actor::Court, StayReason::Insolvency),
        (reviewer(1), StayReason::Privacy),
    ];
    let reference = || "O-1".to_owned();
    for (actor, reason) in stays {
        moves.push((actor, Command::Stay { reason, reference: reference() }));
    }
    for actor in [Actor::Court, officer(1), reviewer(1)] {
        let lift = Command::LiftStay { reference: reference(), stayed_time_counts: true };
        moves.push((actor, lift));
    }
    let lift = Command::LiftStay { reference: reference(), stayed_time_counts: false };
    moves.push((Actor::Court, lift));
    let withdrawals = [
        (decider(1), WithdrawalReason::Revoked),
        (decider(9), WithdrawalReason::Revoked),
        (decider(1), WithdrawalReason::WrongSubject),
        (Actor::Court, WithdrawalReason::Annulled),
        (Actor::Registry, WithdrawalReason::LawRepealed),
        (reviewer(1), WithdrawalReason::Privacy),
        (reviewer(2), WithdrawalReason::Unlawful),
    ];
    for (actor, reason) in withdrawals {
        let ordered_on = Some(today);
        moves.push((actor, Command::Withdraw { reason, reference: reference(), ordered_on }));
    }
    for number in [1, 2] {
        let successor = record(number);
        moves.push((decider(1), Command::Correct { successor }));
    }
    moves.push((Actor::Court, Command::PlaceHold { reference: reference() }));
    moves.push((Actor::Court, Command::ReleaseHold { reference: reference() }));
    moves.push((Actor::Registry, Command::Erase));
}

fn repair_moves(moves: &mut Moves) {
    let apply = Command::ApplyRepair { conditions: conditions(), text: "Done.".into() };
    moves.push((Actor::Subject, apply));
    moves.push((officer(1), Command::ExtendRepair));
    for actor in [decider(1), decider(9), reviewer(1)] {
        moves.push((actor.clone(), Command::GrantRepair));
        for reason in ["duty-performed", "press-report"] {
            let unmet = [condition(reason)].into();
            let refuse = Command::RefuseRepair { unmet, reasons: "Not yet.".into() };
            moves.push((actor.clone(), refuse));
        }
    }
    let conditions = [condition("programme-audited")].into();
    moves.push((decider(1), Command::ReleaseEarly { conditions }));
}

fn other_moves(case: &Case, today: Day, moves: &mut Moves) {
    moves.push((Actor::Registry, Command::CeaseSubject { on: today }));
    for (actor, (number, kind)) in [
        (reviewer(1), SUCCESSORS[0]),
        (reviewer(2), SUCCESSORS[0]),
        (reviewer(2), SUCCESSORS[1]),
        // Since the notice a register said that it is a union.
        (reviewer(2), (2, Some(OrganisationKind::Union))),
        (decider(1), SUCCESSORS[0]),
    ] {
        let successor = organisation(number);
        moves.push((actor, Command::Impute { successor, kind, reference: "I-1".into() }));
    }
    moves.push((
        officer(4),
        Command::OverrideMeasure {
            measure: measure("zz.bid-ban"),
            from: today,
            until: today.plus_days(10),
            reasons: "The only supplier.".into(),
        },
    ));
    let far = Instant::from_micros(case.at.micros().saturating_add(86_400_000_000_000));
    moves.push((Actor::Peer, Command::SeeOrigin { fresh_until: far }));
    moves.push((Actor::Peer, Command::EndOrigin));
}
