//! One act, one record: nobody is accused of the same thing twice by the same authority, under
//! whichever number, and what was once decided or dropped is not begun anew as if it had never
//! been.

use std::collections::BTreeSet;

use domain::case::{Conduct, WithdrawalReason};
use domain::ids::RecordId;
use domain::record::Polarity;

use super::command::Submission;
use super::state::{Case, Ended, Phase};

/// Whether `submission` accuses its subject of what a record among `earlier` accuses it of; they
/// are the authority's own about this organisation, as they stand now.
///
/// What the submission names as corrected or repeated is not counted, nor what that corrected or
/// repeated in its turn; nor two decisions that each have a document of their own: a fine and the
/// withdrawal of a licence may follow from one act.
pub fn is_act_repeated(submission: &Submission, earlier: &[Case]) -> bool {
    if submission.body.record_type().polarity() != Polarity::Adverse {
        return false;
    }
    let excused = excused(submission, earlier);
    earlier.iter().any(|case| {
        case.record != submission.record
            && !excused.contains(&case.record)
            && case.authority == submission.authority
            && is_about_the_same(submission, case)
            && counts(case)
    })
}

/// What `submission` corrects or repeats, and what it stands beside with a document of its own,
/// each back to the first of its chain.
fn excused(submission: &Submission, earlier: &[Case]) -> BTreeSet<RecordId> {
    let mut excused = BTreeSet::new();
    let decided = earlier.iter().filter(|case| has_own_documents(submission, case));
    let mut next: Vec<RecordId> = decided.map(|case| case.record).collect();
    next.extend(submission.predecessor.into_iter().chain(submission.resubmission_of));
    while let Some(record) = next.pop() {
        if excused.insert(record)
            && let Some(case) = earlier.iter().find(|case| case.record == record)
        {
            next.extend(case.revision.predecessor);
            next.extend(case.revision.resubmission_of);
        }
    }
    excused
}

/// Same type and ground, and conduct that shares a day: moving it by a day makes no other act of
/// it. Where either says no days, the case number of the authority tells.
fn is_about_the_same(submission: &Submission, case: &Case) -> bool {
    let revision = &case.revision;
    let overlaps = |one: &Conduct, other: &Conduct| one.from <= other.to && other.from <= one.to;
    let same_act = match (&submission.conduct, &revision.conduct) {
        (Some(one), Some(other)) => overlaps(one, other),
        _ => submission.case_number.trim() == revision.case_number.trim(),
    };
    same_act
        && case.is_adverse()
        && revision.record_type() == submission.body.record_type()
        && revision.grounds.iter().any(|ground| submission.grounds.contains(ground))
}

/// Whether an accusation was made by it. What the authority took back itself may be made right;
/// what a court annulled is over, unless a new decision says otherwise.
fn counts(case: &Case) -> bool {
    match &case.phase {
        Phase::Ended { how: Ended::Withdrawn { reason, .. }, .. } => {
            *reason == WithdrawalReason::Annulled
        }
        Phase::Erased => false,
        _ => case.mirror.is_none(),
    }
}

/// Whether both are decided, each by a document of its own. One that is still undecided, or was
/// dropped undecided, has none yet.
fn has_own_documents(submission: &Submission, case: &Case) -> bool {
    let (one, other) = (&submission.decision, &case.revision.decision);
    matches!((one, other), (Some(one), Some(other)) if one.number.trim() != other.number.trim())
}
