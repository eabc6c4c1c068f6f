//! Event to JSON.

use serde_json::{Map, Value, json};

use domain::civil::{End, Period};
use domain::event::{Event, EventBody, OrganisationRegistered, SnapshotTaken};
use domain::organisation::Name;
use domain::record::Record;

/// An event taken apart: what is hashed in the clear of the payload, and what is disclosed beside it.
pub struct Encoded {
    /// Members of the payload but `body`.
    pub members: Map<String, Value>,
    /// The body but `_sd`.
    pub body: Map<String, Value>,
    /// Field and text of each disclosure.
    pub disclosed: Vec<(String, String)>,
}

/// Takes `event` apart.
pub fn event(event: &Event) -> Encoded {
    let mut members = Map::new();
    let mut put = |key: &str, text: String| members.insert(key.to_owned(), Value::String(text));
    put("type", event.body.wire_type().to_owned());
    put("at", event.at.to_string());
    if let Some(organisation) = event.body.organisation() {
        put("subject", organisation.to_string());
    }
    if let Some(record) = event.body.record() {
        put("record", record.to_string());
    }
    if let Some(authority) = event.body.authority() {
        put("authority", authority.to_string());
    }
    if let EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) = &event.body {
        put("law", record.pack.clone());
    }
    // System and quotation events are authorised by the registry's job identity (design 9.3).
    members.insert("sig".to_owned(), json!({"job": "registry"}));

    let (body, disclosed) = match &event.body {
        EventBody::OrganisationRegistered(registered) => organisation(registered),
        EventBody::IdentifierClaimed(claimed) => {
            let claim = &claimed.claim;
            let body = json!({
                "scheme": claim.scheme().key(), "status": claim.status().key(), "value": claim.value(),
            });
            (body, Vec::new())
        }
        EventBody::NameClaimed(claimed) => name(&claimed.name, Map::new()),
        EventBody::RecordSubmitted(body) | EventBody::RecordRevised(body) => record(body),
        EventBody::QuotationVanished(vanished) => {
            let body = json!({
                "list": vanished.list.as_str(), "read_on": vanished.read_on.to_string(),
            });
            (body, Vec::new())
        }
        EventBody::SnapshotTaken(taken) => (snapshot(taken), Vec::new()),
        EventBody::ProfileAdopted(adopted) => {
            let body = json!({
                "hash": adopted.hash, "licence": adopted.licence, "profile": adopted.profile.as_str(),
            });
            (body, Vec::new())
        }
    };
    let body = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    Encoded { members, body, disclosed }
}

type Parts = (Value, Vec<(String, String)>);

fn organisation(registered: &OrganisationRegistered) -> Parts {
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!(registered.kind.key()));
    if let Some(form) = &registered.legal_form {
        body.insert("legal_form".to_owned(), json!(form.as_str()));
    }
    if let Some(country) = &registered.country {
        body.insert("country".to_owned(), json!(country.as_str()));
    }
    if let Some(entry) = &registered.entry {
        body.insert("entry".to_owned(), json!(entry.to_string()));
    }
    let (body, mut disclosed) = name(&registered.name, body);
    if let Some(place) = &registered.place {
        disclosed.push(("place".to_owned(), place.clone()));
    }
    (body, disclosed)
}

fn name(name: &Name, mut body: Map<String, Value>) -> Parts {
    body.insert("name_language".to_owned(), json!(name.language));
    body.insert("name_role".to_owned(), json!(name.role.key()));
    body.insert("name_script".to_owned(), json!(name.script));
    (Value::Object(body), vec![("name".to_owned(), name.text.clone())])
}

fn snapshot(taken: &SnapshotTaken) -> Value {
    json!({
        "extent": taken.extent.key(),
        "list": taken.list.as_str(),
        "part": taken.part,
        "parts": taken.parts,
        "profile": taken.profile.as_str(),
        "read_on": taken.read_on.to_string(),
        "reread": taken.reread.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "rows": taken.rows,
        "standing": taken.standing,
        "vanished": taken.vanished,
    })
}

fn record(record: &Record) -> Parts {
    let quotation = &record.quotation;
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("type", json!(record.record_type().key()));
    put("mode", json!("quoted"));
    put("revision", json!(record.revision));
    put("list", json!(quotation.list.as_str()));
    put("entries", quotation.entries.iter().map(|entry| json!(entry.as_str())).collect());
    put("profile", json!(quotation.profile.as_str()));
    put("row", json!(quotation.row_key.to_string()));
    put("digest", json!(quotation.row_digest.to_string()));
    put("read_on", json!(quotation.read_on.to_string()));
    put("zone", json!(record.zone));
    if let Some(days) = quotation.current_days_max {
        put("current_days_max", json!(days));
    }
    if let Some(days) = quotation.hidden_after_days {
        put("hidden_after_days", json!(days));
    }
    if !record.grounds.is_empty() {
        put("grounds", record.grounds.iter().map(|ground| json!(ground.key())).collect());
    }
    if let Some(act) = record.act {
        put("act", json!(act.key()));
    }
    if let Some(end_at) = record.end_at {
        put("end_at", json!(end_at.to_string()));
    }
    put("period", period(&record.period));
    let mut disclosed = vec![("name_as_written".to_owned(), record.subject.name_as_written.clone())];
    disclosed.extend(record.body.fields().into_iter().map(|(key, text)| (key.to_owned(), text)));
    (Value::Object(body), disclosed)
}

fn period(period: &Period) -> Value {
    let mut value = Map::new();
    if let Some(start) = period.start {
        value.insert("start".to_owned(), json!(start.to_string()));
    }
    match &period.end {
        Some(End::On(day)) => value.insert("end".to_owned(), json!(day.to_string())),
        Some(End::Indefinite { basis }) => value.insert("indefinite".to_owned(), json!(basis)),
        None => None,
    };
    Value::Object(value)
}
