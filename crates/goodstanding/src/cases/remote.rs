//! The way to a registry elsewhere: its key is asked for once, requests are signed, and what it
//! says it committed is believed when its proofs hold.

use std::io::Read as _;
use std::time::Duration;

use domain::refusal::{Problem, Refusal};
use ledger::note::{Checkpoint, SignerKey, Vkey};
use ledger::verify::Outcome;
use ledger::wire::to_base64url;
use ledger::{Entropy as _, SystemEntropy};
use reqwest::Method;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use super::known_registries::{self, Known};
use super::receipt;
use super::signed_request::{Signable, sign};
use super::signing::{self, SignedItem, Unfit};
use crate::clock::{Clock, SystemClock};
use crate::configuration::is_public_address;
use crate::output::chain;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Largest answer: a batch of 100 with all its proofs.
const ANSWER_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Tries while the registry is busy or the connection breaks: nothing is committed twice by them.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_secs(2);
/// Items of one batch, as the registry takes them.
const ITEMS_MAX: usize = 100;

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// It is no address of a registry.
    #[error("`{0}` is no address of a registry; give https://NAME without a path")]
    Address(String),
    /// The registry says no.
    #[error("the registry refused")]
    Refused(Vec<Problem>),
    /// The connection failed.
    #[error("the registry could not be asked: {0}")]
    Connection(String),
    /// It answered something else.
    #[error("the registry answered {0}; try again, or ask its operator")]
    Status(u16),
    /// It answered what nobody can use.
    #[error("the registry's answer cannot be read: {0}")]
    Answer(&'static str),
    /// What it prepared is not what was asked for.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// Its log is signed with another key than the one that is trusted.
    #[error(
        "the registry signs with another key than the one that is trusted ({trusted}); if its \
         operator says that it changed, on another way than this connection, give the new one with \
         --vkey{how}"
    )]
    KeyChanged {
        /// The key that is trusted.
        trusted: String,
        /// What else to do.
        how: String,
    },
    /// The file of trusted keys failed.
    #[error("`{0}`: {1}")]
    Known(std::path::PathBuf, std::io::Error),
    /// It says it committed what it cannot prove.
    #[error("the registry's receipt does not hold: {0}; keep it and ask why")]
    Receipt(String),
}

/// Who asks.
pub enum Party<'a> {
    /// An account of an authority.
    Key(&'a SignerKey),
    /// The subject.
    Token(&'a str),
    /// Somebody.
    Anybody,
}

/// Which key of a registry elsewhere is trusted.
pub enum Trust<'a> {
    /// This one.
    Key(&'a Vkey),
    /// The one it showed first, kept in this file.
    FirstUse(&'a std::path::Path),
}

/// A registry elsewhere.
pub struct Remote {
    base: String,
    client: Client,
    vkey: Vkey,
    tries: u32,
}

/// What is asked for, and its id where it may be sent again.
struct Asked<'a> {
    body: &'a Value,
    id: Option<&'a str>,
}

/// What became of one new record.
pub type Submitted = Result<Value, Vec<Problem>>;

impl Remote {
    /// Opens the way to the registry at `url` where it shows the key that `trust` says, and its log
    /// is signed with it; with it, whether the key was seen for the first time.
    pub fn trusting(url: &str, trust: &Trust<'_>) -> Result<(Remote, bool), RemoteError> {
        let remote = Remote::open(url)?;
        let changed = |trusted: String, how: String| RemoteError::KeyChanged { trusted, how };
        if let Trust::Key(vkey) = trust
            && **vkey != remote.vkey
        {
            return Err(changed(vkey.to_string(), String::new()));
        }
        let answer = remote.client.get(format!("{}/log/checkpoint", remote.base)).send();
        let answer = answer.map_err(|error| RemoteError::Connection(chain(&error)))?;
        if !answer.status().is_success() {
            return Err(RemoteError::Status(answer.status().as_u16()));
        }
        let text = String::from_utf8(read(answer)?).unwrap_or_default();
        if Checkpoint::open(&text, &remote.vkey).is_err() {
            return Err(RemoteError::Answer("its log is not signed with the key it shows"));
        }
        let Trust::FirstUse(file) = trust else { return Ok((remote, false)) };
        let known = known_registries::check(file, &remote.base, &remote.vkey);
        match known.map_err(|error| RemoteError::Known(file.to_path_buf(), error))? {
            Known::Same => Ok((remote, false)),
            Known::First => Ok((remote, true)),
            Known::Other(kept) => {
                let how = format!(", or change its line in `{}`", file.display());
                Err(changed(kept, how))
            }
        }
    }

    /// Asks the registry at `url` for the key of its log, and trusts it.
    pub fn open(url: &str) -> Result<Remote, RemoteError> {
        let base = url.trim_end_matches('/').to_owned();
        if !is_public_address(&base) {
            return Err(RemoteError::Address(url.to_owned()));
        }
        // The program has installed it already, and whoever uses this as a library need not know:
        // it fails only when there is one, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(TIMEOUT)
            // Signed for one address: nobody is followed to another.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("goodstanding/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| RemoteError::Connection(chain(&error)))?;
        let answer = client.get(format!("{base}/log/vkey")).send();
        let answer = answer.map_err(|error| RemoteError::Connection(chain(&error)))?;
        if !answer.status().is_success() {
            return Err(RemoteError::Status(answer.status().as_u16()));
        }
        let text = String::from_utf8(read(answer)?).unwrap_or_default();
        let vkey = Vkey::parse(text.trim()).map_err(|_| RemoteError::Answer("its key"))?;
        Ok(Remote { base, client, vkey, tries: TRIES })
    }

    /// The same with another number of tries.
    pub fn with_tries(self, tries: u32) -> Remote {
        Remote { tries, ..self }
    }

    /// The key of its log.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// Hands in new records of the account that holds `key`, a hundred at a time in one signed
    /// manifest; what became of each, in their order.
    pub fn submit(
        &self,
        submits: &[Value],
        key: &SignerKey,
    ) -> Result<Vec<Submitted>, RemoteError> {
        let mut outcomes = Vec::with_capacity(submits.len());
        for part in submits.chunks(ITEMS_MAX) {
            outcomes.extend(self.submit_part(part, key)?);
        }
        // Somebody else's record made the registry know the organisation meanwhile: once more.
        let is_late = |outcome: &Submitted| {
            let problems = outcome.as_ref().err().map(Vec::as_slice).unwrap_or_default();
            problems.iter().any(|problem| problem.refusal == Refusal::PreparedTooOld)
        };
        let late: Vec<usize> =
            (0..outcomes.len()).filter(|at| outcomes.get(*at).is_some_and(is_late)).collect();
        for part in late.chunks(ITEMS_MAX) {
            let again: Vec<Value> =
                part.iter().filter_map(|at| submits.get(*at)).cloned().collect();
            for (at, outcome) in part.iter().zip(self.submit_part(&again, key)?) {
                if let Some(place) = outcomes.get_mut(*at) {
                    *place = outcome;
                }
            }
        }
        Ok(outcomes)
    }

    fn submit_part(&self, part: &[Value], key: &SignerKey) -> Result<Vec<Submitted>, RemoteError> {
        let mut outcomes = Vec::with_capacity(part.len());
        let items: Vec<Value> = part.iter().map(|it| json!({ "submit": it })).collect();
        let (prepared, signed) = self.prepare(&items, key)?;
        let bodies: Vec<&Value> = signed.iter().map(|item| &item.body).collect();
        let answer = match bodies.is_empty() {
            true => json!({ "items": [] }),
            false => self.hand_in(&json!({ "items": bodies }), &Party::Key(key))?,
        };
        let mut answers = array(&answer)?.iter();
        for (index, item) in prepared.iter().enumerate() {
            if !signed.iter().any(|signed| signed.index == index) {
                outcomes.push(Err(problems(item)));
                continue;
            }
            let answer = answers.next().ok_or(RemoteError::Answer("an item is missing"))?;
            outcomes.push(match answer.get("receipt") {
                Some(receipt) => Ok(self.proved(receipt.clone())?),
                None => Err(problems(answer)),
            });
        }
        Ok(outcomes)
    }

    /// Takes a step in the case of `record`; its receipt.
    pub fn act(&self, record: &str, step: &Value, party: &Party<'_>) -> Result<Value, RemoteError> {
        let path = format!("/api/v1/cases/{record}/steps");
        let body = match party {
            Party::Key(key) => {
                let items = [json!({ "record": record, "step": step })];
                let (prepared, mut signed) = self.prepare(&items, key)?;
                match signed.pop() {
                    Some(item) => item.body,
                    None => {
                        return Err(RemoteError::Refused(
                            prepared.first().map(problems).unwrap_or_default(),
                        ));
                    }
                }
            }
            Party::Token(_) | Party::Anybody => json!({ "step": step }),
        };
        // Sent again while the registry is busy or the connection breaks, and done once.
        let mut random = [0; 16];
        SystemEntropy.fill(&mut random);
        let id = to_base64url(&random);
        let asked = Asked { body: &body, id: Some(&id) };
        self.proved(self.ask_once(Method::POST, &path, None, &asked, party)?)
    }

    /// The cases of whoever asks, page by page; `query` without `after`.
    pub fn list(
        &self,
        query: &[(&str, String)],
        party: &Party<'_>,
    ) -> Result<Vec<Value>, RemoteError> {
        let (mut cases, mut after) = (Vec::new(), None::<String>);
        loop {
            let given = query.iter().map(|(name, value)| (*name, value.as_str()));
            let query: Vec<String> = given
                .chain(after.as_deref().map(|after| ("after", after)))
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let query = (!query.is_empty()).then(|| query.join("&"));
            let path = "/api/v1/cases";
            let page = self.ask(Method::GET, path, query.as_deref(), &Value::Null, party)?;
            let found = page.get("cases").and_then(Value::as_array);
            cases.extend(found.ok_or(RemoteError::Answer("it has no cases"))?.iter().cloned());
            let next = page.get("next").and_then(Value::as_str).map(str::to_owned);
            // A registry that goes round in a circle is not followed.
            if next.is_none() || next == after {
                return Ok(cases);
            }
            after = next;
        }
    }

    /// Where the case of `record` stands.
    pub fn show(
        &self,
        record: &str,
        on: Option<&str>,
        party: &Party<'_>,
    ) -> Result<Value, RemoteError> {
        let query = on.map(|on| format!("on={on}"));
        let path = format!("/api/v1/cases/{record}");
        self.ask(Method::GET, &path, query.as_deref(), &Value::Null, party)
    }

    /// What the parties of the case of `record` are given to read.
    pub fn documents(
        &self,
        record: &str,
        language: &str,
        on: Option<&str>,
        party: &Party<'_>,
    ) -> Result<Value, RemoteError> {
        let on = on.map_or_else(String::new, |on| format!("&on={on}"));
        let query = format!("language={language}{on}");
        let path = format!("/api/v1/cases/{record}/documents");
        self.ask(Method::GET, &path, Some(&query), &Value::Null, party)
    }

    /// Lets `items` be prepared and signs what comes back: every item as it was answered, and those
    /// that can be handed in. Whether the receipts that follow hold is the caller's to look at.
    pub fn prepare(
        &self,
        items: &[Value],
        key: &SignerKey,
    ) -> Result<(Vec<Value>, Vec<SignedItem>), RemoteError> {
        let body = json!({ "items": items });
        let party = Party::Key(key);
        let answer = self.ask(Method::POST, "/api/v1/cases/prepare", None, &body, &party)?;
        let signed = signing::sign(items, &answer, self.vkey.name(), key, &mut SystemEntropy)?;
        Ok((array(&answer)?.to_vec(), signed))
    }

    /// Hands in new records that were prepared and signed; what became of each, not yet believed.
    pub fn hand_in(&self, body: &Value, party: &Party<'_>) -> Result<Value, RemoteError> {
        self.ask(Method::POST, "/api/v1/cases", None, body, party)
    }

    /// What follows from an organisation's file, asked as the authority of `key`.
    pub fn consult(&self, question: &Value, key: &SignerKey) -> Result<Value, RemoteError> {
        self.ask(Method::POST, "/api/v1/consults", None, question, &Party::Key(key))
    }

    /// Says what became of a measure, as the authority of `key`.
    pub fn give_feedback(&self, said: &Value, key: &SignerKey) -> Result<Value, RemoteError> {
        self.ask(Method::POST, "/api/v1/consults/feedback", None, said, &Party::Key(key))
    }

    /// Which of `records` stand, asked as the authority of `key`.
    pub fn held(&self, records: &[String], key: &SignerKey) -> Result<Value, RemoteError> {
        let body = json!({ "records": records });
        self.ask(Method::POST, "/api/v1/consults/held", None, &body, &Party::Key(key))
    }

    /// What was withdrawn since an entry of the log, for everybody.
    pub fn withdrawals(&self, since: u64, after: Option<u64>) -> Result<Value, RemoteError> {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let query = format!("since={since}{after}");
        let path = "/api/v1/withdrawals";
        self.ask(Method::GET, path, Some(&query), &Value::Null, &Party::Anybody)
    }

    fn proved(&self, receipt: Value) -> Result<Value, RemoteError> {
        match receipt::verify(&receipt, Some(&self.vkey)).0 {
            Outcome::True => Ok(receipt),
            outcome => Err(RemoteError::Receipt(outcome.reasons().join(", "))),
        }
    }

    fn ask(
        &self,
        method: Method,
        path: &str,
        query: Option<&str>,
        body: &Value,
        party: &Party<'_>,
    ) -> Result<Value, RemoteError> {
        self.ask_once(method, path, query, &Asked { body, id: None }, party)
    }

    fn ask_once(
        &self,
        method: Method,
        path: &str,
        query: Option<&str>,
        asked: &Asked<'_>,
        party: &Party<'_>,
    ) -> Result<Value, RemoteError> {
        let Asked { body, id } = asked;
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let mut tries = 1;
        loop {
            let failed = match self.send(&method, path, query, (&bytes, *id), party) {
                Ok(answer) if answer.status().as_u16() != 503 => return understood(answer),
                Ok(_) => RemoteError::Status(503),
                Err(error) => RemoteError::Connection(chain(&error)),
            };
            if tries >= self.tries {
                return Err(failed);
            }
            tries += 1;
            std::thread::sleep(PAUSE);
        }
    }

    fn send(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
        (bytes, id): (&[u8], Option<&str>),
        party: &Party<'_>,
    ) -> reqwest::Result<Response> {
        let query_text = query.map(|query| format!("?{query}")).unwrap_or_default();
        let address = format!("{}{path}{query_text}", self.base);
        let mut request = self.client.request(method.clone(), address);
        match party {
            Party::Key(key) => {
                let signable = Signable { method: method.as_str(), path, query };
                let now = SystemClock.now().micros() / 1_000_000;
                let origin = self.vkey.name();
                let signed = sign(&signable, bytes, origin, now, key, &mut SystemEntropy);
                request = request
                    .header("content-digest", signed.digest)
                    .header("signature-input", signed.input)
                    .header("signature", signed.signature);
            }
            Party::Token(token) => {
                request = request.bearer_auth(token.trim());
                if let Some(id) = id {
                    request = request.header("idempotency-key", id);
                }
            }
            Party::Anybody => {}
        }
        if *method == Method::POST {
            request = request.header("content-type", "application/json").body(bytes.to_vec());
        }
        request.send()
    }
}

fn understood(answer: Response) -> Result<Value, RemoteError> {
    let status = answer.status();
    let value: Value = serde_json::from_slice(&read(answer)?).unwrap_or_default();
    if status.is_success() {
        return Ok(value);
    }
    let mut problems = problems(&value);
    if problems.is_empty() {
        problems.extend(numbered(&value));
    }
    if problems.is_empty() {
        return Err(RemoteError::Status(status.as_u16()));
    }
    Err(RemoteError::Refused(problems))
}

fn read(answer: Response) -> Result<Vec<u8>, RemoteError> {
    let mut bytes = Vec::new();
    answer
        .take(ANSWER_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| RemoteError::Connection(error.to_string()))?;
    if bytes.len() as u64 > ANSWER_BYTES_MAX {
        return Err(RemoteError::Answer("it is too long"));
    }
    Ok(bytes)
}

fn array(answer: &Value) -> Result<&[Value], RemoteError> {
    let items = answer.get("items").and_then(Value::as_array);
    items.map(Vec::as_slice).ok_or(RemoteError::Answer("it has no items"))
}

/// The problems of an item, by their numbers: the words are this program's own.
fn problems(item: &Value) -> Vec<Problem> {
    let all = item.get("problems").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(numbered).collect()
}

fn numbered(problem: &Value) -> Option<Problem> {
    let number = problem.get("refusal")?.as_u64()?;
    let refusal = Refusal::ALL.iter().find(|refusal| u64::from(refusal.number()) == number)?;
    let column = problem.get("field").and_then(Value::as_str).map(str::to_owned);
    Some(Problem { column, ..Problem::of_input(*refusal) })
}
