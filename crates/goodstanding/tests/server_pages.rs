//! Every page in every language: well-formed, labelled, linked, translated, and honest about what
//! is a quotation.

mod server_support;
mod support;

use std::collections::{BTreeSet, HashSet, VecDeque};

use axum::http::StatusCode;
use goodstanding::messages::Catalogue;
use server_support::html::{Element, Page};
use server_support::{BANK, CHINESE, ENDING, Fixture, HOSTILE, LARGE, LIST, Server};

const LANGUAGES: [(&str, &str); 2] = [("en", "en"), ("zh", "zh-Hans")];

fn every_page(server: &Server, mut check: impl FnMut(&str, &str, &str, Page)) {
    for (code, lang) in LANGUAGES {
        for path in server.pages() {
            let address = format!("/{code}{path}");
            let answer = server.ok(&address);
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{address}");
            assert_eq!(answer.header("content-language"), lang, "{address}");
            check(&address, lang, answer.text(), answer.page());
        }
    }
}

fn hidden_free_text(element: &Element) -> String {
    element.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_page_is_well_formed_titled_and_labelled() {
    every_page(&Fixture::get().server(), |address, lang, _, page| {
        assert_eq!(page.one("html").attribute("lang"), Some(lang), "{address}");
        let titles = page.all("title").filter(|title| title.around.iter().any(|e| e == "head"));
        let [title] = titles.map(|title| &title.text).collect::<Vec<_>>()[..] else {
            panic!("{address}: not one title")
        };
        assert!(title.ends_with(" - Goodstanding") && title.len() > 15, "{address}: {title}");
        assert!(!hidden_free_text(page.one("h1")).is_empty(), "{address}");
        assert_eq!(page.one("main").attribute("id"), Some("content"), "{address}");
        check_headings(address, &page);
        check_ids(address, &page);
        check_tables(address, &page);
        check_forms(address, &page);
        check_pictures(address, &page);
        check_landmarks(address, &page);
        for element in &page.elements {
            assert!(!["script", "style", "iframe", "img"].contains(&element.name.as_str()));
            for name in element.attributes.keys() {
                assert!(!name.starts_with("on") && name != "style", "{address}: {name}");
            }
        }
    });
}

fn check_headings(address: &str, page: &Page) {
    let levels = page
        .elements
        .iter()
        .filter_map(|element| element.name.strip_prefix('h')?.parse::<u8>().ok());
    levels.fold(0, |before, level| {
        assert!(level <= before + 1, "{address}: h{level} after h{before}");
        level
    });
}

fn check_ids(address: &str, page: &Page) {
    let mut seen = BTreeSet::new();
    for element in &page.elements {
        if let Some(id) = element.attribute("id") {
            assert!(seen.insert(id.to_owned()), "{address}: id {id} twice");
        }
    }
    for element in &page.elements {
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            for id in element.attribute(name).unwrap_or_default().split_whitespace() {
                assert!(seen.contains(id), "{address}: {name} names {id}, which is not there");
            }
        }
        let link = element.attribute("href").filter(|href| href.starts_with('#'));
        if let Some(id) = link {
            assert!(seen.contains(&id[1..]), "{address}: {id}");
        }
    }
}

fn check_tables(address: &str, page: &Page) {
    assert_eq!(page.all("table").count(), page.all("caption").count(), "{address}");
    for caption in page.all("caption") {
        assert!(!hidden_free_text(caption).is_empty(), "{address}");
    }
    for header in page.all("th") {
        let scope = header.attribute("scope");
        let expected = if header.around.iter().any(|name| name == "thead") { "col" } else { "row" };
        assert_eq!(scope, Some(expected), "{address}: {}", header.text);
    }
    let rows = page.all("tr").filter(|row| row.around.iter().any(|name| name == "tbody")).count();
    let headed = page.all("th").filter(|th| th.attribute("scope") == Some("row")).count();
    assert_eq!(rows, headed, "{address}: a row without a header");
    for cell in page.all("td") {
        assert!(cell.attribute("data-label").is_some(), "{address}: a cell without its label");
    }
    for region in page.elements.iter().filter(|e| e.attribute("role") == Some("region")) {
        assert_eq!(region.attribute("tabindex"), Some("0"), "{address}");
        assert!(region.attribute("aria-labelledby").is_some(), "{address}");
    }
}

/// A picture says what it is, and its figures are in a table of the same page.
fn check_pictures(address: &str, page: &Page) {
    for picture in page.all("svg") {
        assert_eq!(picture.attribute("role"), Some("img"), "{address}");
        let named = picture.attribute("aria-labelledby").unwrap_or_default();
        assert_eq!(named.split(' ').count(), 2, "{address}: title and description");
        for id in named.split(' ') {
            let text = page.with_id(id).unwrap_or_else(|| panic!("{address}: {id}"));
            assert!(!text.text.trim().is_empty(), "{address}: {id}");
        }
    }
    if page.all("svg").next().is_some() {
        assert!(page.all("table").count() > 0, "{address}: a picture without its table");
    }
}

/// One of each landmark, everything readable inside of one, the skip link first.
fn check_landmarks(address: &str, page: &Page) {
    for name in ["header", "main", "aside", "footer"] {
        assert_eq!(page.all(name).count(), 1, "{address}: {name}");
    }
    let first = page.all("a").next().unwrap();
    assert_eq!(first.attribute("href"), Some("#content"), "{address}: the skip link is not first");
    let labels: Vec<_> = page.all("nav").filter_map(|nav| nav.attribute("aria-label")).collect();
    let distinct: BTreeSet<_> = labels.iter().collect();
    assert_eq!(labels.len(), distinct.len(), "{address}: two navs of one name: {labels:?}");
    for name in ["h1", "table", "form", "dl"] {
        for element in page.all(name) {
            assert!(
                element.around.iter().any(|e| e == "main"),
                "{address}: {name} outside of main"
            );
        }
    }
    for item in page.all("li") {
        let parent = item.around.last().map(String::as_str);
        assert!(matches!(parent, Some("ul" | "ol")), "{address}: li in {parent:?}");
    }
}

fn check_forms(address: &str, page: &Page) {
    for input in page.all("input") {
        let id = input.attribute("id").unwrap();
        let label = page.all("label").find(|label| label.attribute("for") == Some(id));
        assert!(label.is_some_and(|label| !label.text.is_empty()), "{address}: {id}");
    }
    for button in page.all("button") {
        assert!(!button.text.trim().is_empty(), "{address}");
    }
    for nav in page.all("nav") {
        assert!(nav.attribute("aria-label").is_some_and(|label| !label.is_empty()), "{address}");
    }
}

#[test]
fn a_link_text_says_where_it_leads() {
    every_page(&Fixture::get().server(), |address, _, _, page| {
        let mut targets = std::collections::BTreeMap::new();
        for link in page.all("a") {
            let text = hidden_free_text(link);
            let href = link.attribute("href").unwrap_or_else(|| panic!("{address}: {text}"));
            assert!(!text.is_empty(), "{address}: a link to {href} without text");
            let before = targets.entry(text.clone()).or_insert_with(|| href.to_owned());
            // The sources of a page and its section of sources are told apart by their place.
            assert_eq!(before, href, "{address}: two links `{text}` lead to different pages");
        }
    });
}

#[test]
fn no_text_is_left_untranslated() {
    let catalogue = Catalogue::load().unwrap();
    let keys: HashSet<String> = catalogue.get("en").unwrap().keys().map(str::to_owned).collect();
    let families: HashSet<&str> = keys.iter().filter_map(|key| key.split('.').next()).collect();
    every_page(&Fixture::get().server(), |address, _, html, page| {
        for word in html.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')) {
            let word = word.trim_matches('.');
            assert!(!keys.contains(word), "{address}: the key {word} is shown");
            let mut parts = word.split('.');
            let is_like_a_key = parts.next().is_some_and(|first| families.contains(first))
                && parts.next().is_some_and(|second| !second.is_empty());
            let is_a_list = word.starts_with("api.") || word.contains(".example");
            let is_a_file =
                ["feed.atom", "feed.json", "performance.csv", "statistics.csv"].contains(&word);
            let is_a_list = is_a_list || is_a_file || word.ends_with(".md");
            assert!(!is_like_a_key || is_a_list, "{address}: {word} looks like a key");
        }
        // `{` in a text is a placeholder nobody filled; names, JSON and addresses keep theirs.
        for element in page.all("p").chain(page.all("h2")).chain(page.all("dt")) {
            let text = element.text.replace("{{7*7}}", "");
            assert!(!text.contains('{'), "{address}: {text}");
        }
    });
}

#[test]
fn chinese_pages_are_chinese() {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    every_page(&Fixture::get().server(), |address, lang, _, page| {
        for name in ["h2", "dt", "caption", "button", "label"] {
            for element in page.all(name).filter(|e| e.attribute("lang").is_none()) {
                let has_han = element.text.chars().any(is_han);
                assert!(has_han == (lang == "zh-Hans"), "{address}: {}", element.text);
            }
        }
    });
}

#[test]
fn every_link_leads_somewhere() {
    let server = Fixture::get().server();
    let mut waiting: VecDeque<String> = ["/en/".to_owned(), "/zh/".to_owned()].into();
    waiting.extend(server.pages().iter().map(|path| format!("/en{path}")));
    let mut seen: HashSet<String> = waiting.iter().cloned().collect();
    let mut asked = 0;
    while let Some(address) = waiting.pop_front() {
        let answer = server.ok(&address);
        asked += 1;
        if !answer.header("content-type").starts_with("text/html") || asked > 250 {
            continue;
        }
        let page = answer.page();
        for link in page.all("a").chain(page.all("link")) {
            let href = link.attribute("href").unwrap();
            assert!(
                href.starts_with('/') || href.starts_with('#') || href.starts_with("http"),
                "{address}: {href}"
            );
            let (path, fragment) = href.split_once('#').unwrap_or((href, ""));
            if path.starts_with('/') && seen.insert(path.to_owned()) {
                waiting.push_back(path.to_owned());
            }
            if path.starts_with('/') && !fragment.is_empty() {
                let target = server.ok(path).page();
                assert!(target.with_id(fragment).is_some(), "{address}: {href}");
            }
        }
    }
    assert!(asked > 60, "only {asked} pages were found by following links");
}

#[test]
fn the_language_switch_stays_on_the_page() {
    every_page(&Fixture::get().server(), |address, lang, _, page| {
        let other = if lang == "en" { "zh-Hans" } else { "en" };
        let switch = page.all("a").find(|link| link.attribute("hreflang") == Some(other)).unwrap();
        assert_eq!(switch.attribute("lang"), Some(other), "{address}");
        let target = switch.attribute("href").unwrap();
        assert_eq!(target[3..], address[3..], "{address}");
        let alternates: BTreeSet<&str> =
            page.all("link").filter_map(|link| link.attribute("hreflang")).collect();
        assert_eq!(alternates, BTreeSet::from(["en", "x-default", "zh-Hans"]), "{address}");
    });
}

#[test]
fn adverse_pages_and_searches_are_not_indexed() {
    let server = Fixture::get().server();
    let noindex = |path: &str| {
        let answer = server.ok(path);
        let in_page =
            answer.page().all("meta").any(|meta| meta.attribute("name") == Some("robots"));
        assert_eq!(in_page, answer.header("x-robots-tag") == "noindex, noarchive", "{path}");
        in_page
    };
    for code in ["en", "zh"] {
        let page = |path: &str| format!("/{code}{path}");
        assert!(noindex(&page(&format!("/organisations/{}", server.organisation(CHINESE)))));
        assert!(noindex(&page(&format!("/records/{}", server.record(CHINESE)))));
        assert!(noindex(&page(&format!("/lists/{LIST}"))));
        assert!(noindex(&page("/search?q=example")));
        assert!(!noindex(&page(&format!("/organisations/{}", server.organisation(BANK)))));
        assert!(!noindex(&page("/")));
        assert!(!noindex(&page("/scope")));
    }
}

#[test]
fn i_66_a_quotation_is_labelled_with_publisher_and_day_of_reading() {
    let fixture = Fixture::get();
    let server = fixture.server();
    let day = support::today();
    let organisation = server.ok(&format!("/en/organisations/{}", server.organisation(ENDING)));
    let text = organisation.page().text().to_owned();
    assert!(text.contains("quotation") && text.contains("Inter-American Development Bank"));
    let read_on = format!("<time datetime=\"{day}\">");
    assert!(organisation.text().contains(&read_on));
    assert!(text.contains("1 exclusion from procurement is in effect."), "{text}");
    let record = server.ok(&format!("/zh/records/{}", server.record(ENDING)));
    assert!(record.text().contains(&read_on));
    let text = record.page().text().to_owned();
    assert!(text.contains("转引") && text.contains("美洲开发银行"), "{text}");
    // Ten days later the list was not read again: shown, marked, counted nowhere.
    let (later, _) = fixture.server_after(10 * 24);
    let page = later.ok(&format!("/en/organisations/{}", server.organisation(LARGE))).page();
    assert!(page.text().contains("50 entries are not current."), "{}", page.text());
    assert!(!page.text().contains("are in effect"), "{}", page.text());
    assert!(page.all("span").any(|tag| tag.text == "not current"));
    let page = later.ok(&format!("/en/records/{}", server.record(LARGE))).page();
    assert!(page.text().contains("The list was not read again in time."));
}

#[test]
fn i_06_an_entry_is_gone_the_instant_its_term_is_over() {
    let fixture = Fixture::get();
    let server = fixture.server();
    let path = format!("/en/organisations/{}", server.organisation(ENDING));
    let record = format!("/en/records/{}", server.record(ENDING));
    server.ok(&path);
    let (later, clock) = fixture.server_after(24);
    later.ok(&path);
    clock.advance(24 * 2);
    for path in [path, record] {
        assert_eq!(later.get(&path).status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn an_unknown_and_an_unsupported_organisation_answer_alike() {
    let fixture = Fixture::get();
    let (later, _) = fixture.server_after(3 * 24);
    let gone = fixture.server().organisation(ENDING);
    let unknown = "018f0000-0000-7000-8000-000000000000";
    for prefix in ["/en/organisations/", "/zh/organisations/", "/api/v1/organisations/"] {
        let bodies = [gone.as_str(), unknown, "not-an-id"].map(|id| {
            let answer = later.get(&format!("{prefix}{id}"));
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{prefix}{id}");
            let headers: Vec<_> = answer
                .headers
                .iter()
                .filter(|(name, _)| *name != "content-length")
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect();
            (answer.text().replace(id, "ID"), headers)
        });
        assert_eq!(bodies[0], bodies[1], "{prefix}");
        assert_eq!(bodies[0], bodies[2], "{prefix}");
    }
}

#[test]
fn markup_in_names_stays_text() {
    let server = Fixture::get().server();
    let id = server.organisation(HOSTILE);
    let record = server.record(HOSTILE);
    for code in ["en", "zh"] {
        let page = server.ok(&format!("/{code}/organisations/{id}")).page();
        assert_eq!(page.one("h1").text.trim(), HOSTILE);
        assert!(page.text().contains("<i>Nowhere</i>"));
        let page = server.ok(&format!("/{code}/records/{record}")).page();
        assert!(page.text().contains("<img src=x onerror=alert(2)> & co"));
        let page = server.ok(&format!("/{code}/lists/{LIST}")).page();
        assert!(page.text().contains(HOSTILE) || page.text().contains("Fifty"));
        let query = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
        let page = server.ok(&format!("/{code}/search?q={query}")).page();
        let box_ = page.all("input").find(|input| input.attribute("name") == Some("q")).unwrap();
        assert_eq!(box_.attribute("value"), Some("\"><script>alert(1)</script>"));
    }
}

#[test]
fn names_keep_their_language_and_their_direction() {
    let server = Fixture::get().server();
    let h1 = |code: &str, name: &str| {
        let id = server.organisation(name);
        let page = server.ok(&format!("/{code}/organisations/{id}")).page();
        let heading = page.one("h1").clone();
        assert!(page.all("bdi").any(|bdi| bdi.around.iter().any(|around| around == "h1")));
        heading.attribute("lang").map(str::to_owned)
    };
    assert_eq!(h1("en", CHINESE).as_deref(), Some("zh"));
    assert_eq!(h1("zh", CHINESE), None);
    assert_eq!(h1("zh", LARGE).as_deref(), Some("en"));
    assert_eq!(h1("en", "شركة المثال (Example) للتجارة").as_deref(), Some("ar"));
    let page = server.ok(&format!("/en/organisations/{}", server.organisation(CHINESE))).page();
    let other = page.all("dd").find(|dd| dd.text.starts_with("Fictional Sea Breeze")).unwrap();
    assert_eq!(other.attribute("lang"), None);
}

#[test]
fn the_record_page_shows_a_proof_that_was_checked() {
    let server = Fixture::get().server();
    let id = server.record(CHINESE);
    let answer = server.ok(&format!("/en/records/{id}"));
    let page = answer.page();
    assert!(page.text().contains("was checked for this page and holds"));
    let record = server.registry.record(id.parse().unwrap()).unwrap().unwrap();
    for hash in [&record.proof.leaf_hash, &record.proof.commitment] {
        assert_eq!(hash.len(), 64);
        assert!(page.text().contains(hash.as_str()));
    }
    let path = page.all("ol").find(|list| list.attribute("class") == Some("hashes")).unwrap();
    assert!(path.text.split_whitespace().all(|hash| hash.len() == 64), "{}", path.text);
    for part in ["/proof", "/opening", "/opening.txt"] {
        let href = format!("/api/v1/records/{id}{part}");
        assert!(page.all("a").any(|link| link.attribute("href") == Some(&href)));
    }
}

#[test]
fn a_twin_is_suggested_with_its_reason() {
    let server = Fixture::get().server();
    let name = "Twin Example Bridges Ltd";
    let page = server.ok(&format!("/en/organisations/{}", server.organisation(name))).page();
    assert!(page.with_id("twins").is_some(), "{}", page.text());
    assert!(page.text().contains("the same name without legal form, in another country"));
}

#[test]
fn a_page_of_fifty_records_stays_small() {
    let server = Fixture::get().server();
    let style = server.ok("/assets/style.css").bytes.len();
    for code in ["en", "zh"] {
        let answer = server.ok(&format!("/{code}/organisations/{}", server.organisation(LARGE)));
        let table = answer.page();
        let rows = table.all("td").filter(|td| td.text.contains("2026") || td.text.contains("20"));
        assert!(rows.count() >= 50, "{code}");
        let bytes = answer.bytes.len() + style;
        println!("{code}: {bytes} bytes with the style sheet");
        assert!(bytes <= 60 * 1024, "{code}: {bytes} bytes");
    }
}

#[test]
fn a_search_that_misses_says_what_that_means() {
    let server = Fixture::get().server();
    let page = server.ok("/en/search?q=zzzzqqqq").page();
    let status = page.elements.iter().find(|e| e.attribute("role") == Some("status")).unwrap();
    assert_eq!(status.text, "Nothing was found.");
    assert!(page.text().contains("This does not mean that the organisation is in good standing"));
    assert!(page.text().contains("zzzzqqqq"));
    let page = server.ok("/en/search?q=TEST00GOODSTANDING58").page();
    let status = page.elements.iter().find(|e| e.attribute("role") == Some("status")).unwrap();
    assert_eq!(status.text, "1 organisation matches.");
    assert!(page.text().contains("identifier"), "{}", page.text());
    let page = server.ok(&format!("/en/search?q={}", "x".repeat(201))).page();
    assert!(page.one("title").text.starts_with("Error: "));
    assert!(page.elements.iter().any(|e| e.attribute("role") == Some("alert")));
}

#[test]
fn a_demonstration_says_so_on_every_page() {
    let fixture = Fixture::get();
    let copy = fixture.copy();
    std::fs::write(copy.path().join("demo"), "").unwrap();
    let (demo, _) = Server::open(copy.path(), fixture.now);
    let banner = |server: &Server, path: &str| {
        let page = server.get(path).page();
        page.elements.iter().any(|element| element.attribute("class") == Some("banner"))
    };
    for path in demo.pages().iter().chain([&"/nonsense".to_owned()]) {
        assert!(banner(&demo, &format!("/en{path}")), "{path}");
        assert!(banner(&demo, &format!("/zh{path}")), "{path}");
    }
    assert!(!banner(&fixture.server(), "/en/"));
}

#[test]
fn identifiers_lead_to_the_file() {
    let server = Fixture::get().server();
    let large = server.organisation(LARGE);
    let leads = |path: &str, to: &str| {
        let answer = server.get(path);
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.header("location"), to, "{path}");
    };
    leads("/zh/organisations/lei:TEST00GOODSTANDING58", &format!("/zh/organisations/{large}"));
    leads(
        "/en/organisations?scheme=lei&value=test00goodstanding58",
        &format!("/en/organisations/{large}"),
    );
    leads(&format!("/organisations/{large}"), &format!("/en/organisations/{large}"));
    // A wrong check digit, an unknown identifier and an unknown scheme lead nowhere.
    for path in ["lei:TEST00GOODSTANDING59", "lei:529900T8BM49AURSDO55", "nope:1", "lei:"] {
        let status = server.get(&format!("/en/organisations/{path}")).status;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(server.get("/en/organisations?scheme=lei").status, StatusCode::BAD_REQUEST);
}

#[test]
fn the_file_as_known_before_the_first_record_is_empty() {
    let server = Fixture::get().server();
    let path = format!("/en/organisations/{}", server.organisation(LARGE));
    assert_eq!(server.get(&format!("{path}?at=1")).status, StatusCode::NOT_FOUND);
    assert_eq!(server.get(&format!("{path}?at=x")).status, StatusCode::BAD_REQUEST);
    assert_eq!(server.get(&format!("{path}?at=99999999")).status, StatusCode::NOT_FOUND);
    assert_eq!(server.get(&format!("{path}?on=yesterday")).status, StatusCode::BAD_REQUEST);
}
