//! From texts to packs: every file is read, then what files say about one another is checked.

use std::collections::BTreeMap;

use domain::authority::{Authority, AuthorityKey};
use domain::refusal::{Problem, Refusal};
use domain::text::Texts;
use toml::de::DeTable;

use crate::citation::read_url;
use crate::list::{self, ListRead};
use crate::pack::{PackFile, PackInfo, Packs, hash_of};
use crate::period::{self, Periods};
use crate::problem::PackProblem;
use crate::strict::{Problems, Table};

/// The pack whose periods hold everywhere.
pub(crate) const GENERIC: &str = "generic";

/// What a path under the folder of packs is.
enum Kind {
    Pack,
    Authorities,
    Periods,
    List,
}

/// Everything read so far, with the problems of all files.
#[derive(Default)]
struct Loading {
    packs: BTreeMap<String, PackHead>,
    authorities: BTreeMap<AuthorityKey, Authority>,
    lists: Vec<(usize, ListRead)>,
    periods: Option<Periods>,
    problems: Vec<PackProblem>,
    /// Whether a file could not be read as TOML: what it defines is then unknown, and references to
    /// it are not called broken.
    has_unreadable: bool,
}

struct PackHead {
    title: Texts,
    version: String,
    is_fictional: bool,
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
    check_references(files, &mut loading);
    finish(files, loading)
}

fn read_file(index: usize, file: &PackFile, loading: &mut Loading) {
    let Some((pack, kind)) = classify(&file.path) else {
        let problem = Problem::of_input(Refusal::PackMisplaced).with_detail(
            "known: pack.toml, authorities.toml, periods.toml (generic), lists/*.toml",
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
        let is_fictional = loading.packs.get(pack).is_some_and(|head| head.is_fictional);
        match kind {
            Kind::Pack => {
                if let Some(head) = read_pack(&root, pack, &mut problems) {
                    loading.packs.insert(pack.to_owned(), head);
                }
            }
            Kind::Authorities => read_authorities(&root, pack, loading, &mut problems),
            Kind::Periods => loading.periods = period::read(&root, &mut problems),
            Kind::List => {
                if let Some(read) = list::read(&root, pack, is_fictional, &mut problems) {
                    loading.lists.push((index, read));
                }
            }
        }
    }
    loading.problems.extend(problems.into_found());
}

/// The pack a path belongs to and what kind of file it is.
fn classify(path: &str) -> Option<(&str, Kind)> {
    let (pack, rest) = path.split_once('/')?;
    let is_name = !pack.is_empty() && AuthorityKey::new(pack).is_some() && !pack.contains('.');
    let kind = match rest {
        "pack.toml" => Kind::Pack,
        "authorities.toml" => Kind::Authorities,
        "periods.toml" if pack == GENERIC => Kind::Periods,
        _ => {
            let name = rest.strip_prefix("lists/")?.strip_suffix(".toml")?;
            AuthorityKey::new(name).map(|_| Kind::List)?
        }
    };
    is_name.then_some((pack, kind))
}

fn read_pack(root: &Table<'_>, pack: &str, problems: &mut Problems<'_>) -> Option<PackHead> {
    root.only(&["pack"], problems);
    if !root.has("pack") {
        root.missing("pack", Refusal::PackKeyMissing, problems);
    }
    let table = root.table("pack", problems)?;
    table.only(&["name", "version", "title", "fictional"], problems);
    let name = table.text("name", Refusal::PackKeyMissing, problems);
    if let Some(name) = name.filter(|name| name.value != pack) {
        let detail = "the name of a pack is that of its folder";
        problems.add_with(name.at, &table.key("name"), Refusal::PackMisplaced, detail);
    }
    let version = table.text("version", Refusal::PackKeyMissing, problems);
    let title = table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let is_fictional = table.flag("fictional", problems);
    Some(PackHead { title: title?, version: version?.value.to_owned(), is_fictional })
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
fn belongs_to(id: &str, pack: &str) -> bool {
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

/// What lists say about their pack, about one another and about authorities.
fn check_references(files: &[PackFile], loading: &mut Loading) {
    let mut seen = Vec::new();
    for (index, read) in &loading.lists {
        let Some(file) = files.get(*index) else { continue };
        let mut problems = Problems::new(&file.path, &file.text);
        let list = &read.definition;
        if !belongs_to(list.id.as_str(), &list.pack) {
            let detail = "ids begin with the pack's name";
            problems.add_with(read.id_at, "list.id", Refusal::PackMisplaced, detail);
        }
        if seen.contains(&&list.id) {
            problems.add(read.id_at, "list.id", Refusal::PackKeyRepeated);
        }
        seen.push(&list.id);
        if !loading.has_unreadable && !loading.authorities.contains_key(&list.authority) {
            problems.add(read.authority_at, "list.authority", Refusal::ReferenceBroken);
        }
        loading.problems.extend(problems.into_found());
    }
}

fn finish(files: &[PackFile], loading: Loading) -> Result<Packs, Vec<PackProblem>> {
    let mut problems = loading.problems;
    let (Some(periods), true) = (loading.periods, problems.is_empty()) else {
        problems.sort_unstable();
        problems.dedup();
        return Err(problems);
    };
    let info = |(name, head): (String, PackHead)| {
        let folder = format!("{name}/");
        let hash = hash_of(files.iter().filter(|file| file.path.starts_with(&folder)));
        let PackHead { title, version, is_fictional } = head;
        (name.clone(), PackInfo { name, title, version, hash, fictional: is_fictional })
    };
    let lists = loading.lists.into_iter().map(|(_, read)| read.definition);
    Ok(Packs {
        packs: loading.packs.into_iter().map(info).collect(),
        authorities: loading.authorities,
        lists: lists.map(|list| (list.id.clone(), list)).collect(),
        quotation: periods.quotation,
        identity_notice_days: periods.identity_notice_days,
        periods: periods.all,
    })
}
