//! A strict reader of HTML for tests: what it accepts is nested properly, quoted and escaped, so
//! that an injected tag or a forgotten end tag fails the test that meets it.

use std::collections::BTreeMap;

const VOID: [&str; 5] = ["meta", "link", "input", "br", "hr"];
const ENTITIES: [&str; 9] = ["amp", "lt", "gt", "quot", "#34", "#38", "#39", "#60", "#62"];

/// An element with the text of everything in it.
#[derive(Debug, Default, Clone)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    /// Names of the elements around it, the outermost first.
    pub around: Vec<String>,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// A page that was read without a fault, elements in the order of their start tags.
pub struct Page {
    pub elements: Vec<Element>,
}

impl Page {
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Element> + use<'a> {
        let name = name.to_owned();
        self.elements.iter().filter(move |element| element.name == name)
    }

    pub fn one(&self, name: &str) -> &Element {
        let mut all = self.all(name);
        let one = all.next().unwrap_or_else(|| panic!("no <{name}>"));
        assert!(all.next().is_none(), "more than one <{name}>");
        one
    }

    pub fn with_id(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.attribute("id") == Some(id))
    }

    pub fn text(&self) -> &str {
        &self.one("body").text
    }
}

/// Reads a page; panics with what is wrong.
pub fn read(html: &str) -> Page {
    let html = html.strip_prefix("<!doctype html>").expect("doctype");
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(at) = rest.find('<') else {
            assert!(rest.trim().is_empty(), "text after the last tag: {rest}");
            break;
        };
        let text = unescape(&rest[..at]);
        open.iter().for_each(|index| elements[*index].text.push_str(&text));
        let end = at + rest[at..].find('>').expect("a tag without end");
        let tag = &rest[at + 1..end];
        assert!(!tag.starts_with('!'), "a comment or a second doctype: <{tag}>");
        if let Some(name) = tag.strip_prefix('/') {
            let closed = open.pop().unwrap_or_else(|| panic!("</{name}> closes nothing"));
            assert_eq!(elements[closed].name, name, "wrong nesting before {}", &rest[at..end]);
        } else {
            let (name, attributes) = start_tag(tag);
            let around = open.iter().map(|index| elements[*index].name.clone()).collect();
            let is_void = VOID.contains(&name.as_str());
            elements.push(Element { name, attributes, text: String::new(), around });
            if !is_void {
                open.push(elements.len() - 1);
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "never closed: {:?}", elements[open[0]]);
    Page { elements }
}

fn start_tag(tag: &str) -> (String, BTreeMap<String, String>) {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "<{tag}>");
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let key = &rest[..end];
        let value = match rest[end..].strip_prefix("=\"") {
            Some(after) => {
                let close = after.find('"').unwrap_or_else(|| panic!("unquoted in <{tag}>"));
                rest = &after[close + 1..];
                unescape(&after[..close])
            }
            None => {
                assert!(!rest[end..].starts_with('='), "an unquoted value in <{tag}>");
                rest = &rest[end..];
                String::new()
            }
        };
        assert!(attributes.insert(key.to_owned(), value).is_none(), "{key} twice in <{tag}>");
    }
    (name.to_owned(), attributes)
}

fn unescape(text: &str) -> String {
    assert!(!text.contains('>'), "an unescaped > in: {text}");
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').expect("an unescaped &");
        assert!(ENTITIES.contains(&entity), "&{entity};");
        out.push(match entity {
            "amp" | "#38" => '&',
            "lt" | "#60" => '<',
            "gt" | "#62" => '>',
            "#39" => '\'',
            _ => '"',
        });
        out.push_str(after);
    }
    out
}
