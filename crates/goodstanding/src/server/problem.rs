//! The one map from refusals and failures to what the public gets: a status and a problem document
//! (RFC 9457). Every refusal is named; there is no catch-all, so a new one does not compile until
//! somebody has decided what it means over HTTP.

use axum::http::StatusCode;
use domain::civil::Instant;
use domain::refusal::{Language, Problem, Refusal};
use serde::Serialize;

use crate::messages::Messages;
use crate::registry::AppError;

/// Why a request is not answered.
#[derive(Debug)]
pub enum Fault {
    /// A numbered refusal, and the parameter at fault where there is one. Never a value.
    Refused(Refusal, Option<&'static str>),
    /// Every reason at once, each with the member of the body at fault. Never a value.
    RefusedAll(Vec<Problem>),
    /// The organisation is an alias of another: its file is at this address.
    Moved(String),
    /// The address answers GET and HEAD only.
    MethodNotAllowed,
    /// More requests at once than the server takes.
    Overloaded,
    /// The files for download are being made.
    BeingMade,
    /// The answer took longer than the server waits.
    TimedOut,
    /// We failed; the reason goes to the log, not to the reader.
    Failed(AppError),
    /// We failed, and it was noted where it happened.
    Noted,
    /// We failed inside the server itself: a panic, a page that does not render.
    Internal(String),
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Fault {
        Fault::Failed(error)
    }
}

impl Fault {
    /// Unknown address, unknown organisation, organisation that nothing supports any more: one
    /// answer for all, so that a page that is gone cannot be told from one that never was.
    pub const fn not_found() -> Fault {
        Fault::Refused(Refusal::OrganisationUnknown, None)
    }

    /// The organisation's file is at `address`; the view asked for goes with it.
    pub fn moved(address: String, at: Option<u64>, on: Option<Instant>) -> Fault {
        let at = at.map(|at| format!("at={at}"));
        let on = on.map(|on| format!("on={on}"));
        let given: Vec<String> = at.into_iter().chain(on).collect();
        let query = if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) };
        Fault::Moved(address + &query)
    }

    /// A parameter that cannot be read.
    pub const fn unreadable(parameter: &'static str) -> Fault {
        Fault::Refused(Refusal::QueryUnreadable, Some(parameter))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        match self {
            Fault::Refused(refusal, _) => status_of(*refusal),
            Fault::RefusedAll(problems) => status_of(first(problems)),
            Fault::Moved(_) => StatusCode::SEE_OTHER,
            Fault::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Fault::Overloaded | Fault::BeingMade => StatusCode::SERVICE_UNAVAILABLE,
            Fault::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Fault::Failed(_) | Fault::Noted | Fault::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The heading a person reads, by message key.
    pub const fn title_key(&self) -> &'static str {
        match self {
            Fault::Refused(Refusal::OrganisationUnknown, _) => "problem.not_found",
            Fault::Refused(Refusal::RequestTooLarge, _) => "problem.too_large",
            Fault::Refused(..) | Fault::RefusedAll(_) => "problem.refused",
            Fault::Moved(_) => "problem.moved",
            Fault::MethodNotAllowed => "problem.method",
            Fault::Overloaded => "problem.overloaded",
            Fault::BeingMade => "problem.being_made",
            Fault::TimedOut => "problem.timeout",
            Fault::Failed(_) | Fault::Noted | Fault::Internal(_) => "problem.internal",
        }
    }

    /// What to do, in the reader's language.
    pub fn detail(&self, messages: &Messages) -> String {
        match self {
            Fault::Refused(refusal, parameter) => {
                let text = refusal.text(messages.refusal_language());
                match parameter {
                    Some(parameter) => {
                        messages.fill("problem.parameter", &[("text", &text), ("name", parameter)])
                    }
                    None => text.to_owned(),
                }
            }
            Fault::RefusedAll(problems) => {
                first(problems).text(messages.refusal_language()).to_owned()
            }
            Fault::Moved(_) => messages.t("problem.moved_note").to_owned(),
            Fault::MethodNotAllowed => messages.t("problem.method_note").to_owned(),
            Fault::Overloaded => messages.t("problem.overloaded_note").to_owned(),
            Fault::BeingMade => messages.t("problem.being_made_note").to_owned(),
            Fault::TimedOut => messages.t("problem.timeout_note").to_owned(),
            Fault::Failed(_) | Fault::Noted | Fault::Internal(_) => {
                messages.t("problem.internal_note").to_owned()
            }
        }
    }

    /// The number, when a refusal is behind it.
    pub fn number(&self) -> Option<u16> {
        match self {
            Fault::Refused(refusal, _) => Some(refusal.number()),
            Fault::RefusedAll(problems) => Some(first(problems).number()),
            _ => None,
        }
    }

    /// The problem document. Failures have no page of their own: their type is `about:blank`.
    pub fn document(&self, messages: &Messages) -> ProblemDocument {
        ProblemDocument {
            kind: self
                .number()
                .map_or_else(|| "about:blank".to_owned(), |n| format!("/en/refusals#{n}")),
            title: messages.t(self.title_key()).to_owned(),
            status: self.status().as_u16(),
            detail: self.detail(messages),
            refusal: self.number(),
            problems: match self {
                Fault::RefusedAll(problems) => problem_shapes(problems, messages),
                _ => Vec::new(),
            },
        }
    }

    /// Notes our own failures; what the reader did wrong is not our log's business.
    pub fn note(&self) {
        match self {
            Fault::Failed(error) => {
                let error: &dyn std::error::Error = error;
                tracing::error!(error, "answering failed");
            }
            Fault::Internal(what) => tracing::error!(what, "answering failed"),
            _ => {}
        }
    }
}

/// An RFC 9457 problem document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// Where the problem is described: the refusal's entry, or `about:blank` for failures.
    #[serde(rename = "type")]
    #[schema(example = "/en/refusals#501")]
    pub kind: String,
    /// What it is, in the language of `Accept-Language`.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do, in the language of `Accept-Language`.
    pub detail: String,
    /// The refusal's number; numbers are never reused.
    pub refusal: Option<u16>,
    /// Every reason, where a body was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ProblemShape>,
}

/// One reason why a body was refused.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProblemShape {
    /// The refusal's number.
    pub refusal: u16,
    /// The member at fault, where one is. Never its value.
    pub field: Option<String>,
    /// What to do, in the language of `Accept-Language`.
    pub message: String,
}

/// The same for each of `problems`.
pub fn problem_shapes(problems: &[Problem], messages: &Messages) -> Vec<ProblemShape> {
    let language: Language = messages.refusal_language();
    let shape = |problem: &Problem| ProblemShape {
        refusal: problem.refusal.number(),
        field: problem.column.clone(),
        message: problem.message(language),
    };
    problems.iter().map(shape).collect()
}

/// The status of a body that was refused for `problems`.
pub fn status_of_all(problems: &[Problem]) -> StatusCode {
    status_of(first(problems))
}

/// The reason the status follows from.
fn first(problems: &[Problem]) -> Refusal {
    problems.first().map_or(Refusal::RequestUnreadable, |problem| problem.refusal)
}

/// What a refusal means over HTTP.
const fn status_of(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::OrganisationUnknown
        | Refusal::RecordUnknown
        | Refusal::PositionUnknown
        | Refusal::CaseUnknown => StatusCode::NOT_FOUND,
        Refusal::QueryUnreadable | Refusal::RequestUnreadable => StatusCode::BAD_REQUEST,
        Refusal::RequestUnsigned | Refusal::RequestStale | Refusal::KeyUnfit => {
            StatusCode::UNAUTHORIZED
        }
        Refusal::MediaTypeUnfit => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::ProofBroken => StatusCode::INTERNAL_SERVER_ERROR,
        Refusal::ActorUnfit
        | Refusal::SameAccount
        | Refusal::MandateMissing
        | Refusal::SignatureUnfit
        | Refusal::TokenUnfit
        | Refusal::TokenReplaced
        | Refusal::StepNeedsOwnToken
        | Refusal::ProceedingsNotServed => StatusCode::FORBIDDEN,
        Refusal::StepUnfit
        | Refusal::WindowClosed
        | Refusal::WindowOpen
        | Refusal::PreparedTooOld
        | Refusal::RequestIdReused => StatusCode::CONFLICT,
        // The content was understood, and a file, a pack, a rule or a limit says no.
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
