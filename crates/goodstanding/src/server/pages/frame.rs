//! What every page has around its content: title, languages, sections, banner, foot.

use std::sync::Arc;

use super::super::visit::{App, Visit};
use super::super::wellknown::style_address;
use crate::messages::Messages;

/// Around the content of a page.
pub struct Frame {
    m: Arc<Messages>,
    /// The whole of `<title>`.
    pub title: String,
    /// The other languages this page is in.
    pub others: Vec<OtherLanguage>,
    /// This page, for `hreflang`.
    pub here: String,
    /// This page in the language for readers of none of ours.
    pub default_href: String,
    /// Whether search engines shall leave it.
    pub noindex: bool,
    /// Whether the registry is a demonstration.
    pub is_demo: bool,
    /// Name of the log.
    pub origin: String,
    /// Address of the style sheet.
    pub style: &'static str,
    /// What is in the search box.
    pub query: String,
    section: &'static str,
}

/// This page in another language.
pub struct OtherLanguage {
    /// `<a lang>` and `hreflang`.
    pub html: String,
    /// The language's name in itself.
    pub name: String,
    /// "Change language to", in that language.
    pub change_to: String,
    /// Where.
    pub href: String,
}

impl Frame {
    /// Around a page of a visit.
    pub fn of(visit: &Visit, heading: &str, noindex: bool) -> Frame {
        let query = visit.query.as_deref();
        Frame::new(&visit.app, &visit.messages, &visit.path, query, heading, noindex)
    }

    /// Around the page at `path` with `query`.
    pub fn new(
        app: &App,
        messages: &Arc<Messages>,
        path: &str,
        query: Option<&str>,
        heading: &str,
        noindex: bool,
    ) -> Frame {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let others = app
            .catalogue()
            .languages()
            .iter()
            .filter(|other| other.code() != messages.code())
            .map(|other| OtherLanguage {
                html: other.html_lang().to_owned(),
                name: other.t("language.name").to_owned(),
                change_to: other.t("language.change_to").to_owned(),
                href: format!("/{}{path}{query}", other.code()),
            })
            .collect();
        Frame {
            title: messages.fill("frame.title", &[("page", &heading)]),
            others,
            default_href: format!("/{}{path}{query}", app.catalogue().preferred(None).code()),
            here: format!("/{}{path}{query}", messages.code()),
            noindex,
            is_demo: app.registry().is_demo(),
            origin: app.registry().origin().to_owned(),
            style: style_address(),
            query: String::new(),
            section: section_of(path),
            m: messages.clone(),
        }
    }

    /// A text of this language.
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.m.t(key)
    }

    /// The code in addresses.
    pub fn code(&self) -> &str {
        self.m.code()
    }

    /// The value of `<html lang>`.
    pub fn lang(&self) -> &str {
        self.m.html_lang()
    }

    /// The program and its version.
    pub fn version(&self) -> String {
        self.m.fill("frame.version", &[("version", &env!("CARGO_PKG_VERSION"))])
    }

    /// Whether the page belongs to this section: its link is marked as the current one.
    pub fn is_in(&self, section: &str) -> bool {
        self.section == section
    }
}

fn section_of(path: &str) -> &'static str {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    [
        "search",
        "consult",
        "case",
        "lists",
        "sources",
        "log",
        "scope",
        "api",
        "authorities",
        "packs",
        "calendars",
        "statistics",
        "data",
        "refusals",
    ]
    .into_iter()
    .find(|section| *section == first)
    .unwrap_or("")
}
