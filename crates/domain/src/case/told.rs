//! What the parties of a case tell each other in full.

/// What only the authority knows about a notice; everything else of [`NoticeItem`] is known to the
/// registry, which writes it out itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeTexts {
    /// Each piece of evidence.
    pub evidence: String,
    /// How and where to see it, and until when.
    pub access: String,
    /// The office to write to, and how.
    pub office: String,
}

/// Reasons of a decision, with an answer to each point of the subject in the order of its points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// Reasons, for the subject.
    pub reasons: String,
    /// The answer to point 1, to point 2, and so on.
    pub answers: Vec<String>,
}

/// Points that a subject may raise in one proceeding. Not law: each of them has to be answered, and
/// the answers have to fit one entry of the log.
pub const POINTS_MAX: u32 = 200;
