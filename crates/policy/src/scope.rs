//! How far a pack reaches, and what basis that needs (I-33).

use domain::case::Territory;

use crate::citation::{Citation, Level};

/// How far a pack reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The registry's own rules; no list, entry or measure can rest on them.
    Registry,
    /// A state.
    National,
    /// A province, state of a federation, or city.
    Local,
    /// International organisations.
    International,
}

impl Scope {
    /// Every scope a pack can name; the registry's own is that of the generic pack alone.
    pub const NAMED: [Scope; 3] = [Scope::National, Scope::Local, Scope::International];

    /// The key in packs.
    pub const fn key(self) -> &'static str {
        match self {
            Scope::Registry => "registry",
            Scope::National => "national",
            Scope::Local => "local",
            Scope::International => "international",
        }
    }

    /// The scope with this key, of those a pack can name.
    pub fn from_key(key: &str) -> Option<Scope> {
        Scope::NAMED.into_iter().find(|scope| scope.key() == key)
    }

    /// Whether an instrument of `level` can carry a list, an entry or a measure of this reach.
    pub const fn allows(self, level: Level) -> bool {
        let is_national = matches!(level, Level::Law | Level::Regulation | Level::MinistryRule);
        match self {
            Scope::Registry => false,
            Scope::National => is_national,
            Scope::Local => is_national || matches!(level, Level::LocalRegulation),
            Scope::International => matches!(level, Level::Agreement | Level::InstitutionRule),
        }
    }

    /// Whether one of `basis` can.
    pub fn is_carried_by(self, basis: &[Citation]) -> bool {
        basis.iter().any(|citation| citation.level.is_some_and(|level| self.allows(level)))
    }
}

/// Whether `territory` is that of `pack` or within it: `cn-sh` lies in `cn`.
pub(crate) fn is_within(territory: &Territory, pack: &str) -> bool {
    let territory = territory.as_str();
    territory.strip_prefix(pack).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_what() {
        let carried = |scope: Scope| {
            let levels = Level::ALL.into_iter().filter(|level| scope.allows(*level));
            levels.map(Level::key).collect::<Vec<_>>()
        };
        assert!(carried(Scope::Registry).is_empty());
        assert_eq!(carried(Scope::National), ["law", "regulation", "ministry_rule"]);
        assert_eq!(
            carried(Scope::Local),
            ["law", "regulation", "ministry_rule", "local_regulation"]
        );
        assert_eq!(carried(Scope::International), ["agreement", "institution_rule"]);
    }

    #[test]
    fn a_territory_covers_those_it_prefixes() {
        let within = |territory, pack| is_within(&Territory::new(territory).unwrap(), pack);
        assert!(within("cn", "cn") && within("cn-sh", "cn") && within("cn-sh-pd", "cn-sh"));
        assert!(!within("cn", "cn-sh") && !within("cnx", "cn") && !within("us", "cn"));
    }
}
