//! `authority`: accounts and keys of authorities, and what they may submit.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::adoption::{
    AuthorityKeyRegistered, AuthorityKeyRevoked, MandateAdopted, ReviewerPair, key_name,
};
use domain::authority::AuthorityKey;
use domain::case::{AccountHandle, CatalogueKey, Territory};
use domain::civil::Instant;
use domain::event::EventBody;
use domain::identity::ReviewerHandle;
use domain::refusal::{Problem, Refusal};
use ledger::SystemEntropy;
use ledger::note::{SignerKey, Vkey};
use policy::Packs;
use policy::procedure::PeriodKey;
use serde_json::json;

use super::{Context, reviewer};
use crate::cases::accounts::Account;
use crate::cases::{CaseError, Desk};
use crate::clock::SystemClock;
use crate::output::{Exit, Failure};
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding authority key new zz.harbour-tax officer-1 --out officer-1.key
  goodstanding authority key register zz.harbour-tax officer-1 --vkey VKEY --by registrar-1 --and registrar-2
  goodstanding authority key revoke zz.harbour-tax --vkey VKEY --by registrar-1
  goodstanding authority mandate zz.harbour-tax --entry zz.tax-arrears --territory zz --by registrar-1 --and registrar-2
  goodstanding authority list

An account is a role (officer, decider) and a number, never a name. Who submits does not decide. Keys,
and mandates beyond those of the packs, are adopted by two reviewers of the registry, on the log.
Exit 0 done, 1 refused, 2 could not.";

/// Arguments of `authority`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make, register and revoke keys of accounts
    #[command(after_help = "Examples:\n  \
        goodstanding authority key new zz.harbour-tax officer-1 --out officer-1.key")]
    Key {
        #[command(subcommand)]
        action: KeyAction,
    },
    /// Adopt what an authority may submit, beyond what the packs say
    #[command(after_help = "Examples:\n  \
        goodstanding authority mandate zz.harbour-tax --entry zz.tax-arrears --territory zz \
        --by registrar-1 --and registrar-2")]
    Mandate {
        /// Key of the authority, as in the packs
        authority: String,
        /// Catalogue entry; repeat it for each
        #[arg(long = "entry", value_name = "ENTRY", required = true)]
        entries: Vec<String>,
        /// Where: a territory covers those it prefixes
        #[arg(long)]
        territory: String,
        #[command(flatten)]
        pair: Pair,
    },
    /// Accounts with their keys
    #[command(after_help = "Examples:\n  goodstanding authority list --json")]
    List,
}

#[derive(Debug, Subcommand)]
enum KeyAction {
    /// Make a key; the private part goes to a file that only its owner can read
    #[command(after_help = "Examples:\n  \
        goodstanding authority key new zz.harbour-tax officer-1 --out officer-1.key")]
    New {
        /// Key of the authority, as in the packs
        authority: String,
        /// Role and number: officer-1, decider-2
        account: String,
        /// The file to write; it must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Let what is signed with a key count as the acts of an account
    #[command(after_help = "Examples:\n  \
        goodstanding authority key register zz.harbour-tax officer-1 --vkey VKEY \
        --by registrar-1 --and registrar-2")]
    Register {
        /// Key of the authority
        authority: String,
        /// Role and number
        account: String,
        /// The verification key that `key new` printed
        #[arg(long)]
        vkey: String,
        #[command(flatten)]
        pair: Pair,
    },
    /// Let nothing count that is signed with a key from now on; one reviewer is enough
    #[command(after_help = "Examples:\n  \
        goodstanding authority key revoke zz.harbour-tax --vkey VKEY --by registrar-1")]
    Revoke {
        /// Key of the authority
        authority: String,
        /// The verification key
        #[arg(long)]
        vkey: String,
        /// Who revokes
        #[arg(long, value_name = "REVIEWER")]
        by: String,
    },
}

/// Two reviewers: nobody adopts alone.
#[derive(Debug, Args)]
pub struct Pair {
    /// The reviewer who proposes it
    #[arg(long, value_name = "REVIEWER")]
    pub by: String,
    /// The reviewer who agrees
    #[arg(long, value_name = "REVIEWER")]
    pub and: String,
}

/// Runs `authority`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::Key { action: KeyAction::New { authority, account, out } } => {
            new_key(authority, account, out, context)
        }
        Action::Key { action: KeyAction::Register { authority, account, vkey, pair } } => {
            let (authority, account) = (self::authority(authority)?, self::account(account)?);
            let vkey = Vkey::parse(vkey.trim()).map_err(|_| refused(Refusal::KeyUnfit))?;
            if vkey.name() != key_name(&authority, &account) {
                return Err(refused(Refusal::KeyUnfit));
            }
            let vkey = vkey.to_string();
            let registered = |by| {
                EventBody::AuthorityKeyRegistered(AuthorityKeyRegistered {
                    authority,
                    account,
                    vkey,
                    by,
                })
            };
            adopt(context, pair, |by, _, _| Ok(registered(by)))
        }
        Action::Key { action: KeyAction::Revoke { authority, vkey, by } } => {
            revoke(authority, vkey, by, context)
        }
        Action::Mandate { authority, entries, territory, pair } => {
            mandate(authority, entries, territory, pair, context)
        }
        Action::List => list(context),
    }
}

fn refused(refusal: Refusal) -> Failure {
    Failure::refused(Problem::of_input(refusal))
}

/// A failure of the desk, as the command line tells it.
pub fn failed(error: CaseError) -> Failure {
    match error {
        CaseError::Refused(problems) => Failure::refused_all(problems),
        CaseError::Setup(error) => error.into(),
        other => Failure::could_not(crate::failing::explained(&other)),
    }
}

fn authority(text: &str) -> Result<AuthorityKey, Failure> {
    AuthorityKey::new(text).ok_or_else(|| refused(Refusal::AuthorityUnknown))
}

fn account(text: &str) -> Result<AccountHandle, Failure> {
    AccountHandle::new(text).ok_or_else(|| refused(Refusal::AccountUnfit))
}

fn new_key(authority: &str, account: &str, out: &Path, context: &Context) -> Result<Exit, Failure> {
    let (authority, account) = (self::authority(authority)?, self::account(account)?);
    let name = key_name(&authority, &account);
    let key = SignerKey::generate(&mut SystemEntropy, &name).map_err(Failure::could_not)?;
    write_private(out, key.to_text().as_bytes()).map_err(|error| Failure::file(out, &error))?;
    let vkey = key.vkey().to_string();
    let text = format!(
        "{vkey}\nThe private key is in {}; whoever has it acts as {account}. Register the line \
         above with `goodstanding authority key register`.\n",
        out.display()
    );
    let value = json!({
        "authority": authority.as_str(),
        "account": account.as_str(),
        "vkey": vkey,
        "file": out,
    });
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

/// A file that only its owner can read, and that was not there before.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a private key.
pub fn read_key(path: &Path) -> Result<SignerKey, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::could_not(format_args!("{}: {error}", path.display())))?;
    // The text is a secret: the error says nothing of it.
    SignerKey::from_text(text.trim_end()).map_err(|_| refused(Refusal::KeyUnfit))
}

/// Both, if they are different reviewers of this registry.
pub fn pair(pair: &Pair, desk: &Desk<'_>) -> Result<ReviewerPair, Failure> {
    let handles = [reviewer::handle(&pair.by)?, reviewer::handle(&pair.and)?];
    if handles.iter().any(|handle| !desk.is_reviewer(handle)) {
        return Err(refused(Refusal::ReviewerUnknown));
    }
    let [first, second] = handles;
    ReviewerPair::new(first, second).ok_or_else(|| refused(Refusal::ReviewersSame))
}

fn adopt(
    context: &Context,
    by: &Pair,
    event: impl FnOnce(ReviewerPair, Instant, &Packs) -> Result<EventBody, Failure>,
) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let mut desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let by = pair(by, &desk)?;
    let now = desk.now().map_err(failed)?;
    let event = event(by, now, &desk.in_use(now).packs)?;
    let (position, at) = desk.adopt(event).map_err(failed)?;
    told(position, &at.to_string(), context)
}

fn told(position: u64, at: &str, context: &Context) -> Result<Exit, Failure> {
    let text = format!("Adopted at {at}, entry {position} of the log.\n");
    context.format.result(&json!({ "position": position, "at": at }), &text);
    Ok(Exit::Done)
}

fn revoke(authority: &str, vkey: &str, by: &str, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let mut desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let by: ReviewerHandle = reviewer::handle(by)?;
    if !desk.is_reviewer(&by) {
        return Err(refused(Refusal::ReviewerUnknown));
    }
    let revoked = AuthorityKeyRevoked {
        authority: self::authority(authority)?,
        vkey: vkey.trim().to_owned(),
        by,
    };
    let event = EventBody::AuthorityKeyRevoked(revoked);
    let (position, at) = desk.adopt(event).map_err(failed)?;
    told(position, &at.to_string(), context)
}

fn mandate(
    authority: &str,
    entries: &[String],
    territory: &str,
    by: &Pair,
    context: &Context,
) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let authority = self::authority(authority)?;
    if packs.authority(&authority).is_none() {
        return Err(refused(Refusal::AuthorityUnknown));
    }
    let mut keys: Vec<CatalogueKey> = Vec::new();
    for entry in entries {
        let key = CatalogueKey::new(entry).filter(|key| packs.catalogue_entry(key).is_some());
        keys.push(key.ok_or_else(|| refused(Refusal::EntryUnknown))?);
    }
    keys.sort_unstable();
    keys.dedup();
    let territory = Territory::new(territory).ok_or_else(|| refused(Refusal::FieldUnreadable))?;
    adopt(context, by, |by, now, packs| {
        // After the start a mandate waits before it is used against anybody, as long as the packs
        // in use say: a version that shortens the wait waits itself.
        let rules = keys
            .first()
            .and_then(|key| packs.catalogue_entry(key))
            .and_then(|entry| packs.procedure(&entry.pack))
            .ok_or_else(|| refused(Refusal::PeriodMissing))?;
        let wait = rules
            .period(PeriodKey::AdoptionNotice)
            .ok_or_else(|| refused(Refusal::PeriodMissing))?;
        let in_use_from = wait
            .ends_at(now.day_in(rules.zone()), &rules.calendar)
            .map_err(|_| refused(Refusal::CalendarUncovered))?;
        Ok(EventBody::MandateAdopted(Box::new(MandateAdopted {
            authority,
            entries: keys.clone(),
            territory,
            by,
            in_use_from,
        })))
    })
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let accounts = desk.accounts().map_err(failed)?;
    let line = |account: &Account| {
        let until = account.revoked.map_or_else(String::new, |at| format!(", revoked {at}"));
        format!("{}/{}  since {}{until}\n", account.authority, account.account, account.since)
    };
    let text: String = match accounts.as_slice() {
        [] => "No account of an authority has a key here.\n".to_owned(),
        accounts => accounts.iter().map(line).collect(),
    };
    let values: Vec<_> = accounts
        .iter()
        .map(|account| {
            json!({
                "authority": account.authority.as_str(),
                "account": account.account.as_str(),
                "vkey": account.vkey,
                "since": account.since.to_string(),
                "revoked": account.revoked.map(|at| at.to_string()),
            })
        })
        .collect();
    context.format.result(&json!({ "accounts": values }), &text);
    Ok(Exit::Done)
}
