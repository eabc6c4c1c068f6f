//! Keys, packs and mandates: what was adopted, by whom.

use super::super::WireError;
use super::super::json::{Members, Node};
use super::super::parse::{Json, Members as Read};
use super::decode::{Result, authority, key, keys, parsed, text};
use crate::note::Vkey;
use domain::adoption::{
    AuthorityKeyRegistered, AuthorityKeyRevoked, MandateAdopted, PackAdopted, PackName,
    ReviewerPair, key_name,
};
use domain::case::{AccountHandle, CatalogueKey, Territory};
use domain::identity::ReviewerHandle;

pub fn key_members(registered: &AuthorityKeyRegistered) -> Members<'_> {
    vec![
        ("account", Node::text(registered.account.as_str())),
        ("by", pair(&registered.by)),
        ("vkey", Node::text(&registered.vkey)),
    ]
}

pub fn revocation(revoked: &AuthorityKeyRevoked) -> Members<'_> {
    vec![("by", Node::text(revoked.by.as_str())), ("vkey", Node::text(&revoked.vkey))]
}

pub fn pack(adopted: &PackAdopted) -> Members<'_> {
    vec![
        ("by", pair(&adopted.by)),
        ("hash", Node::text(&adopted.hash)),
        ("in_use_from", Node::printed(adopted.in_use_from)),
        ("pack", Node::text(adopted.pack.as_str())),
    ]
}

pub fn mandate(adopted: &MandateAdopted) -> Members<'_> {
    let entries = adopted.entries.iter().map(|entry| Node::text(entry.as_str())).collect();
    vec![
        ("by", pair(&adopted.by)),
        ("entries", Node::Array(entries)),
        ("in_use_from", Node::printed(adopted.in_use_from)),
        ("territory", Node::text(adopted.territory.as_str())),
    ]
}

fn pair(pair: &ReviewerPair) -> Node<'_> {
    Node::Array(pair.handles().into_iter().map(|handle| Node::text(handle.as_str())).collect())
}

pub fn read_key(members: &Read<'_>, body: &Read<'_>) -> Result<AuthorityKeyRegistered> {
    let authority = authority(members)?;
    let account = key(body, "account", AccountHandle::new)?;
    let vkey = vkey(body)?;
    if vkey.name() != key_name(&authority, &account) {
        return Err(WireError::Member("vkey"));
    }
    let (vkey, by) = (vkey.to_string(), read_pair(body)?);
    Ok(AuthorityKeyRegistered { authority, account, vkey, by })
}

pub fn read_revocation(members: &Read<'_>, body: &Read<'_>) -> Result<AuthorityKeyRevoked> {
    let (authority, vkey) = (authority(members)?, vkey(body)?.to_string());
    Ok(AuthorityKeyRevoked { authority, vkey, by: key(body, "by", ReviewerHandle::new)? })
}

pub fn read_pack(body: &Read<'_>) -> Result<PackAdopted> {
    Ok(PackAdopted {
        pack: key(body, "pack", PackName::new)?,
        hash: hash(body, "hash")?,
        by: read_pair(body)?,
        in_use_from: parsed(body, "in_use_from")?,
    })
}

pub fn read_mandate(members: &Read<'_>, body: &Read<'_>) -> Result<MandateAdopted> {
    let entries = keys(body, "entries", CatalogueKey::new)?;
    if !entries.is_sorted_by(|one, next| one < next) {
        return Err(WireError::Member("entries"));
    }
    Ok(MandateAdopted {
        authority: authority(members)?,
        entries,
        territory: key(body, "territory", Territory::new)?,
        by: read_pair(body)?,
        in_use_from: parsed(body, "in_use_from")?,
    })
}

fn read_pair(body: &Read<'_>) -> Result<ReviewerPair> {
    let handle = |item: &Json<'_>| item.as_str().and_then(ReviewerHandle::new);
    match body.get("by").and_then(Json::as_array) {
        Some([first, second]) => handle(first)
            .zip(handle(second))
            .and_then(|(first, second)| ReviewerPair::new(first, second))
            .ok_or(WireError::Member("by")),
        _ => Err(WireError::Member("by")),
    }
}

fn vkey(body: &Read<'_>) -> Result<Vkey> {
    Vkey::parse(text(body, "vkey")?).map_err(|_| WireError::Member("vkey"))
}

/// 64 hex digits in lower case.
pub(super) fn hash(members: &Read<'_>, name: &'static str) -> Result<String> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let read = |text: &str| (text.len() == 64 && text.bytes().all(is_hex)).then(|| text.to_owned());
    key(members, name, read)
}
