//! The reference of the API, made from the OpenAPI document itself: an operation that is described
//! there is on this page, with an example that a test asks and compares.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::super::api;
use super::super::visit::{Freshness, Visit};
use super::frame::Frame;
use super::sheet;

/// Requests and what they answered, by path of the document. The test
/// `examples_of_the_reference_are_what_the_server_answers` asks each of them again.
static EXAMPLES: LazyLock<BTreeMap<String, Example>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../assets/api_examples.json")).unwrap_or_default()
});

#[derive(Deserialize)]
struct Example {
    request: String,
    status: u16,
    answer: Value,
}

/// Files that are no operations of the document: other programs' formats say what they hold.
const FILES: [(&str, &str); 9] = [
    ("/log/checkpoint", "api.checkpoint"),
    ("/log/tile/{level}/{index}", "api.static"),
    ("/log/tile/entries/{index}", "api.bundle"),
    ("/log/payload/{index}", "api.payload"),
    ("/data/catalog.jsonld", "api.catalogue"),
    ("/data/{file}", "api.data"),
    ("/{language}/feed.atom", "api.feed"),
    ("/{language}/organisations/{id}/feed.atom", "api.organisation_feed"),
    ("/.well-known/goodstanding.json", "api.descriptor"),
];

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    f: Frame,
    groups: Vec<Tagged>,
    files: Vec<FileAddress>,
}

/// Operations under one tag of the document.
struct Tagged {
    id: String,
    title: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    text: String,
    /// What the document says beyond that, in English.
    description: Option<String>,
    parameters: Vec<Parameter>,
    answers: Vec<(String, String)>,
    example: Option<ExampleShown>,
}

struct Parameter {
    name: String,
    place: &'static str,
    is_required: bool,
    kind: String,
    description: String,
}

struct ExampleShown {
    request: String,
    status: u16,
    answer: String,
}

struct FileAddress {
    path: &'static str,
    text: String,
}

pub async fn show(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let document = serde_json::to_value(api::document()).unwrap_or_default();
            let page = ApiPage {
                f: Frame::of(visit, m.t("api.title"), false),
                groups: groups(visit, &document),
                files: FILES
                    .iter()
                    .map(|(path, key)| FileAddress { path, text: m.t(key).to_owned() })
                    .collect(),
            };
            sheet(&page, Freshness::Until(None), false)
        })
        .await
}

/// The members of an array under `key`.
fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The members of an object under `key`, in their order.
fn members<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn groups(visit: &Visit, document: &Value) -> Vec<Tagged> {
    let m = &visit.messages;
    items(document, "tags")
        .map(|tag| text(tag, "name"))
        .map(|tag| Tagged {
            id: format!("tag-{tag}"),
            title: m.t(&format!("api.tag_{tag}")).to_owned(),
            operations: operations(visit, document, tag),
        })
        .collect()
}

fn operations(visit: &Visit, document: &Value, tag: &str) -> Vec<Operation> {
    members(document, "paths")
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (path, method, operation))
        })
        .filter(|(_, _, operation)| items(operation, "tags").any(|one| one == tag))
        .map(|(path, method, operation)| operation_of(visit, (method, path), operation))
        .collect()
}

fn operation_of(visit: &Visit, (method, path): (&str, &str), operation: &Value) -> Operation {
    let m = &visit.messages;
    let id = text(operation, "operationId").to_owned();
    Operation {
        text: m.t(&format!("api.{id}")).to_owned(),
        id,
        method: method.to_uppercase(),
        path: path.to_owned(),
        description: operation.get("description").and_then(Value::as_str).map(str::to_owned),
        parameters: items(operation, "parameters")
            .map(|parameter| Parameter {
                name: text(parameter, "name").to_owned(),
                place: match text(parameter, "in") {
                    "path" => "api.in_path",
                    _ => "api.in_query",
                },
                is_required: parameter.get("required") == Some(&Value::Bool(true)),
                kind: kind_of(parameter),
                description: text(parameter, "description").to_owned(),
            })
            .collect(),
        answers: members(operation, "responses")
            .map(|(status, answer)| (status.clone(), text(answer, "description").to_owned()))
            .collect(),
        example: EXAMPLES.get(path).filter(|_| method == "get").map(|example| ExampleShown {
            request: example.request.clone(),
            status: example.status,
            answer: match &example.answer {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                answer => serde_json::to_string_pretty(answer).unwrap_or_default(),
            },
        }),
    }
}

/// `string`, `integer`: the first type that is not null.
fn kind_of(parameter: &Value) -> String {
    let kinds = match parameter.pointer("/schema/type") {
        Some(Value::Array(kinds)) => kinds.clone(),
        kind => kind.cloned().into_iter().collect(),
    };
    let mut kinds = kinds.iter().filter_map(Value::as_str);
    kinds.find(|kind| *kind != "null").unwrap_or_default().to_owned()
}
