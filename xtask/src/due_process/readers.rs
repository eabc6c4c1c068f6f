//! What a reader who does not program needs: who the actors are, what each command is in words, how
//! long each period is in some jurisdictions, what each refusal says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::refusal::{Language, Refusal};
use due_process::case::TRANSITIONS;
use due_process::case::transitions::{ALWAYS, Role};
use policy::procedure::{LegalPeriod, PeriodKey, Unit};
use policy::{PackFile, Packs};

use crate::tree::Tree;

/// Who acts, in words a reader of the law knows.
const ACTORS: &[(Role, &str)] = &[
    (
        Role::Officer,
        "Somebody of the authority who prepares and hands in a case. Known by role and \
         number, never by name.",
    ),
    (
        Role::Decider,
        "Somebody of the authority who decides. Never the officer who handed the case \
         in.",
    ),
    (
        Role::Subject,
        "The organisation the record is about. It acts with the token that came with \
         its notice.",
    ),
    (
        Role::ThirdParty,
        "Somebody else with an interest of its own, who may object to what is public.",
    ),
    (
        Role::Registry,
        "Whoever runs this registry: serves notices on behalf of an authority, forwards \
         objections, destroys content.",
    ),
    (
        Role::Reviewer,
        "An independent person of the registry, never of the authority, who decides on \
         appeal and where an authority was silent.",
    ),
    (Role::Court, "A court or review body. A reviewer enters its order and names it."),
    (Role::Peer, "Another registry, from which a record is mirrored here."),
];

/// What each command asks for.
const COMMANDS: &[(&str, &str)] = &[
    ("Abandon", "give the case up"),
    ("AddStatement", "put a statement beside the record"),
    ("AdmitSubmission", "let in what waited"),
    ("ApplyRepair", "apply for repair"),
    ("CeaseSubject", "note that the organisation was dissolved"),
    ("ClearFlag", "answer a flag: nothing is wrong"),
    ("CloseHearing", "close the hearing"),
    ("Correct", "replace the record by a corrected one"),
    ("EndOrigin", "end a mirrored record"),
    ("Erase", "destroy the content"),
    ("Escalate", "appeal to a reviewer"),
    ("ExtendObjection", "take longer to answer the objection, once"),
    ("ExtendRepair", "take longer to decide on the repair, once"),
    ("FlagError", "flag an error before publication"),
    ("ForwardObjection", "forward the objection to the authority"),
    ("GrantRepair", "grant the repair"),
    ("Impute", "name the organisation that the record belongs to"),
    ("LiftStay", "lift the order"),
    ("NotUphold", "decide in favour of the organisation"),
    ("Object", "object"),
    ("OpenPrecheck", "open the check before publication"),
    ("OverrideMeasure", "set a measure aside"),
    ("PlaceHold", "forbid destruction"),
    ("PublishInterim", "publish before the decision"),
    ("PublishNeutral", "publish a neutral or good record"),
    ("Recognise", "recognise another registry's record"),
    ("RefuseRepair", "refuse the repair"),
    ("RejectObjection", "reject the objection"),
    ("ReleaseEarly", "release early"),
    ("ReleaseHold", "allow destruction again"),
    ("RenewNotice", "give a new notice"),
    ("Represent", "answer in numbered points"),
    ("RequestHearing", "ask for a hearing"),
    ("ReturnSubmission", "return what waited"),
    ("RevokeWaiver", "take the waiver back"),
    ("SeeOrigin", "note that the other registry was heard"),
    ("ServeNotice", "give notice"),
    ("Stay", "stop the record"),
    ("Submit", "hand in a record"),
    ("Uphold", "decide against the organisation"),
    ("UpholdFlag", "answer a flag: it is right"),
    ("Waive", "give up the rest of the time"),
    ("Withdraw", "withdraw the record"),
    ("WithdrawHearing", "give up the hearing"),
];

/// A command in words; its name where somebody forgot them, which a test finds.
pub fn words(command: &str) -> &str {
    COMMANDS.iter().find(|(name, _)| *name == command).map_or(command, |(_, words)| words)
}

/// Who is who.
pub fn actors(page: &mut String) {
    page.push_str("## Who acts\n\n| who | what that is |\n|---|---|\n");
    for (role, what) in ACTORS {
        let _ = writeln!(page, "| {} | {what} |", role.words());
    }
    page.push_str(
        "| *time* | Nobody. What a deadline brings holds from its instant on, whether or not \
         anybody looks. |\n\n",
    );
}

/// Packs of the repository, those of the invented jurisdiction among them.
pub fn packs(tree: &Tree) -> Option<Packs> {
    let of = |folder: &str| {
        let files = tree.files.iter().filter_map(|file| {
            let path = file.path.strip_prefix(folder)?;
            path.ends_with(".toml")
                .then(|| PackFile { path: path.to_owned(), text: file.text.clone() })
        });
        files.collect::<Vec<_>>()
    };
    Packs::load(&[of("packs/"), of("demo/packs/")].concat()).ok()
}

/// Whose lengths stand as examples.
const EXAMPLES: [(&str, &str); 3] =
    [("generic", "registry's own rule"), ("cn", "China"), ("us", "United States (FAR)")];

/// How long each period is, by some packs.
pub fn periods(packs: Option<&Packs>, page: &mut String) {
    page.push_str(
        "## Periods\n\n\
         A pack sets each of them with the article it rests on; where it sets none, the registry's \
         own rule holds\n([docs/registry-rules.md](../docs/registry-rules.md)). These are examples \
         of today; a registry shows on its pages\nwhat holds there.\n\n\
         | period | what it is for | transitions |",
    );
    for (_, name) in EXAMPLES {
        let _ = write!(page, " {name} |");
    }
    page.push_str("\n|---|---|---|---|---|---|\n");
    for key in PeriodKey::ALL {
        let rows: Vec<&str> = TRANSITIONS
            .iter()
            .filter(|row| row.periods.contains(key))
            .map(|row| row.number)
            .collect();
        let rows = if rows.is_empty() { "not in these rules".to_owned() } else { rows.join(", ") };
        let _ = write!(page, "| `{}` | {} | {rows} |", key.key(), meaning(*key));
        let generic = packs.and_then(|packs| packs.procedure("generic")?.period(*key));
        for (pack, _) in EXAMPLES {
            let found = packs.and_then(|packs| packs.procedure(pack)?.period(*key));
            let is_own = pack == "generic" || found != generic;
            let text = found.filter(|_| is_own).map_or("–".to_owned(), length);
            let _ = write!(page, " {text} |");
        }
        page.push('\n');
    }
    page.push('\n');
}

/// "10 working days".
pub fn length(period: &LegalPeriod) -> String {
    let (one, many) = match period.unit {
        Unit::WorkingDays => ("working day", "working days"),
        Unit::CalendarDays => ("day", "days"),
        Unit::Months => ("month", "months"),
        Unit::Years => ("year", "years"),
    };
    format!("{} {}", period.value, if period.value == 1 { one } else { many })
}

const fn meaning(key: PeriodKey) -> &'static str {
    match key {
        PeriodKey::PublishMax => "from the decision to publication",
        PeriodKey::NoticeMax => "from the check of a record to its notice",
        PeriodKey::Precheck => "to check an imported decision before it is public",
        PeriodKey::Represent => "to answer a notice",
        PeriodKey::HearingRequest => "to ask for a hearing",
        PeriodKey::HearingNotice => "from the request to the hearing, at least",
        PeriodKey::HearingMax => "from the hearing to its close",
        PeriodKey::DecideMax => "to decide, from the end of the time to answer or the hearing",
        PeriodKey::Standstill => "from the decision to publication, so that it can be stopped",
        PeriodKey::FlagAnswer => "to answer a flag",
        PeriodKey::ObjectionMark => "to mark an objection in every view",
        PeriodKey::ObjectionForward => "to forward an objection",
        PeriodKey::ObjectionDecide => "to answer an objection",
        PeriodKey::ObjectionExtend => "its one extension",
        PeriodKey::Appeal => "to appeal against a rejection",
        PeriodKey::AppealDecide => "to decide the appeal",
        PeriodKey::RevokeMax => "to withdraw a record after an order",
        PeriodKey::RepairDecide => "to decide on a repair",
        PeriodKey::RepairExtend => "its one extension",
        PeriodKey::RepairReview => "for the reviewer, where the authority was silent",
        PeriodKey::InterimMax => "the longest an interim record may stand",
        PeriodKey::InterimOppose => "to oppose an interim record",
        PeriodKey::CeasedKeep => "how long the record of a dissolved organisation stays",
        PeriodKey::RetainArchive => {
            "how long content is kept after its end, before it is destroyed"
        }
        PeriodKey::TombstoneKeep => "how long it is told that a record was withdrawn or corrected",
        PeriodKey::RecipientsWindow => "how far back recipients are told of the end",
        PeriodKey::MeasureNotice => "how long a measure is public before its first use",
        PeriodKey::AdoptionNotice => "from the adoption of a law package to its first adverse use",
        PeriodKey::PeerStale => "how long another registry may be silent",
    }
}

/// What each number that stands on the page says.
pub fn refusal_texts(page: &mut String) {
    let mut used: BTreeSet<Refusal> = ALWAYS.iter().copied().collect();
    for row in TRANSITIONS {
        used.extend(row.refusals);
    }
    page.push_str("What each of them says:\n\n| number | text |\n|---|---|\n");
    for refusal in used {
        let _ = writeln!(page, "| {} | {} |", refusal.number(), refusal.text(Language::En));
    }
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use due_process::case::transitions::Cause;

    use super::*;

    #[test]
    fn every_command_and_every_actor_has_words() {
        for row in TRANSITIONS {
            if let Cause::Commands(names) = row.cause {
                for name in names {
                    assert_ne!(words(name), *name, "{name} has no words");
                }
            }
            for role in row.roles {
                assert!(ACTORS.iter().any(|(known, _)| known == role), "{role:?}");
            }
        }
        assert!(COMMANDS.is_sorted_by_key(|(name, _)| *name));
    }
}
