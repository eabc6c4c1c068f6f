//! A signed, dated answer (spec/answer.md): what was asked, what followed, from which state of the
//! log, under which packs, and until when it may be used. A C2SP signed note by a key of its own,
//! so that nothing it signs can pass for a checkpoint, nor the other way round.
//!
//! **Invariant:** no such note can be used for longer than a day, whatever signed it: it is no
//! certificate.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use domain::case::{MeasureId, Territory};
use domain::civil::{Day, Instant};
use domain::ids::{OrganisationId, RecordId};
use due_process::consult::WhyNot;
use ledger::SystemEntropy;
use ledger::format::FormatError;
use ledger::note::{self, Checkpoint, SignerKey, Vkey};
use ledger::verify::Outcome;
use policy::Packs;
use policy::measure::{AddresseeRole, Effect, MeasureFamily};

use crate::answer_keys;
use crate::consulting::Answered;

/// First line of what is signed.
pub const FIRST_LINE: &str = "goodstanding/answer/v1";
/// Last line of what is signed.
const LAST_LINE: &str =
    "This is a basis for a decision by whoever asked, for a time. It is no certificate.";
/// What follows the origin in the name of the key.
const KEY_NAME: &str = "/answers";
/// The longest an answer may be used.
const HOURS_MAX: i64 = 24;

/// The file of the private key in a registry's directory.
pub fn key_path(directory: &Path) -> PathBuf {
    directory.join("keys").join("answers.key")
}

/// The name under which answers of the registry `origin` are signed.
pub fn key_name(origin: &str) -> String {
    format!("{origin}{KEY_NAME}")
}

/// Makes the key of the registry `origin` in `directory`.
///
/// # Errors
/// When there is one already, or it cannot be written.
pub fn make_key(directory: &Path, origin: &str) -> std::io::Result<SignerKey> {
    let key = SignerKey::generate(&mut SystemEntropy, &key_name(origin))
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    write_private(&key_path(directory), &key.to_text())?;
    answer_keys::note(directory, key.vkey())?;
    Ok(key)
}

/// Writes a private key into a new file, readable by its owner only from the first byte on.
///
/// # Errors
/// When there is one already, or it cannot be written.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The key of the registry `origin` in `directory`; `None` where it has none that can be read.
pub fn read_key(directory: &Path, origin: &str) -> Option<SignerKey> {
    let text = std::fs::read_to_string(key_path(directory)).ok()?;
    SignerKey::from_text(text.trim_end()).ok().filter(|key| key.vkey().name() == key_name(origin))
}

/// The text that is signed for `answered`, given the head of the log it was read beside.
pub fn text(packs: &Packs, origin: &str, head: &Checkpoint, answered: &Answered) -> String {
    let question = &answered.question;
    let day = |day: Option<Day>| day.map_or("-".to_owned(), |day| day.to_string());
    let mut text = format!("{FIRST_LINE}\n{origin}\n");
    // Writing to a text cannot fail.
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    line(format!("organisation {}", answered.organisation));
    line(format!("as_of {}", answered.as_of));
    line(format!("usable_until {}", answered.usable_until));
    let root = head.to_text();
    let root = root.lines().nth(2).unwrap_or_default().to_owned();
    line(format!("log {} {root}", head.size));
    line(format!("known_below {}", answered.position));
    let addressee = question.addressee.as_ref().map_or("-", |it| it.as_str());
    line(format!(
        "question {} {} {} {} {addressee}",
        question.purpose.key(),
        question.role.key(),
        question.territory.as_str(),
        question.on
    ));
    line(format!("program {}", env!("CARGO_PKG_VERSION")));
    for pack in packs.packs() {
        line(format!("pack {} {} {}", pack.name, pack.hash, pack.version.replace('\n', " ")));
    }
    for it in &answered.found.applicable {
        let mut notes: Vec<String> = Vec::new();
        if it.objected {
            notes.push("objected".to_owned());
        }
        if it.interim {
            notes.push("interim".to_owned());
        }
        notes.extend(it.set_aside_by.iter().map(|by| format!("set_aside_by={by}")));
        let notes = if notes.is_empty() { "-".to_owned() } else { notes.join(",") };
        line(format!(
            "follows {} {} {} {} {} {} {} {notes}",
            it.measure.as_str(),
            it.version,
            it.effect.key(),
            if it.mandatory { "mandatory" } else { "discretionary" },
            it.record,
            day(it.from),
            day(it.until)
        ));
    }
    for it in &answered.found.considered {
        let version = packs.measure(&it.measure).map_or(0, |measure| measure.version);
        line(format!("not {} {version} {} {}", it.measure.as_str(), it.record, it.why.key()));
    }
    let verdict = if answered.found.is_empty() { "nothing_applies" } else { "follows" };
    line(format!("verdict {verdict}"));
    line(LAST_LINE.to_owned());
    text
}

/// The signed note.
pub fn sign(text: &str, key: &SignerKey) -> String {
    note::sign(text, key)
}

/// What a signed answer says, as far as it has to hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Whose answer it is.
    pub origin: String,
    /// About whom.
    pub organisation: String,
    /// For which instant.
    pub as_of: Instant,
    /// From this instant on it may be another answer.
    pub usable_until: Instant,
    /// Entries of the log below this position were known.
    pub known_below: u64,
    /// The question: purpose, role, territory, day, addressee.
    pub question: Vec<String>,
    /// Measures that follow, each as its line says.
    pub follows: Vec<String>,
}

/// Reads the text of an answer; `Err` says what is wrong.
pub fn read(text: &str) -> Result<Read, &'static str> {
    let mut lines = Lines { lines: text.strip_suffix('\n').ok_or("it is cut short")?.split('\n') };
    if lines.next()? != FIRST_LINE {
        return Err("it is no answer of this version");
    }
    let origin = lines.next()?.to_owned();
    let organisation = lines.after("organisation ")?.to_owned();
    organisation.parse::<OrganisationId>().map_err(|_| "its organisation is no id")?;
    let instant = |text: &str| text.parse::<Instant>().map_err(|_| "an instant is none");
    let as_of = instant(lines.after("as_of ")?)?;
    let usable_until = instant(lines.after("usable_until ")?)?;
    let head = lines.after("log ")?.to_owned();
    let head = head.replacen(' ', "\n", 1);
    let head = Checkpoint::parse(&format!("{origin}\n{head}\n"));
    let head = head.map_err(|_| "its head of the log is none")?;
    let known_below = lines.after("known_below ")?.parse().map_err(|_| "its position is none")?;
    let question: Vec<String> = lines.after("question ")?.split(' ').map(str::to_owned).collect();
    check_question(&question)?;
    lines.after("program ")?;
    let rest: Vec<&str> = lines.lines.collect();
    let [body @ .., verdict, last] = rest.as_slice() else { return Err("it is cut short") };
    if *last != LAST_LINE {
        return Err("it does not say that it is no certificate");
    }
    let follows = check_body(body)?;
    let expected = if follows.is_empty() { "nothing_applies" } else { "follows" };
    if verdict.strip_prefix("verdict ") != Some(expected) {
        return Err("its verdict is not what its lines say");
    }
    if usable_until <= as_of || usable_until > as_of.plus_hours(HOURS_MAX) {
        return Err("no answer is usable for longer than a day");
    }
    if known_below > head.size {
        return Err("it knows more of the log than there was");
    }
    Ok(Read { origin, organisation, as_of, usable_until, known_below, question, follows })
}

struct Lines<'a> {
    lines: std::str::Split<'a, char>,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<&'a str, &'static str> {
        self.lines.next().ok_or("it is cut short")
    }

    fn after(&mut self, prefix: &str) -> Result<&'a str, &'static str> {
        self.next()?.strip_prefix(prefix).ok_or("a line is not where it has to be")
    }
}

fn check_question(question: &[String]) -> Result<(), &'static str> {
    let [purpose, role, territory, on, _] = question else { return Err("its question is none") };
    let is_known = MeasureFamily::from_key(purpose).is_some()
        && AddresseeRole::from_key(role).is_some()
        && Territory::new(territory).is_some()
        && on.parse::<Day>().is_ok();
    if is_known { Ok(()) } else { Err("its question is none") }
}

/// Packs, then what follows, then what does not; gives what follows.
fn check_body(body: &[&str]) -> Result<Vec<String>, &'static str> {
    let (mut stage, mut follows) = (0, Vec::new());
    for line in body {
        let parts: Vec<&str> = line.split(' ').collect();
        let (found, is_well_formed) = match parts.as_slice() {
            ["pack", _, hash, _, ..] => {
                (0, hash.len() == 64 && hash.bytes().all(|it| it.is_ascii_hexdigit()))
            }
            ["follows", measure, version, effect, choice, record, from, until, _] => {
                follows.push((*line).to_owned());
                let is_day = |text: &str| text == "-" || text.parse::<Day>().is_ok();
                let is_well_formed = MeasureId::new(measure).is_some()
                    && version.parse::<u16>().is_ok()
                    && Effect::from_key(effect).is_some()
                    && ["mandatory", "discretionary"].contains(choice)
                    && record.parse::<RecordId>().is_ok()
                    && is_day(from)
                    && is_day(until);
                (1, is_well_formed)
            }
            ["not", measure, version, record, why] => {
                let is_well_formed = MeasureId::new(measure).is_some()
                    && version.parse::<u16>().is_ok()
                    && record.parse::<RecordId>().is_ok()
                    && WhyNot::ALL.iter().any(|it| it.key() == *why);
                (2, is_well_formed)
            }
            _ => return Err("a line is not where it has to be"),
        };
        if found < stage || !is_well_formed {
            return Err("a line is not where it has to be");
        }
        stage = found;
    }
    Ok(follows)
}

/// Checks a signed answer offline at `now`, by the key one trusts. What it says is given when form
/// and signature hold, whatever is then said of its time.
pub fn verify(note: &str, vkey: Option<&Vkey>, now: Instant) -> (Outcome, Option<Read>) {
    let Some(vkey) = vkey else {
        return (
            doubted(
                "an answer says nothing without the registry's key for answers; give it with --vkey",
            ),
            None,
        );
    };
    let opened = match note::open(note, std::slice::from_ref(vkey)) {
        Ok(opened) => opened,
        // Of another registry or key: neither true nor false about this one.
        Err(error @ FormatError::Unsigned(_)) => return (doubted(&error.to_string()), None),
        Err(error) => return (refuted(&error.to_string()), None),
    };
    let read = match read(&opened.text) {
        Ok(read) => read,
        Err(reason) => return (refuted(reason), None),
    };
    if vkey.name() != key_name(&read.origin) {
        return (refuted("it was signed by a key that is for something else"), None);
    }
    let outcome = if now >= read.usable_until {
        doubted("it was true until the instant it names; ask again")
    } else if now < read.as_of {
        doubted("it is dated later than the clock of this machine")
    } else {
        Outcome::True
    };
    (outcome, Some(read))
}

/// What it says, in a few lines.
pub fn in_words(read: &Read) -> String {
    let mut text = format!(
        "An answer of {} about organisation {}, for {}, as of {}; usable until {}.\n",
        read.origin,
        read.organisation,
        read.question.join(" "),
        read.as_of,
        read.usable_until
    );
    for line in &read.follows {
        let _ = writeln!(text, "- {line}");
    }
    if read.follows.is_empty() {
        text.push_str("- nothing applies, which is no certificate\n");
    }
    text
}

fn refuted(reason: &str) -> Outcome {
    Outcome::False(vec![reason.to_owned()])
}

fn doubted(reason: &str) -> Outcome {
    Outcome::CouldNotTell(vec![reason.to_owned()])
}
