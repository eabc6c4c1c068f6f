//! What public authorities ask as such, and what is told of it: a consult that is journalled, what
//! they hold that stands no more, what was withdrawn for everybody, and the journal itself.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{OrganisationId, RecordId};
use domain::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::problem::{Fault, ProblemDocument};
use super::super::proceedings::panicked;
use super::super::visit::{Freshness, Sheet, Visit};
use super::answers::ConsultShape;
use super::cases::{only_authority, open, shape, told, value};
use super::consulting::find;
use super::handlers::{Key, text_of};
use super::sheet;
use crate::consulting::{self, Asking};
use crate::journal;
use crate::registry::{Since, Withdrawal, Withdrawals};

/// Records one question may name. Not law: it bounds what one request may cost.
const HELD_MAX: usize = 1_000;

/// What an authority asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskShape {
    /// Id of the organisation, or an identifier whose check digit holds.
    #[schema(example = "lei:529900T8BM49AURSDO55")]
    pub organisation: String,
    /// For what. It is answered and not kept.
    #[schema(example = "public_procurement")]
    pub purpose: String,
    /// In which function: what the journal tells of the asker.
    #[schema(example = "procuring_entity")]
    pub role: String,
    /// Where.
    #[schema(example = "cn")]
    pub territory: String,
    /// For this day, YYYY-MM-DD; today when absent.
    pub on: Option<String>,
}

/// What follows, and what the journal says of it.
#[derive(Serialize, ToSchema)]
struct AskedShape {
    /// What follows, for the authority that asked.
    answer: ConsultShape,
    /// The same signed and dated (spec/answer.md); null where the registry signs no answers.
    receipt: Option<String>,
    /// All that is kept of it.
    journalled: JournalledShape,
}

/// All that is kept of a consult: one more in this cell.
#[derive(Serialize, ToSchema)]
struct JournalledShape {
    /// Id of the organisation.
    organisation: String,
    /// The function in which it was asked.
    class: &'static str,
    /// The month by the calendar of UTC.
    month: String,
}

/// Ask what follows, as an authority
///
/// Signed with the key of an account (RFC 9421), as cases are. The answer is that of
/// `/api/v1/consult`, with the authority as its addressee. Of it the journal keeps organisation,
/// function and month, added up, for the organisation to read; who asked, for what, when and what
/// was answered is kept nowhere.
#[utoipa::path(
    post,
    path = "/api/v1/consults",
    operation_id = "consult_as_authority",
    tag = "organisations",
    request_body = AskShape,
    responses(
        (status = 200, description = "What follows", body = AskedShape),
        (status = 400, description = "A part is missing or cannot be read",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "This server takes no signed requests",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or nothing supports it any more",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn consult_as_authority(visit: Visit, request: Request) -> Response {
    let answer = asked_as(&visit, request).await;
    told(&visit, answer)
}

async fn asked_as(visit: &Visit, request: Request) -> Result<(StatusCode, Value), Fault> {
    let (_, asked) = open(visit, request).await?;
    let account = only_authority(asked.caller.clone())?;
    let given = shape::<AskShape>(asked.body.clone())?;
    let app = visit.app.clone();
    let work = move || {
        let _held_until_done = asked;
        let registry = app.registry();
        let packs = registry.packs();
        let own = packs.authority(&account.authority).map(|_| account.authority.as_str());
        let asking = Asking::read(&packs, |name| match name {
            "purpose" => Some(given.purpose.as_str()),
            "role" => Some(given.role.as_str()),
            "territory" => Some(given.territory.as_str()),
            "on" => given.on.as_deref(),
            // It asks for itself: what an agreement or an override says of it counts.
            "addressee" => own,
            _ => None,
        })
        .map_err(|unfit| Fault::unreadable(unfit.parameter))?;
        let id = find(registry, &given.organisation)?;
        let asked_as = consulting::ask_as(registry, id, &asking)?;
        let (answered, month) = asked_as.ok_or_else(Fault::not_found)?;
        let receipt = consulting::signed(registry, &answered)?;
        value(&AskedShape {
            answer: ConsultShape::of(&packs, &answered),
            receipt,
            journalled: JournalledShape {
                organisation: answered.organisation.to_string(),
                class: answered.question.role.key(),
                month: month.to_string(),
            },
        })
    };
    let answer = visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))?;
    Ok((StatusCode::OK, answer))
}

/// What an authority holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldShape {
    /// Ids of records it was told of, at most 1,000.
    pub records: Vec<String>,
}

/// Which of it stands.
#[derive(Serialize, ToSchema)]
struct StandingOfShape {
    /// The instant it is told for.
    as_of: String,
    /// Entries of the log below this position are known.
    position: u64,
    /// Those that are public still: the file says what they say now.
    standing: Vec<String>,
    /// Those that are not: ended, repaired, corrected or withdrawn, or none of this registry. Which
    /// of it is not told. What was drawn from them is not used any more.
    gone: Vec<String>,
}

/// Which of the records an authority holds stand
///
/// Signed as above. For whoever received records in answers and has to know which are over (I-19).
/// What was repaired, what ended and what never was are alike. Nothing of the question is kept.
#[utoipa::path(
    post,
    path = "/api/v1/consults/held",
    operation_id = "records_held",
    tag = "records",
    request_body = HeldShape,
    responses(
        (status = 200, description = "Which stand and which do not", body = StandingOfShape),
        (status = 400, description = "The body names no ids of records",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "None, or too many", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn held(visit: Visit, request: Request) -> Response {
    let answer = held_by(&visit, request).await;
    told(&visit, answer)
}

async fn held_by(visit: &Visit, request: Request) -> Result<(StatusCode, Value), Fault> {
    let (_, asked) = open(visit, request).await?;
    only_authority(asked.caller.clone())?;
    let given = shape::<HeldShape>(asked.body.clone())?.records;
    if !(1..=HELD_MAX).contains(&given.len()) {
        return Err(Fault::Refused(Refusal::HeldTooMany, None));
    }
    let records: Option<Vec<RecordId>> = given.iter().map(|text| text.parse().ok()).collect();
    let records = records.ok_or(Fault::Refused(Refusal::RequestUnreadable, None))?;
    let app = visit.app.clone();
    let work = move || {
        let _held_until_done = asked;
        let registry = app.registry();
        let as_of = registry.now();
        let (position, stands) = registry.standing_of(&records)?;
        let of = |wanted: bool| {
            let both = records.iter().zip(&stands).filter(|(_, stands)| **stands == wanted);
            both.map(|(record, _)| record.to_string()).collect()
        };
        value(&StandingOfShape {
            as_of: as_of.to_string(),
            position,
            standing: of(true),
            gone: of(false),
        })
    };
    let answer = visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))?;
    Ok((StatusCode::OK, answer))
}

/// What was withdrawn since an entry of the log.
#[derive(Serialize, ToSchema)]
struct WithdrawalsShape {
    /// Entries of the log below this position were looked at.
    position: u64,
    /// In the order of the log.
    withdrawals: Vec<WithdrawalShape>,
    /// Where to go on: as `since` and `after` of the next question.
    next: SinceShape,
    /// Whether there is more already.
    has_more: bool,
}

/// What one entry took from the public: an end, a repair, a correction and a withdrawal are alike.
#[derive(Serialize, ToSchema)]
struct WithdrawalShape {
    /// Position of the entry that says so.
    entry: u64,
    /// The positions it names, as inclusive ranges.
    positions: Vec<(u64, u64)>,
    /// Of each record behind them the first 16 bytes of SHA-256 over `goodstanding/withdrawn/v1`, a
    /// line feed, the record's id and a line feed, in hexadecimal (spec/answer.md, 4).
    marks: Vec<String>,
    /// False where content is destroyed, so that its marks cannot be made: compare positions, or
    /// ask which of what you hold stands.
    has_all_marks: bool,
}

/// A place in the feed.
#[derive(Serialize, ToSchema)]
struct SinceShape {
    /// The first entry that is told.
    since: u64,
    /// Positions of that entry up to this one were told.
    after: Option<u64>,
}

impl WithdrawalsShape {
    fn of(told: Withdrawals) -> WithdrawalsShape {
        let shape = |it: Withdrawal| WithdrawalShape {
            entry: it.entry,
            positions: it.positions,
            marks: it.marks,
            has_all_marks: it.has_all_marks,
        };
        WithdrawalsShape {
            position: told.position,
            withdrawals: told.withdrawals.into_iter().map(shape).collect(),
            next: SinceShape { since: told.next.entry, after: told.next.after },
            has_more: told.has_more,
        }
    }
}

/// What is not public any more, for whoever received it
///
/// Pull it with where you stopped before, and compare the marks with those of the records you hold:
/// what was repaired, ended, was corrected or withdrawn is told alike within a day, without naming
/// a record, an organisation or a reason. Nobody is asked who pulls it, and nothing is kept.
#[utoipa::path(
    get,
    path = "/api/v1/withdrawals",
    tag = "records",
    params(
        ("since" = Option<u64>, Query, description = "The first entry of the log to be told; 0 when \
          absent"),
        ("after" = Option<u64>, Query, description = "Positions of that entry up to this one were \
          told before")
    ),
    responses(
        (status = 200, description = "What was withdrawn", body = WithdrawalsShape),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 400, description = "A parameter cannot be read", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn withdrawals(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let entry = visit.parsed("since")?.unwrap_or(0);
            let since = Since { entry, after: visit.parsed("after")? };
            let told = visit.app.registry().withdrawals(since)?;
            sheet(&WithdrawalsShape::of(told), Freshness::Until(None), true)
        })
        .await
}

/// How often authorities asked about an organisation.
#[derive(Serialize, ToSchema)]
pub struct JournalShape {
    /// Id of the organisation.
    organisation: String,
    /// Months before this one are told; the one that runs is not.
    before: String,
    /// Newest month first; a cell that is not there is nought.
    consults: Vec<ToldShape>,
}

/// One cell.
#[derive(Serialize, ToSchema)]
struct ToldShape {
    /// The month by the calendar of UTC.
    month: String,
    /// The function in which they asked.
    class: &'static str,
    /// How many answers authorities were given.
    times: u64,
}

impl JournalShape {
    /// The shape of `told` about `organisation`.
    pub fn of(
        organisation: OrganisationId,
        now: domain::civil::Instant,
        told: &[journal::Told],
    ) -> JournalShape {
        JournalShape {
            organisation: organisation.to_string(),
            before: domain::performance::Month::of(now).to_string(),
            consults: told
                .iter()
                .map(|told| ToldShape {
                    month: told.month.to_string(),
                    class: told.class.key(),
                    times: told.times,
                })
                .collect(),
        }
    }
}

/// How often public authorities asked about an organisation
///
/// For the organisation to read: the last twelve months that are over, by the function in which was
/// asked. Which authority, for what, on which day and with what answer is not known. Whoever asks
/// without a key, on a page or here, is counted nowhere.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{id}/consults",
    tag = "organisations",
    params(("id" = String, Path, description = "Id of the organisation (UUIDv7)")),
    responses(
        (status = 200, description = "The journal", body = JournalShape),
        (status = 303, description = "It was decided to be the same as another: to that one",
         headers(("location" = String)), body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or nothing supports it any more",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn consults_of(visit: Visit, id: Key) -> Response {
    let id = text_of(id);
    let journal = move |visit: &Visit| -> Result<Sheet, Fault> {
        let registry = visit.app.registry();
        let id: OrganisationId = id.parse().map_err(|_| Fault::not_found())?;
        let answer = registry.file(id, None, None)?.ok_or_else(Fault::not_found)?;
        if answer.file.id != id {
            let to = format!("/api/v1/organisations/{}/consults", answer.file.id);
            return Err(Fault::moved(to, None, None));
        }
        let told = registry.journal_of(&answer)?;
        sheet(&JournalShape::of(id, registry.now(), &told), Freshness::AskAgain, true)
    };
    // A month that is over is told from an instant that no validator knows.
    visit.for_its_day().answer(journal).await
}
