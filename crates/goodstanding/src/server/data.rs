//! Files for download under `/data/`, and the catalogue that describes them (DCAT 3, JSON-LD).
//!
//! Addresses in the catalogue are relative to its own: it names no host and can be copied with the
//! files.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::civil::Instant;
use policy::{Citation, ListDefinition};
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;

use super::problem::Fault;
use super::visit::{App, Freshness, Sheet, Visit, cache_control, matches_etag};
use crate::bulk::{self, DataFile, Snapshot, Standing};
use crate::registry::{ListSummary, Registry};

/// Everything under `/data/`.
pub fn routes() -> Router<App> {
    Router::new().route("/data/catalog.jsonld", get(catalogue)).route("/data/{file}", get(file))
}

/// The snapshot that may be served; the fault that says that it is being made.
pub fn served(registry: &Registry) -> Result<Snapshot, Fault> {
    match bulk::standing(registry)? {
        Standing::Served(snapshot) => Ok(*snapshot),
        Standing::Stale => Err(Fault::BeingMade),
    }
}

type Key = Result<Path<String>, axum::extract::rejection::PathRejection>;

async fn file(visit: Visit, name: Key) -> Response {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    if !["records.csv.gz", "organisations.jsonl.gz", "records.own.jsonl.gz"]
        .contains(&name.as_str())
    {
        return visit.fault(Fault::not_found());
    }
    let registry = visit.app.registry().clone();
    // Opened in the same step in which it was found to stand: a snapshot that is replaced meanwhile
    // stays readable through the open file.
    let opened = visit.app.read(move || open(&registry, &name)).await;
    let (file, packed, until) = match opened {
        Some(Ok(opened)) => opened,
        Some(Err(fault)) => return visit.fault(fault),
        None => return visit.fault(Fault::Internal("opening a file for download".to_owned())),
    };
    let etag = format!("\"{}\"", file.sha256);
    let now = visit.app.registry().now();
    let mut response = if visit.if_none_match.as_deref().is_some_and(|tag| matches_etag(tag, &etag))
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(packed), 64 * 1024);
        let mut response = Response::new(Body::from_stream(stream));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
        response
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ETAG, etag),
        (header::CACHE_CONTROL, cache_control(until, now)),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    let robots = header::HeaderName::from_static("x-robots-tag");
    headers.insert(robots, HeaderValue::from_static("noindex, noarchive"));
    response
}

fn open(
    registry: &Registry,
    name: &str,
) -> Result<(DataFile, std::fs::File, Option<Instant>), Fault> {
    let snapshot = served(registry)?;
    let file = snapshot.files.iter().find(|file| file.name == name).ok_or(Fault::BeingMade)?;
    // Removed by hand, or replaced at this moment: the next one is being made.
    let opened = std::fs::File::open(bulk::path_of(registry, &snapshot, file))
        .map_err(|_| Fault::BeingMade)?;
    Ok((file.clone(), opened, until(&snapshot)))
}

/// From when the snapshot may not be served any more.
fn until(snapshot: &Snapshot) -> Option<Instant> {
    snapshot.valid_until.as_deref()?.parse().ok()
}

async fn catalogue(visit: Visit) -> Response {
    visit
        .without_validator()
        .answer(|visit| {
            let registry = visit.app.registry();
            let snapshot = served(registry)?;
            let lists = registry.lists()?;
            let document = document(visit, &snapshot, &lists);
            Ok(Sheet {
                body: serde_json::to_vec_pretty(&document).unwrap_or_default(),
                content_type: "application/ld+json",
                until: Freshness::AskAgain,
                noindex: false,
            })
        })
        .await
}

fn document(visit: &Visit, snapshot: &Snapshot, lists: &[ListSummary]) -> Value {
    let registry = visit.app.registry();
    let packs = registry.packs();
    let read = lists.iter().filter_map(|list| Some((list, packs.list(&list.id)?)));
    let parts: Vec<Value> = read.map(|(summary, list)| part(registry, summary, list)).collect();
    let datasets: Vec<Value> =
        std::iter::once(whole(visit, snapshot, lists)).chain(parts).collect();
    json!({
        "@context": context(),
        "@id": "catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": texts(visit, "data.catalogue_title"),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": registry.origin()},
        "dct:modified": moment(&snapshot.made_at),
        "dct:language": ["en", "zh"],
        "foaf:homepage": {"@id": "/"},
        "dcat:dataset": datasets,
    })
}

fn context() -> Value {
    json!({
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "spdx": "http://spdx.org/rdf/terms#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}

/// The whole registry with its files.
fn whole(visit: &Visit, snapshot: &Snapshot, lists: &[ListSummary]) -> Value {
    let distributions: Vec<Value> = snapshot
        .files
        .iter()
        .map(|file| {
            json!({
                "@id": file.name,
                "@type": "dcat:Distribution",
                "dct:title": texts(visit, &format!("data.form_{}", file.form)),
                "dcat:downloadURL": {"@id": file.name},
                "dcat:mediaType": media_type(&file.media_type),
                "dcat:compressFormat": media_type("application/gzip"),
                "dcat:byteSize": {
                    "@type": "xsd:nonNegativeInteger", "@value": file.bytes.to_string(),
                },
                "spdx:checksum": {
                    "@type": "spdx:Checksum",
                    "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                    "spdx:checksumValue": file.sha256,
                },
                "dct:modified": moment(&snapshot.made_at),
                "dct:rights": texts(visit, "data.rights"),
            })
        })
        .collect();
    let parts: Vec<Value> =
        lists.iter().map(|list| json!({"@id": format!("#{}", list.id)})).collect();
    let mut value = json!({
        "@id": "#registry",
        "@type": "dcat:Dataset",
        "dct:title": texts(visit, "data.dataset_title"),
        "dct:description": texts(visit, "data.dataset_description"),
        // The position on the log is the version of the data.
        "dcat:version": snapshot.position.to_string(),
        "dct:identifier": format!("{}@{}", visit.app.registry().origin(), snapshot.position),
        "dct:modified": moment(&snapshot.made_at),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": visit.app.registry().origin()},
        "dct:hasPart": parts,
        "dcat:distribution": distributions,
    });
    if let (Some(until), Some(members)) = (&snapshot.valid_until, value.as_object_mut()) {
        members.insert("dct:valid".to_owned(), moment(until));
    }
    value
}

/// One list that is quoted: whose it is, and on what terms.
fn part(registry: &Registry, summary: &ListSummary, list: &ListDefinition) -> Value {
    let packs = registry.packs();
    let authority = packs.authority(&list.authority);
    let names = authority.map(|authority| by_language(&authority.names.0)).unwrap_or_default();
    let mut value = json!({
        "@id": format!("#{}", list.id),
        "@type": "dcat:Dataset",
        "dct:identifier": list.id.to_string(),
        "dct:title": by_language(&list.title.0),
        "dct:publisher": {
            "@type": "foaf:Agent", "@id": authority.map(|authority| authority.url.clone()),
            "foaf:name": names,
        },
        "dct:source": {"@id": list.url},
        "dcat:landingPage": {"@id": format!("/en/lists/{}", list.id)},
        "dct:isPartOf": {"@id": "#registry"},
    });
    let Some(members) = value.as_object_mut() else { return value };
    if let Some(read_on) = summary.last_read {
        let read_on = json!({"@type": "xsd:date", "@value": read_on.to_string()});
        members.insert("dct:modified".to_owned(), read_on);
    }
    match &list.licence {
        Some(licence) => members.insert("dct:license".to_owned(), licence_document(licence)),
        None => members.insert("dct:rights".to_owned(), json!(UNKNOWN_TERMS)),
    };
    value
}

/// Said of a list whose terms nobody has read: silence would be taken for permission.
const UNKNOWN_TERMS: &str =
    "The publisher's terms apply; this registry has read no licence of this list.";

fn licence_document(licence: &Citation) -> Value {
    json!({
        "@type": "dct:LicenseDocument",
        "@id": licence.url,
        "dct:title": by_language(&licence.instrument.0),
        "dct:description": licence.short("en"),
    })
}

fn media_type(text: &str) -> Value {
    let plain = text.split(';').next().unwrap_or_default();
    json!({"@id": format!("https://www.iana.org/assignments/media-types/{plain}")})
}

fn moment(text: &str) -> Value {
    json!({"@type": "xsd:dateTime", "@value": text})
}

fn by_language(texts: &std::collections::BTreeMap<String, String>) -> Vec<Value> {
    let tagged = texts.iter();
    tagged.map(|(language, text)| json!({"@language": language, "@value": text})).collect()
}

/// A text of ours in every language there is.
fn texts(visit: &Visit, key: &str) -> Vec<Value> {
    let languages = visit.app.catalogue().languages().iter();
    languages.map(|m| json!({"@language": m.html_lang(), "@value": m.t(key)})).collect()
}
