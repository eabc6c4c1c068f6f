//! The program with one of its writes going wrong: `tests/faults/faults.c` stands between it and
//! the C library.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{Ended, PROGRAM, Place};

const SOURCE: &str = include_str!("../faults/faults.c");

/// How a write goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is not done and reports an error.
    Failed,
    /// It is done and reports an error.
    Persisted,
    /// The disk is full from there on.
    Full,
    /// The program dies before it.
    Killed,
    /// It is half done, then the program dies.
    Torn,
    /// The disk is read-only from there on.
    Locked,
}

impl Mode {
    /// Those that strike in the middle of a command.
    pub const ALL: [Mode; 5] =
        [Mode::Failed, Mode::Persisted, Mode::Full, Mode::Killed, Mode::Torn];

    const fn key(self) -> &'static str {
        match self {
            Mode::Failed => "failed",
            Mode::Persisted => "persisted",
            Mode::Full => "full",
            Mode::Killed => "killed",
            Mode::Torn => "torn",
            Mode::Locked => "locked",
        }
    }

    /// Whether the program dies of it.
    pub const fn kills(self) -> bool {
        matches!(self, Mode::Killed | Mode::Torn)
    }
}

/// Whether faults can be injected here; otherwise a line says why not.
pub fn available() -> bool {
    let is_here = cfg!(all(target_os = "linux", target_env = "gnu"));
    if !is_here {
        println!("skipped: faults are injected on Linux with the GNU C library only");
    }
    is_here
}

/// The library, built once with the C compiler that SQLite is built with.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // Named by what it is made of; tests are processes of their own and build at once.
        let length = SOURCE
            .bytes()
            .fold(0_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        let built = folder.join(format!("faults-{length:016x}.so"));
        if !built.exists() {
            let own = folder.join(format!("faults-{}", std::process::id()));
            let source = own.with_extension("c");
            fs::write(&source, SOURCE).unwrap();
            let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
            let ended = Command::new(compiler)
                .args(["-shared", "-fPIC", "-O1", "-o"])
                .arg(&own)
                .arg(&source)
                .arg("-ldl")
                .output()
                .unwrap();
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
            fs::rename(&own, &built).unwrap();
            fs::remove_file(source).ok();
        }
        built
    })
}

/// The program, its calls below `under` counted or made to go wrong.
fn program(under: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env("LD_PRELOAD", library()).env("FAULTS_UNDER", under);
    command
}

/// How many calls of an undisturbed run may go wrong, and how it ended; its clock moved by
/// `seconds`.
pub fn count(place: &Place, arguments: &[String], seconds: i64) -> (u64, Ended) {
    let counted =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("count-{}", std::process::id()));
    let ended = program(place.folder(), arguments)
        .env("FAULTS_COUNT", &counted)
        .env("FAULTS_CLOCK", seconds.to_string())
        .output()
        .unwrap();
    let text = fs::read_to_string(&counted).unwrap();
    fs::remove_file(counted).unwrap();
    (text.trim().parse().unwrap(), Ended::of(ended))
}

/// What makes call number `at` of the program go wrong.
pub fn environment(place: &Place, mode: Mode, at: u64) -> [(&'static str, OsString); 4] {
    [
        ("LD_PRELOAD", library().into()),
        ("FAULTS_UNDER", place.folder().into()),
        ("FAULTS_MODE", mode.key().into()),
        ("FAULTS_AT", at.to_string().into()),
    ]
}

/// Runs the program with call number `at` going wrong.
pub fn run(place: &Place, arguments: &[String], mode: Mode, at: u64) -> Ended {
    strike(place, arguments, mode, at, 0)
}

/// The same with its clock moved by `seconds`.
pub fn strike(place: &Place, arguments: &[String], mode: Mode, at: u64, seconds: i64) -> Ended {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).envs(environment(place, mode, at));
    Ended::of(command.env("FAULTS_CLOCK", seconds.to_string()).output().unwrap())
}

/// Runs the program with its clock moved by `seconds`.
pub fn run_at(place: &Place, arguments: &[String], seconds: i64) -> Ended {
    let ended = program(place.folder(), arguments)
        .env("FAULTS_CLOCK", seconds.to_string())
        .output()
        .unwrap();
    Ended::of(ended)
}
