//! Who asks about a case, and the way to those who answer: readers for what is looked up, the clerk
//! for what is written.
//!
//! **Invariant:** whoever has not proved to be a party gets one answer, whether there is a case or
//! not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use domain::refusal::Refusal;
use serde_json::Value;

use super::problem::Fault;
use super::visit::App;
use crate::cases::accounts::{self, Account};
use crate::cases::clerk::Clerk;
use crate::cases::signed_request::{Claimed, Headers, Remembered, Signable, content_digest};
use crate::cases::{CaseError, View};
use crate::registry::{FileIdentity, Registry};
use crate::setup::READ_TABLES;

/// Largest body of an authority: a batch of 100 with what it signed.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Largest body of anybody else: one step with a text of 8,000 characters.
pub const STEP_BYTES_MAX: usize = 96 * 1024;
/// Largest form of a person: a number and a token.
const FORM_BYTES_MAX: usize = 1_024;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Bodies of authorities that are read or worked on at once.
const BATCHES_MAX: usize = 64;
/// The same of everybody else: whoever sends slowly takes no place of those who read.
const STRANGERS_MAX: usize = 48;
/// Readers kept open.
const VIEWS_KEPT: usize = 8;

/// What handlers of proceedings share.
pub struct Proceedings {
    registry: Arc<Registry>,
    clerk: Clerk,
    remembered: Remembered,
    views: Mutex<(Option<FileIdentity>, Vec<View>)>,
    batches: Arc<tokio::sync::Semaphore>,
    strangers: Arc<tokio::sync::Semaphore>,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Caller {
    /// An account of an authority, which signed the request.
    Authority(Account),
    /// Somebody with a token; whether it fits is not looked at yet.
    Bearer(String),
    /// Somebody.
    Anybody,
}

/// A request with its body.
pub struct Asked {
    /// Who asks.
    pub caller: Caller,
    /// What, as JSON; null where there is no body.
    pub body: Value,
    /// The id it gave itself, so that it may be sent again.
    pub request_id: Option<String>,
    /// Its place among those that are worked on.
    _place: Arc<tokio::sync::OwnedSemaphorePermit>,
}

impl Proceedings {
    /// For `registry`; starts the clerk.
    pub fn start(registry: Arc<Registry>) -> std::io::Result<Proceedings> {
        Ok(Proceedings {
            clerk: Clerk::start(Arc::clone(&registry))?,
            remembered: Remembered::new(seconds(&registry)),
            views: Mutex::default(),
            batches: Arc::new(tokio::sync::Semaphore::new(BATCHES_MAX)),
            strangers: Arc::new(tokio::sync::Semaphore::new(STRANGERS_MAX)),
            registry,
        })
    }

    /// Who writes.
    pub fn clerk(&self) -> &Clerk {
        &self.clerk
    }

    /// The registry.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Does `work` with readers, which are opened anew when the read tables were replaced.
    pub fn look<T>(
        &self,
        work: impl FnOnce(&View) -> Result<T, CaseError>,
    ) -> Result<T, CaseError> {
        let file = FileIdentity::of(&self.registry.dir().join(READ_TABLES));
        let taken = {
            let mut kept = self.views.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.0 != file {
                *kept = (file, Vec::new());
            }
            kept.1.pop()
        };
        let view = match taken {
            Some(view) => view,
            None => View::open(self.registry.dir())?,
        };
        let done = work(&view);
        let mut kept = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 == file && kept.1.len() < VIEWS_KEPT {
            kept.1.push(view);
        }
        done
    }

    /// The account whose signature the request bears.
    fn account(
        &self,
        method: &Method,
        parts: &Target,
        headers: &Headers,
    ) -> Result<Account, Fault> {
        let refused = |refusal| Fault::Refused(refusal, None);
        let unsigned = || refused(Refusal::RequestUnsigned);
        let claimed = Claimed::read(headers, self.registry.origin()).ok_or_else(unsigned)?;
        let signable =
            Signable { method: method.as_str(), path: &parts.path, query: parts.query.as_deref() };
        if !claimed.holds(&signable, &headers.digest) {
            return Err(unsigned());
        }
        let accounts = self.look(View::accounts).map_err(fault)?;
        let account = accounts::by_key(&accounts, &claimed.vkey);
        let account = account.ok_or_else(|| refused(Refusal::KeyUnfit))?.clone();
        self.remembered.take(&claimed, seconds(&self.registry)).map_err(refused)?;
        Ok(account)
    }
}

fn seconds(registry: &Registry) -> i64 {
    registry.now().micros() / 1_000_000
}

struct Target {
    path: String,
    query: Option<String>,
}

/// A failure of the desk as an answer.
pub fn fault(error: CaseError) -> Fault {
    match error {
        CaseError::Refused(problems) => Fault::RefusedAll(problems),
        CaseError::Ledger(error) => Fault::Failed(error.into()),
        CaseError::Projection(error) => Fault::Failed(error.into()),
        other => Fault::Internal(crate::output::chain(&other)),
    }
}

/// Reads a request: who asks first, from the head alone, so that nobody who may not has a large
/// body read; then the body.
pub async fn asked(
    app: &App,
    proceedings: &Arc<Proceedings>,
    parts: &Parts,
    body: Body,
) -> Result<Asked, Fault> {
    let has_body = parts.method == Method::POST;
    if has_body && !is_json(&parts.headers) {
        return Err(Fault::Refused(Refusal::MediaTypeUnfit, None));
    }
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let request_id = match parts.headers.get("idempotency-key") {
        Some(given) => {
            let id = given.to_str().ok().filter(|id| is_request_id(id));
            Some(id.ok_or_else(|| Fault::unreadable("Idempotency-Key"))?.to_owned())
        }
        None => None,
    };
    let places = match parts.headers.contains_key("signature-input") {
        true => &proceedings.batches,
        false => &proceedings.strangers,
    };
    let place = Arc::clone(places).try_acquire_owned().map_err(|_| Fault::Overloaded)?;
    let (caller, digest) = match (text("signature-input"), text("authorization")) {
        (Some(input), _) => {
            let digest = text("content-digest").unwrap_or_default().to_owned();
            let signature = text("signature").unwrap_or_default().to_owned();
            let headers = Headers { digest: digest.clone(), input: input.to_owned(), signature };
            let uri = &parts.uri;
            let target =
                Target { path: uri.path().to_owned(), query: uri.query().map(str::to_owned) };
            let (proceedings, method) = (Arc::clone(proceedings), parts.method.clone());
            let account = app
                .read(move || proceedings.account(&method, &target, &headers))
                .await
                .unwrap_or_else(|| Err(panicked()))?;
            (Caller::Authority(account), Some(digest))
        }
        (None, Some(given)) => {
            let token = given.strip_prefix("Bearer ").map(str::trim).unwrap_or_default();
            (Caller::Bearer(token.to_owned()), None)
        }
        (None, None) => (Caller::Anybody, None),
    };
    let limit = match caller {
        Caller::Authority(_) => BATCH_BYTES_MAX,
        Caller::Bearer(_) | Caller::Anybody => STEP_BYTES_MAX,
    };
    let bytes = read_body(body, limit).await?;
    if digest.is_some_and(|digest| digest != content_digest(&bytes)) {
        return Err(Fault::Refused(Refusal::RequestUnsigned, None));
    }
    let body = if has_body {
        serde_json::from_slice(&bytes)
            .map_err(|_| Fault::Refused(Refusal::RequestUnreadable, None))?
    } else {
        Value::Null
    };
    Ok(Asked { caller, body, request_id, _place: Arc::new(place) })
}

/// The fields of a form that a person sent: few, short, and read in time.
pub async fn form(
    proceedings: &Arc<Proceedings>,
    request: axum::extract::Request,
) -> Result<Vec<(String, String)>, Fault> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return Err(Fault::Refused(Refusal::RequestUnreadable, None));
    }
    let place = Arc::clone(&proceedings.strangers).try_acquire_owned();
    let _held_until_read = place.map_err(|_| Fault::Overloaded)?;
    let bytes = read_body(body, FORM_BYTES_MAX).await?;
    // A form is spelled as a query is.
    let unreadable = || Fault::Refused(Refusal::RequestUnreadable, None);
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable())?;
    let uri: axum::http::Uri = format!("/?{text}").parse().map_err(|_| unreadable())?;
    let axum::extract::Query(pairs) =
        axum::extract::Query::try_from_uri(&uri).map_err(|_| unreadable())?;
    Ok(pairs)
}

/// A handler's thread died; its message may hold what was asked for, so it is not repeated.
pub fn panicked() -> Fault {
    Fault::Internal("a handler of proceedings panicked".to_owned())
}

async fn read_body(body: Body, limit: usize) -> Result<Bytes, Fault> {
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // Too long, or cut off: whoever cut it off reads no answer.
        Ok(Err(_)) => Err(Fault::Refused(Refusal::RequestTooLarge, None)),
        Err(_) => Err(Fault::TimedOut),
    }
}

fn is_request_id(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (8..=128).contains(&id.len()) && id.chars().all(fits)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
