//! Pages of packs and of working days: who adopted what, what is not used yet, which days count.

mod server_support;
mod support;

use std::fs;

use domain::adoption::ReviewerPair;
use domain::identity::ReviewerHandle;
use goodstanding::cases::Desk;
use goodstanding::{adoption, reviewers, setup, shipped};
use server_support::{Fixture, Server};

fn reviewer(handle: &str) -> ReviewerHandle {
    ReviewerHandle::new(handle).unwrap()
}

#[test]
fn the_page_of_a_pack_says_who_adopted_it_and_what_is_not_used_yet() {
    let fixture = Fixture::get();
    let copy = fixture.copy();
    let (server, clock) = Server::open(copy.path(), fixture.now);
    let before = server.ok("/en/packs/us").page();
    assert!(before.text().contains("with the registry itself"), "{}", before.text());
    assert!(before.with_id("waits").is_none());
    // Longer on record, and more grounds for a list: both heavier.
    let folder = copy.path().join("draft/us");
    for file in shipped::packs().iter().filter(|file| file.path.starts_with("us/")) {
        let mut text = file.text.clone();
        if file.path == "us/pack.toml" {
            let line = text.lines().find(|line| line.starts_with("version")).unwrap().to_owned();
            text = text.replace(&line, "version = \"2099.1\"");
        }
        if file.path == "us/procedure.toml" {
            assert!(text.contains("value = 30\n"));
            text = text.replacen("value = 30\n", "value = 20\n", 1);
        }
        let path = folder.join(file.path.strip_prefix("us/").unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let handles = [reviewer("registrar-1"), reviewer("registrar-2")];
    reviewers::save(copy.path(), &handles.clone().into()).unwrap();
    let packs = setup::load_packs(copy.path()).unwrap();
    let told = {
        let mut desk = Desk::open(copy.path(), &packs, &*clock).unwrap();
        let candidate = adoption::candidate(copy.path(), &folder, &packs, desk.laws()).unwrap();
        let [one, two] = handles;
        let by = ReviewerPair::new(one, two).unwrap();
        adoption::adopt(&mut desk, &candidate, &by, false).unwrap()
    };
    // The same server, which nobody started again.
    let page = server.ok("/en/packs/us").page();
    let text = page.text();
    assert!(text.contains("2099.1") && text.contains("by registrar-1 and registrar-2"), "{text}");
    assert!(page.with_id("waits").is_some());
    assert!(text.contains("Periods of us: changed, used from"), "{text}");
    assert!(text.contains("Earlier versions") && text.contains("with the registry itself"));
    let zh = server.ok("/zh/packs/us").page();
    assert!(zh.text().contains("由 registrar-1 与 registrar-2 采用"), "{}", zh.text());
    assert!(server.ok("/en/packs/br").page().with_id("waits").is_none(), "of this pack alone");
    clock.set(told.in_use_from);
    assert!(server.ok("/en/packs/us").page().with_id("waits").is_none(), "the notice is over");
}

#[test]
fn working_days_are_shown_in_words_and_by_months() {
    let server = Fixture::get().server();
    let all = server.ok("/en/calendars").page();
    for id in ["cn.state-council", "us.federal", "generic.registry"] {
        assert!(all.text().contains(id), "{id}");
    }
    assert!(server.ok("/en/packs").text().contains("href=\"/en/calendars\""));
    let page = server.ok("/en/calendars/cn.state-council?year=2026").page();
    let text = page.text();
    assert_eq!(page.all("table").count(), 12);
    assert!(text.contains("1 October 2026") && text.contains("10 October 2026"), "{text}");
    assert!(text.contains("Notice of the General Office of the State Council"), "{text}");
    assert!(text.contains("Working days: 248"), "{text}");
    // The word stands beside the number: colour says nothing alone.
    let offs = page.all("td").filter(|td| td.attribute("class") == Some("day-off"));
    let offs: Vec<_> = offs.collect();
    assert_eq!(offs.len(), 19);
    assert!(offs.iter().all(|td| td.text.contains("off")), "{offs:?}");
    let zh = server.ok("/zh/calendars/cn.state-council?year=2026");
    assert!(zh.text().contains("2026年10月10日") && zh.text().contains('班'));
    let outside = server.ok("/en/calendars/cn.state-council?year=2027").page();
    assert!(outside.text().contains("do not cover this year"), "{}", outside.text());
    assert_eq!(outside.all("table").count(), 0);
    for address in ["/en/calendars/none", "/en/calendars/cn.state-council?year=x"] {
        assert!(server.get(address).status.is_client_error(), "{address}");
    }
}
