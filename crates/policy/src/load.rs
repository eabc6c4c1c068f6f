//! From texts to packs: every file is read, then what files say about one another is checked.

use std::collections::BTreeMap;

use domain::authority::{Authority, AuthorityKey};
use domain::refusal::{Problem, Refusal};
use domain::text::Texts;
use toml::de::DeTable;

use crate::calendar::{self, CalendarRead};
use crate::catalogue::{self, EntryRead, MandateRead};
use crate::check;
use crate::citation::read_url;
use crate::layers::{self, Layered};
use crate::list::{self, ListRead};
use crate::measure::{self, MeasureRead};
use crate::pack::{Missing, PackFile, PackInfo, Packs, hash_of};
use crate::period::{self, Periods};
use crate::problem::PackProblem;
use crate::procedure::{self, ProcedureRead};
use crate::recognition::{self, RecognitionRead};
use crate::scope::Scope;
use crate::strict::{Located, Problems, Table};

/// The pack every other is laid on, and whose rules are the registry's own.
pub(crate) const GENERIC: &str = "generic";

/// What a path under the folder of packs is.
#[derive(Clone, Copy)]
enum Kind {
    Pack,
    Authorities,
    Periods,
    List,
    Calendar,
    Procedure,
    Entry,
    Measure,
    Mandates,
    Recognition,
}

/// Something read, with the file it is from.
pub(crate) struct Found<T> {
    pub(crate) file: usize,
    pub(crate) pack: String,
    pub(crate) read: T,
}

/// Everything read so far, with the problems of all files.
#[derive(Default)]
pub(crate) struct Loading {
    pub(crate) packs: BTreeMap<String, PackHead>,
    pub(crate) authorities: BTreeMap<AuthorityKey, Authority>,
    pub(crate) lists: Vec<(usize, ListRead)>,
    periods: Option<Periods>,
    pub(crate) calendars: Vec<Found<CalendarRead>>,
    pub(crate) procedures: Vec<Found<ProcedureRead>>,
    pub(crate) entries: Vec<Found<EntryRead>>,
    pub(crate) measures: Vec<Found<MeasureRead>>,
    pub(crate) mandates: Vec<Found<MandateRead>>,
    pub(crate) recognitions: Vec<Found<RecognitionRead>>,
    problems: Vec<PackProblem>,
    /// Whether a file could not be read as TOML: what it defines is then unknown, and references to
    /// it are not called broken.
    pub(crate) has_unreadable: bool,
}

impl Loading {
    /// Adds a problem of `key` at byte `at` of the file with this index.
    pub(crate) fn add(
        &mut self,
        files: &[PackFile],
        file: usize,
        at: usize,
        key: &str,
        refusal: Refusal,
        detail: &str,
    ) {
        let Some(file) = files.get(file) else { return };
        let mut problems = Problems::new(&file.path, &file.text);
        if detail.is_empty() {
            problems.add(at, key, refusal);
        } else {
            problems.add_with(at, key, refusal, detail);
        }
        self.problems.extend(problems.into_found());
    }

    /// How far `pack` reaches.
    pub(crate) fn scope(&self, pack: &str) -> Scope {
        self.packs.get(pack).map_or(Scope::National, |head| head.scope)
    }

    /// The packs `pack` is laid on, the nearest first, itself included.
    pub(crate) fn chain(&self, pack: &str) -> Vec<String> {
        let mut chain = vec![pack.to_owned()];
        while let Some(on) =
            chain.last().and_then(|last| self.packs.get(last)).and_then(|head| head.on.as_ref())
        {
            // A ring was refused; it must not keep the loader busy.
            if chain.contains(&on.value) {
                break;
            }
            chain.push(on.value.clone());
        }
        chain
    }
}

pub(crate) struct PackHead {
    title: Texts,
    version: String,
    pub(crate) is_fictional: bool,
    /// The pack it is laid on, with its place where the file names one.
    pub(crate) on: Option<Located<String>>,
    pub(crate) scope: Scope,
    pub(crate) file: usize,
    missing: Vec<Missing>,
}

pub(crate) fn load(files: &[PackFile]) -> Result<Packs, Vec<PackProblem>> {
    let mut loading = Loading::default();
    // Heads first: whether a pack is fictional decides how its other files are read.
    let (heads, others): (Vec<_>, Vec<_>) =
        files.iter().enumerate().partition(|(_, file)| file.path.ends_with("/pack.toml"));
    for (index, file) in heads.into_iter().chain(others) {
        read_file(index, file, &mut loading);
    }
    check_packs(files, &mut loading);
    let layered = layers::resolve(files, &mut loading);
    check::references(files, &layered, &mut loading);
    finish(files, loading, layered)
}

fn read_file(index: usize, file: &PackFile, loading: &mut Loading) {
    let Some((pack, kind)) = classify(&file.path) else {
        let problem = Problem::of_input(Refusal::PackMisplaced).with_detail(
            "known: pack.toml, authorities.toml, lists/*.toml, calendars/*.toml, procedure.toml, \
             catalogue/*.toml, measures/*.toml, mandates.toml, recognition.toml; the generic pack \
             has periods.toml and no catalogue, measures, mandates and recognition",
        );
        loading.problems.push(PackProblem { file: file.path.clone(), problem });
        return;
    };
    let mut problems = Problems::new(&file.path, &file.text);
    let (root, errors) = DeTable::parse_recoverable(&file.text);
    for error in &errors {
        problems.add_syntax(error.span().map_or(0, |span| span.start), error.message());
    }
    loading.has_unreadable |= !errors.is_empty();
    if errors.is_empty() {
        let root = Table::root(root.get_ref());
        read_kind(index, pack, kind, &root, loading, &mut problems);
    }
    loading.problems.extend(problems.into_found());
}

fn read_kind(
    index: usize,
    pack: &str,
    kind: Kind,
    root: &Table<'_>,
    loading: &mut Loading,
    problems: &mut Problems<'_>,
) {
    let is_fictional = loading.packs.get(pack).is_some_and(|head| head.is_fictional);
    match kind {
        Kind::Pack => {
            if let Some(head) = read_pack(root, pack, index, problems) {
                loading.packs.insert(pack.to_owned(), head);
            }
        }
        Kind::Authorities => read_authorities(root, pack, loading, problems),
        Kind::Periods => loading.periods = period::read(root, problems),
        Kind::List => {
            let read = list::read(root, pack, is_fictional, problems);
            loading.lists.extend(read.map(|read| (index, read)));
        }
        Kind::Calendar => {
            let read = calendar::read(root, is_fictional, problems);
            loading.calendars.extend(found(index, pack, read));
        }
        Kind::Procedure => {
            let read = procedure::read(root, is_fictional, problems);
            loading.procedures.extend(found(index, pack, Some(read)));
        }
        Kind::Entry => {
            let read = catalogue::read(root, pack, is_fictional, problems);
            loading.entries.extend(found(index, pack, read));
        }
        Kind::Measure => {
            let read = measure::read(root, pack, is_fictional, problems);
            loading.measures.extend(found(index, pack, read));
        }
        Kind::Mandates => {
            for read in catalogue::read_mandates(root, is_fictional, problems) {
                loading.mandates.extend(found(index, pack, Some(read)));
            }
        }
        Kind::Recognition => {
            let read = recognition::read(root, pack, is_fictional, problems);
            loading.recognitions.extend(found(index, pack, read));
        }
    }
}

fn found<T>(file: usize, pack: &str, read: Option<T>) -> Option<Found<T>> {
    read.map(|read| Found { file, pack: pack.to_owned(), read })
}

/// The pack a path belongs to and what kind of file it is.
fn classify(path: &str) -> Option<(&str, Kind)> {
    let (pack, rest) = path.split_once('/')?;
    let is_name = !pack.is_empty() && AuthorityKey::new(pack).is_some() && !pack.contains('.');
    // The registry's own rules say how proceedings run, never what may be put on record.
    let is_generic = pack == GENERIC;
    let kind = match rest.split_once('/') {
        None => match rest {
            "pack.toml" => Kind::Pack,
            "authorities.toml" => Kind::Authorities,
            "periods.toml" if is_generic => Kind::Periods,
            "procedure.toml" => Kind::Procedure,
            "mandates.toml" if !is_generic => Kind::Mandates,
            "recognition.toml" if !is_generic => Kind::Recognition,
            _ => return None,
        },
        Some((folder, name)) => {
            AuthorityKey::new(name.strip_suffix(".toml")?)?;
            match folder {
                "lists" => Kind::List,
                "calendars" => Kind::Calendar,
                "catalogue" if !is_generic => Kind::Entry,
                "measures" if !is_generic => Kind::Measure,
                _ => return None,
            }
        }
    };
    is_name.then_some((pack, kind))
}

fn read_pack(
    root: &Table<'_>,
    pack: &str,
    file: usize,
    problems: &mut Problems<'_>,
) -> Option<PackHead> {
    root.only(&["pack", "missing"], problems);
    if !root.has("pack") {
        root.missing("pack", Refusal::PackKeyMissing, problems);
    }
    let missing = root.tables("missing", problems);
    let missing = missing.iter().filter_map(|table| read_missing(table, problems)).collect();
    let table = root.table("pack", problems)?;
    table.only(&["name", "version", "title", "fictional", "on", "scope"], problems);
    let name = table.text("name", Refusal::PackKeyMissing, problems);
    if let Some(name) = name.filter(|name| name.value != pack) {
        let detail = "the name of a pack is that of its folder";
        problems.add_with(name.at, &table.key("name"), Refusal::PackMisplaced, detail);
    }
    let version = table.text("version", Refusal::PackKeyMissing, problems);
    let title = table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let is_fictional = table.flag("fictional", problems);
    let (on, scope) = read_layering(&table, pack, problems);
    Some(PackHead {
        title: title?,
        version: version?.value.to_owned(),
        is_fictional,
        on,
        scope,
        file,
        missing,
    })
}

/// What the pack is laid on, and how far it reaches: the generic pack for the registry, every other
/// on it and for a state unless the file says otherwise.
fn read_layering(
    table: &Table<'_>,
    pack: &str,
    problems: &mut Problems<'_>,
) -> (Option<Located<String>>, Scope) {
    if pack == GENERIC {
        for key in ["on", "scope"] {
            if table.has(key) {
                problems.add(table.place_of(key), &table.key(key), Refusal::LayerUnfit);
            }
        }
        return (None, Scope::Registry);
    }
    let on = if table.has("on") {
        let text = table.text("on", Refusal::PackKeyMissing, problems);
        text.map(|text| Located { value: text.value.to_owned(), at: text.at })
    } else {
        None
    };
    let on = on.unwrap_or(Located { value: GENERIC.to_owned(), at: table.at });
    let scope = if table.has("scope") {
        let scopes = format!("one of: {}", Scope::NAMED.map(Scope::key).join(", "));
        let refusal = Refusal::PackUnreadable;
        let scope = table.parsed("scope", refusal, &scopes, problems, Scope::from_key);
        scope.map(|scope| scope.value)
    } else {
        None
    };
    (Some(on), scope.unwrap_or(Scope::National))
}

fn read_missing(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Missing> {
    table.only(&["what", "reason"], problems);
    let what = table.texts("what", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let reason = table.texts("reason", &["en", "zh"], Refusal::PackKeyMissing, problems);
    Some(Missing { what: what?, reason: reason? })
}

fn read_authorities(
    root: &Table<'_>,
    pack: &str,
    loading: &mut Loading,
    problems: &mut Problems<'_>,
) {
    root.only(&["authority"], problems);
    for table in root.tables("authority", problems) {
        table.only(&["key", "names", "url"], problems);
        let plain = "expected: lower-case letters, digits, `-`, `_`, `.`";
        let key = table.parsed("key", Refusal::PackUnreadable, plain, problems, AuthorityKey::new);
        let names = table.texts("names", &[], Refusal::PackKeyMissing, problems);
        let url = read_url(&table, Refusal::PackKeyMissing, problems);
        let (Some(key), Some(names), Some(url)) = (key, names, url) else { continue };
        let path = table.key("key");
        if !belongs_to(key.value.as_str(), pack) {
            problems.add_with(
                key.at,
                &path,
                Refusal::PackMisplaced,
                "keys begin with the pack's name",
            );
        }
        let authority = Authority { key: key.value.clone(), names, url };
        if loading.authorities.insert(key.value, authority).is_some() {
            problems.add(key.at, &path, Refusal::PackKeyRepeated);
        }
    }
}

/// Whether `id` is `pack.` and something.
pub(crate) fn belongs_to(id: &str, pack: &str) -> bool {
    id.strip_prefix(pack).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'))
}

/// Every folder needs its `pack.toml`, and the generic pack its periods.
fn check_packs(files: &[PackFile], loading: &mut Loading) {
    let mut required: Vec<String> = files
        .iter()
        .filter_map(|file| classify(&file.path))
        .map(|(pack, _)| format!("{pack}/pack.toml"))
        .collect();
    required.push(format!("{GENERIC}/pack.toml"));
    required.push(format!("{GENERIC}/periods.toml"));
    required.sort_unstable();
    required.dedup();
    for path in required {
        if !files.iter().any(|file| file.path == path) {
            let problem = Problem::of_input(Refusal::PackKeyMissing)
                .with_detail("the file itself is missing");
            loading.problems.push(PackProblem { file: path, problem });
        }
    }
}

fn finish(
    files: &[PackFile],
    loading: Loading,
    layered: Layered,
) -> Result<Packs, Vec<PackProblem>> {
    let mut problems = loading.problems;
    let (Some(periods), true) = (loading.periods, problems.is_empty()) else {
        problems.sort_unstable();
        problems.dedup();
        return Err(problems);
    };
    let info = |(name, head): (String, PackHead)| {
        let folder = format!("{name}/");
        let hash = hash_of(files.iter().filter(|file| file.path.starts_with(&folder)));
        let PackHead { title, version, is_fictional, on, scope, missing, .. } = head;
        let on = on.map(|on| on.value);
        let fictional = is_fictional;
        (name.clone(), PackInfo { name, title, version, hash, fictional, on, scope, missing })
    };
    let lists = loading.lists.into_iter().map(|(_, read)| read.definition);
    let measures = loading.measures.into_iter().map(|found| found.read.measure);
    let recognitions = loading.recognitions.into_iter().map(|found| found.read.recognition);
    Ok(Packs {
        packs: loading.packs.into_iter().map(info).collect(),
        authorities: loading.authorities,
        lists: lists.map(|list| (list.id.clone(), list)).collect(),
        quotation: periods.quotation,
        identity_notice_days: periods.identity_notice_days,
        procedures: layered.procedures,
        calendars: layered.calendars,
        catalogue: layered.catalogue,
        measures: measures.map(|measure| (measure.id.clone(), measure)).collect(),
        mandates: loading.mandates.into_iter().map(|found| found.read.mandate).collect(),
        recognitions: recognitions.map(|rule| (rule.id.clone(), rule)).collect(),
        periods: periods.all,
        older: BTreeMap::new(),
        waits: BTreeMap::new(),
    })
}
