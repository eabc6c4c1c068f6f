//! What a source says about an organisation goes with its last record: nothing tells that it had
//! one (I-15, promise P5).

mod support;

use std::collections::BTreeSet;

use domain::civil::Instant;
use domain::event::{EventBody, IdentifierClaimed, NameClaimed, QuotationVanished};
use domain::identifiers::{IdentifierClaim, claim, scheme::Scheme};
use domain::ids::{OrganisationId, RecordId};
use domain::organisation::OrganisationKind;
use goodstanding_projections::Announcements;
use goodstanding_projections::file::OrganisationFile;
use ledger::wire::Leaf;
use support::{Source, What, Who, World, bank, day, instant, name, record, sources, what};

const LEI: &str = "529900T8BM49AURSDO55";

/// An organisation known from an exclusion, and a permit of another authority that adds nothing to
/// who it is: the name and the identifier were known.
struct Scene {
    world: World,
    organisation: OrganisationId,
    exclusion: RecordId,
    permit: RecordId,
    /// Positions of what the publisher of the exclusion said.
    registered: u64,
    identified: u64,
    named: u64,
    permitted: u64,
}

fn excluded() -> Source {
    sources()[0].clone()
}

fn permits() -> Source {
    Source { authority: bank(), ..sources()[1].clone() }
}

fn lei() -> IdentifierClaim {
    claim(&Scheme::new("lei").unwrap(), LEI).unwrap()
}

fn scene(seed: u64, last: Option<&str>) -> Scene {
    let mut world = World::new(seed);
    let registered = world.reader().size().unwrap();
    let who = Who { country: Some("BR"), legal_form: Some("XTIQ"), ..Who::named("ACME LTDA") };
    let exclusion = What { last: last.map(day), ..what(&excluded(), 1, "2026-03-01") };
    let (organisation, exclusion) = world.quote(&who, &exclusion);
    let authority = excluded().authority;
    let identified = IdentifierClaimed { organisation, authority: authority.clone(), claim: lei() };
    let named = NameClaimed { organisation, authority, name: name("Acme Obras") };
    let claims = vec![
        (EventBody::IdentifierClaimed(identified), true),
        (EventBody::NameClaimed(named), true),
    ];
    let identified = world.append(claims, Vec::new());
    let permit = world.ledger.mint_record(world.now);
    let body = record(permit, 1, organisation, "Acme Ltda", &what(&permits(), 2, "2026-03-01"));
    let permitted =
        world.append(vec![(EventBody::RecordSubmitted(Box::new(body)), true)], Vec::new());
    world.follow(100);
    let named = identified + 1;
    Scene { world, organisation, exclusion, permit, registered, identified, named, permitted }
}

fn is_open(lines: &[String], position: u64) -> bool {
    !lines[position as usize].starts_with(&format!("{position} - "))
}

impl Scene {
    fn vanish(&mut self) {
        let vanished = QuotationVanished {
            record: self.exclusion,
            organisation: self.organisation,
            authority: excluded().authority,
            list: excluded().list,
            read_on: day("2026-03-01"),
        };
        self.world.append(vec![(EventBody::QuotationVanished(vanished), false)], Vec::new());
        self.world.follow(100);
    }

    fn come_back(&mut self) {
        let id = self.world.ledger.mint_record(self.world.now);
        let row = what(&excluded(), 1, "2026-03-01");
        let body = record(id, 1, self.organisation, "ACME LTDA", &row);
        let submitted = EventBody::RecordSubmitted(Box::new(body));
        self.world.append(vec![(submitted, true)], Vec::new());
        self.world.follow(100);
    }

    fn file(&self, at: Option<u64>, on: Option<Instant>) -> Option<OrganisationFile> {
        let (public, reader) = (self.world.public(), self.world.reader());
        let answer = public.file(&reader, self.organisation, at, on, self.world.now).unwrap();
        answer.map(|answer| answer.file)
    }

    fn search(&self, query: &str) -> String {
        let (public, reader) = (self.world.public(), self.world.reader());
        format!("{:?}", public.search(&reader, query, 20, self.world.now).unwrap().hits)
    }

    fn redirect(&self) -> Option<OrganisationId> {
        let (public, reader) = (self.world.public(), self.world.reader());
        public.redirect(&reader, &lei(), self.world.now).unwrap()
    }

    fn payload(&self) -> Vec<String> {
        let (public, reader) = (self.world.public(), self.world.reader());
        let size = reader.size().unwrap() as u16;
        let bundle = public.payload_bundle(&reader, 0, size, self.world.now).unwrap().unwrap();
        bundle.lines().map(str::to_owned).collect()
    }

    fn due(&self) -> Announcements {
        self.world.tables().announcements(self.world.now).unwrap()
    }

    /// Positions of everything that goes with the exclusion: its only revision is at the second.
    fn of_exclusion(&self) -> [u64; 4] {
        [self.registered, self.registered + 1, self.identified, self.named]
    }

    fn tells_nothing_of_the_exclusion(&self) {
        let is_silent = |what: &str, text: &str| {
            for word in [LEI, "ACME LTDA", "Acme Obras", "\"BR\"", "XTIQ", "test.publisher"] {
                assert!(!text.contains(word), "{word} in {what}: {text}");
            }
        };
        let size = self.world.reader().size().unwrap();
        for on in [None, Some(self.world.now), Some(instant("2026-03-01T13:00:00Z"))] {
            for at in (0..=size).map(Some).chain([None]) {
                let Some(file) = self.file(at, on) else { continue };
                is_silent("a file", &format!("{file:?}"));
                assert!(at.is_none_or(|at| at > self.permitted), "known too early");
            }
        }
        let file = self.file(None, None).unwrap();
        assert_eq!(file.name.text, "Acme Ltda");
        assert_eq!((file.kind, file.country), (OrganisationKind::Unstated, None));
        assert!(file.identifiers.is_empty() && file.other_names.is_empty());
        let kinds: Vec<_> = file.timeline.iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, ["record_submitted"]);
        assert_eq!(self.search(LEI), "[]");
        assert_eq!(self.search("acme obras"), "[]");
        assert_eq!(self.search("obras"), "[]");
        let found = self.search("acme ltda");
        assert!(found.contains("Acme Ltda"), "the permit is still found: {found}");
        is_silent("a hit", &found);
        assert_eq!(self.redirect(), None);
        let lines = self.payload();
        for position in self.of_exclusion() {
            assert_eq!(lines[position as usize], format!("{position} - withheld"));
        }
        assert!(is_open(&lines, self.permitted));
        self.pages_tell_nothing(&is_silent);
    }

    fn pages_tell_nothing(&self, is_silent: &dyn Fn(&str, &str)) {
        let (public, reader, now) = (self.world.public(), self.world.reader(), self.world.now);
        for position in self.of_exclusion() {
            let entry = public.log_entry(&reader, position, now).unwrap().unwrap();
            assert_eq!((entry.entry.state, entry.entry.organisation), ("withheld", None));
            assert!(entry.opening.is_none());
        }
        let list = public.list(&reader, &permits().list, None, 9, now).unwrap().unwrap();
        assert_eq!(list.entries[0].name.text, "Acme Ltda");
        let permit = public.record(&reader, self.permit, now).unwrap().unwrap();
        assert_eq!(permit.organisation_name.text, "Acme Ltda");
        is_silent("a record", &format!("{permit:?}"));
        assert!(public.record(&reader, self.exclusion, now).unwrap().is_none());
        // The next row with this identifier still joins.
        let joined = self.world.tables().organisation_by_claim(&reader, &lei()).unwrap();
        assert_eq!(joined, Some(self.organisation));
    }

    fn tells_everything(&self) {
        let file = self.file(None, None).unwrap();
        assert_eq!((file.name.text.as_str(), file.kind.key()), ("ACME LTDA", "enterprise"));
        assert_eq!((file.identifiers.len(), file.other_names.len()), (1, 1));
        assert!(file.country.is_some() && file.legal_form.is_some());
        assert_eq!(self.redirect(), Some(self.organisation));
        for query in [LEI, "acme obras", "acme ltda"] {
            assert!(self.search(query).contains("ACME LTDA"), "{query}");
        }
    }
}

#[test]
fn i15_what_a_source_said_goes_when_its_record_vanished() {
    let mut scene = scene(1, None);
    scene.tells_everything();
    let lines = scene.payload();
    assert!(scene.of_exclusion().iter().all(|position| is_open(&lines, *position)));
    scene.vanish();
    scene.tells_nothing_of_the_exclusion();
    assert_eq!(scene.world.dump(), scene.world.rebuilt_dump());
}

#[test]
fn i15_what_a_source_said_goes_at_the_instant_its_record_ends() {
    let mut scene = scene(2, Some("2026-03-03"));
    let end = instant("2026-03-04T03:00:00Z");
    scene.world.now = Instant::from_micros(end.micros() - 1);
    scene.tells_everything();
    scene.world.now = end;
    scene.tells_nothing_of_the_exclusion();
    scene.world.now = end.plus_hours(100_000);
    scene.tells_nothing_of_the_exclusion();
}

#[test]
fn i15_what_a_source_said_goes_when_it_is_not_read_again() {
    let mut scene = scene(3, None);
    scene.world.now = instant("2026-03-16T02:59:00Z");
    scene.tells_everything();
    scene.world.now = instant("2026-03-16T03:00:00Z");
    scene.tells_nothing_of_the_exclusion();
}

#[test]
fn p5_claims_are_withheld_with_the_last_record_and_opened_again_when_it_returns() {
    let spread = |ranges: &[(u64, u64)]| -> BTreeSet<u64> {
        ranges.iter().flat_map(|(first, last)| *first..=*last).collect()
    };
    let mut scene = scene(4, None);
    assert_eq!(scene.due(), Announcements::default());
    scene.vanish();
    let due = scene.due();
    assert_eq!(spread(&due.withhold), scene.of_exclusion().into());
    assert!(due.open.is_empty());
    scene
        .world
        .append(Vec::new(), vec![Leaf::Withhold { ranges: due.withhold, fields: Vec::new() }]);
    scene.world.follow(100);
    assert_eq!(scene.due(), Announcements::default());
    scene.tells_nothing_of_the_exclusion();

    scene.come_back();
    scene.tells_everything();
    let due = scene.due();
    assert_eq!(spread(&due.open), [scene.registered, scene.identified, scene.named].into());
    assert!(due.withhold.is_empty());
    scene.world.append(Vec::new(), vec![Leaf::Open { ranges: due.open }]);
    scene.world.follow(100);
    assert_eq!(scene.due(), Announcements::default());
    let lines = scene.payload();
    let opened = [scene.registered, scene.identified, scene.named];
    assert!(opened.iter().all(|position| is_open(&lines, *position)));
    let gone = scene.registered + 1;
    assert_eq!(lines[gone as usize], format!("{gone} - withheld"), "what vanished stays away");
}

#[test]
fn p5_what_another_source_says_too_stays() {
    let mut scene = scene(5, None);
    let organisation = scene.organisation;
    let identified = IdentifierClaimed { organisation, authority: bank(), claim: lei() };
    let named = NameClaimed { organisation, authority: bank(), name: name("Acme Holding") };
    let claims = vec![
        (EventBody::IdentifierClaimed(identified), true),
        (EventBody::NameClaimed(named), true),
    ];
    let own = scene.world.append(claims, Vec::new());
    scene.vanish();
    let file = scene.file(None, None).unwrap();
    assert_eq!(file.name.text, "Acme Holding");
    assert!(file.other_names.is_empty(), "it is the main name now");
    let identifiers: Vec<_> = file.identifiers.iter().map(|shown| shown.position).collect();
    assert_eq!(identifiers, [own]);
    assert_eq!(scene.redirect(), Some(organisation));
    assert!(scene.search(LEI).contains("Acme Holding"));
    let entries: Vec<_> = file.timeline.iter().map(|entry| entry.position).collect();
    assert_eq!(entries, [scene.permitted, own, own + 1]);
    assert_eq!(scene.file(Some(own), None).unwrap().name.text, "Acme Ltda");
}
