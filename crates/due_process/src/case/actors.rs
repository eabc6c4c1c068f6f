//! Who may do what (domain.md 5.3, column Actor; I-23, I-50), and that no text tells about a person
//! (I-27).

use domain::case::{Actor, StayReason, WithdrawalReason};
use domain::identifiers::personal;
use domain::refusal::Refusal;

use super::command::{Command, Setting};
use super::state::{Case, ObjectionLevel};
use super::{Refused, refuse};

/// Who may ask for what (domain.md 5.3, column Actor; I-23, I-50).
pub(super) fn check_actor(
    case: &Case,
    command: &Command,
    setting: &Setting<'_>,
) -> Result<(), Refused> {
    let actor = setting.actor;
    let is_officer = matches!(actor, Actor::Authority(_));
    let is_decider = matches!(actor, Actor::Authority(account) if account.is_decider());
    let is_reviewer = matches!(actor, Actor::Reviewer(_));
    let is_subject = matches!(actor, Actor::Subject);
    let is_court = matches!(actor, Actor::Court);
    let is_registry = matches!(actor, Actor::Registry);
    // Only whoever proved it is let through as a third party to anything but an objection.
    let is_heard = case.chain.as_ref().is_some_and(|chain| chain.successor.is_some());
    let is_successor = *actor == Actor::ThirdParty && is_heard;
    let may = match command {
        Command::PublishNeutral | Command::OpenPrecheck { .. } | Command::ForwardObjection => {
            is_registry
        }
        Command::AdmitSubmission | Command::ReturnSubmission => is_reviewer,
        Command::ServeNotice(_) => is_officer || is_registry,
        Command::RenewNotice(_) | Command::Uphold(_) | Command::NotUphold { .. } => is_decider,
        Command::Abandon | Command::PublishInterim { .. } | Command::ReleaseEarly { .. } => {
            is_decider
        }
        Command::CloseHearing { .. } | Command::ClearFlag { .. } | Command::UpholdFlag => {
            is_officer
        }
        Command::ExtendObjection | Command::ExtendRepair => is_officer,
        // The one that the record may come to is heard like the one it is about.
        Command::Represent { .. } | Command::RequestHearing => is_subject || is_successor,
        Command::Waive
        | Command::RevokeWaiver
        | Command::WithdrawHearing
        | Command::FlagError { .. }
        | Command::Escalate
        | Command::ApplyRepair { .. }
        | Command::AddStatement { .. } => is_subject,
        Command::Object { .. } => is_subject || matches!(actor, Actor::ThirdParty),
        Command::RejectObjection { .. } => return check_objection_decider(case, actor),
        // One person alone stops a record (T31, T49); to end it takes a second one (I-50).
        Command::Correct { .. } => is_decider || is_reviewer,
        Command::Withdraw { reason, .. } => match reason {
            WithdrawalReason::Annulled => is_court,
            WithdrawalReason::LawRepealed => is_registry,
            WithdrawalReason::Privacy => is_decider || is_reviewer,
            WithdrawalReason::Revoked
            | WithdrawalReason::WrongSubject
            | WithdrawalReason::Unlawful => is_decider || is_reviewer || is_court,
        },
        Command::Stay { reason, .. } => match reason {
            StayReason::Court | StayReason::Insolvency => is_court,
            StayReason::Authority => is_officer,
            StayReason::Relief => is_subject || is_court,
            StayReason::Privacy => is_reviewer,
        },
        Command::LiftStay { .. } => is_court || is_officer || is_reviewer,
        Command::GrantRepair | Command::RefuseRepair { .. } => {
            return check_repair_decider(case, actor);
        }
        Command::CeaseSubject { .. } => is_registry || is_decider,
        // Decided by the authority, carried out by two of the registry.
        Command::Impute { .. } => is_reviewer,
        Command::OverrideMeasure { .. } => is_officer,
        Command::PlaceHold { .. } | Command::ReleaseHold { .. } => is_court || is_reviewer,
        Command::Erase => is_registry,
        Command::SeeOrigin { .. } | Command::EndOrigin => matches!(actor, Actor::Peer),
    };
    if !may {
        return refuse(Refusal::ActorUnfit);
    }
    let is_officer_itself = matches!(actor, Actor::Authority(account)
        if case.officer.as_ref() == Some(account));
    if !planted!(SameAccount) && is_officer_itself && needs_second_account(command) {
        return refuse(Refusal::SameAccount);
    }
    Ok(())
}

/// Four eyes: whoever submitted a record does not decide about it (I-50).
const fn needs_second_account(command: &Command) -> bool {
    matches!(
        command,
        Command::RenewNotice(_)
            | Command::Uphold(_)
            | Command::NotUphold { .. }
            | Command::Abandon
            | Command::PublishInterim { .. }
            | Command::ReleaseEarly { .. }
            | Command::Correct { .. }
            | Command::Withdraw { .. }
    )
}

/// An objection is decided by an account of the authority that had no part in the record, an appeal
/// by a reviewer who had none in it either (I-23).
fn check_objection_decider(case: &Case, actor: &Actor) -> Result<(), Refused> {
    let level = case.objection.as_ref().map(|objection| &objection.level);
    match (level, actor) {
        (Some(ObjectionLevel::Reviewer), Actor::Reviewer(handle)) => {
            if case.reviewers.contains(handle) {
                return refuse(Refusal::SameAccount);
            }
            Ok(())
        }
        (Some(ObjectionLevel::Authority), Actor::Authority(account)) => {
            if case.officer.as_ref() == Some(account) || case.deciders.contains(account) {
                return refuse(Refusal::SameAccount);
            }
            Ok(())
        }
        (Some(ObjectionLevel::Authority | ObjectionLevel::Reviewer), _) => {
            refuse(Refusal::ActorUnfit)
        }
        _ => refuse(Refusal::StepUnfit),
    }
}

/// A repair is decided by the authority, and by the reviewer once it was silent (T37).
fn check_repair_decider(case: &Case, actor: &Actor) -> Result<(), Refused> {
    match actor {
        Actor::Authority(account) if account.is_decider() && !case.is_repair_escalated() => {
            if case.officer.as_ref() == Some(account) {
                return refuse(Refusal::SameAccount);
            }
            Ok(())
        }
        Actor::Reviewer(_) if case.is_repair_escalated() => Ok(()),
        _ => refuse(Refusal::ActorUnfit),
    }
}

/// I-27: a text that holds a personal identifier is stored nowhere, so the command is refused.
pub(super) fn check_texts(command: &Command) -> Result<(), Refused> {
    if texts(command).into_iter().any(|text| personal::scan(text).is_some()) {
        return refuse(Refusal::PersonalIdentifier);
    }
    Ok(())
}

/// Every free text of a command.
fn texts(command: &Command) -> Vec<&str> {
    match command {
        Command::ServeNotice(draft) | Command::RenewNotice(draft) => {
            let texts = &draft.texts;
            vec![&draft.facts, &draft.service, &texts.evidence, &texts.access, &texts.office]
        }
        Command::Uphold(outcome) => {
            let answers = outcome.answers.values().map(String::as_str);
            [outcome.reasons.as_str(), outcome.document.number.as_str()]
                .into_iter()
                .chain(answers)
                .collect()
        }
        Command::Represent { points, text } => {
            points.iter().chain([text]).map(String::as_str).collect()
        }
        Command::PublishInterim { need, service, .. } => vec![need, service],
        Command::OpenPrecheck { service: text }
        | Command::CloseHearing { protocol: text }
        | Command::NotUphold { reasons: text }
        | Command::FlagError { text, .. }
        | Command::ClearFlag { reasons: text }
        | Command::Object { text, .. }
        | Command::RejectObjection { reasons: text }
        | Command::Withdraw { reference: text, .. }
        | Command::Stay { reference: text, .. }
        | Command::LiftStay { reference: text, .. }
        | Command::ApplyRepair { text, .. }
        | Command::RefuseRepair { reasons: text, .. }
        | Command::Impute { reference: text, .. }
        | Command::AddStatement { text }
        | Command::OverrideMeasure { reasons: text, .. }
        | Command::PlaceHold { reference: text }
        | Command::ReleaseHold { reference: text } => vec![text],
        Command::AdmitSubmission
        | Command::ReturnSubmission
        | Command::PublishNeutral
        | Command::RequestHearing
        | Command::Waive
        | Command::RevokeWaiver
        | Command::WithdrawHearing
        | Command::Abandon
        | Command::UpholdFlag
        | Command::ForwardObjection
        | Command::ExtendObjection
        | Command::Escalate
        | Command::Correct { .. }
        | Command::ExtendRepair
        | Command::GrantRepair
        | Command::ReleaseEarly { .. }
        | Command::CeaseSubject { .. }
        | Command::Erase
        | Command::SeeOrigin { .. }
        | Command::EndOrigin => Vec::new(),
    }
}
