//! What an addressee says became of a measure: whether it may say so, and what is kept of it. That
//! it was told of the measure, about whom and from which record is looked at and not kept.

use domain::authority::AuthorityKey;
use domain::case::MeasureId;
use domain::feedback::{MeasureFeedbackGiven, Said, WhyNotApplied};
use domain::ids::{RecordId, RowKey};
use domain::refusal::Refusal;
use due_process::consult::WhyNot;
use hmac::{Hmac, KeyInit as _, Mac as _};
use policy::Packs;
use sha2::Sha256;

use crate::consulting::Answered;

/// What an addressee says, about what it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Which measure.
    pub measure: MeasureId,
    /// From which record.
    pub record: RecordId,
    /// What became of it.
    pub said: Said,
}

impl Feedback {
    /// Reads it from its words.
    ///
    /// # Errors
    /// 820 for what is no measure or no record, 821 for anything but the closed lists.
    pub fn read(
        measure: &str,
        record: &str,
        said: &str,
        reason: Option<&str>,
    ) -> Result<Feedback, Refusal> {
        let said = Said::from_keys(said, reason).ok_or(Refusal::FeedbackUnfit)?;
        let measure = MeasureId::new(measure).ok_or(Refusal::MeasureDoesNotFollow)?;
        let record = record.parse().map_err(|_| Refusal::MeasureDoesNotFollow)?;
        Ok(Feedback { measure, record, said })
    }

    /// The event, if the measure follows from the record for `authority` in what it was `answered`.
    ///
    /// # Errors
    /// 820 when it does not: the record ended, is another's, or never was, which is one answer.
    pub fn event(
        &self,
        answered: &Answered,
        packs: &Packs,
        authority: &AuthorityKey,
        registry_key: &[u8; 32],
    ) -> Result<MeasureFeedbackGiven, Refusal> {
        let is_this = |measure: &MeasureId, record: RecordId| {
            *measure == self.measure && record == self.record
        };
        // What it set aside itself does not follow for it any more: of that it can say so, and of
        // nothing else.
        let says_set_aside = self.said == Said::NotApplied(WhyNotApplied::SetAside);
        let applicable = answered.found.applicable.iter().filter(|_| !says_set_aside);
        let follows = applicable.filter(|it| is_this(&it.measure, it.record)).map(|it| it.version);
        let considered = answered.found.considered.iter().filter(|_| says_set_aside);
        let set_aside = considered
            .filter(|it| it.why == WhyNot::SetAside && is_this(&it.measure, it.record))
            .filter_map(|it| packs.measure(&it.measure).map(|measure| measure.version));
        let version = follows.chain(set_aside).next().ok_or(Refusal::MeasureDoesNotFollow)?;
        Ok(MeasureFeedbackGiven {
            authority: authority.clone(),
            measure: self.measure.clone(),
            version,
            said: self.said,
            once: once(registry_key, authority, &self.measure, self.record),
        })
    }
}

/// Tells what is said again from what is said of another record, by whoever holds the registry's
/// key and the record's id. With the record its id goes, and nothing can be told any more.
fn once(
    registry_key: &[u8; 32],
    authority: &AuthorityKey,
    measure: &MeasureId,
    record: RecordId,
) -> RowKey {
    // HMAC takes a key of any length; the fallback cannot be reached and is as good a key as any.
    let mut mac = Hmac::<Sha256>::new_from_slice(registry_key)
        .unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    // Keys hold no line feed.
    mac.update(format!("goodstanding/feedback/v1\n{authority}\n{}\n", measure.as_str()).as_bytes());
    mac.update(&record.bytes());
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let mut once = [0; 16];
    once.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    RowKey(once)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::civil::Instant;

    #[test]
    fn each_of_authority_measure_record_and_registry_makes_another_hash() {
        let record = |n| RecordId::mint(Instant::from_micros(1_700_000_000_000_000), [n; 10]);
        let of = |key: u8, authority: &str, measure: &str, n| {
            let authority = AuthorityKey::new(authority).unwrap();
            once(&[key; 32], &authority, &MeasureId::new(measure).unwrap(), record(n))
        };
        let one = of(1, "demo.port", "demo.ban", 1);
        assert_eq!(one, of(1, "demo.port", "demo.ban", 1));
        for other in [
            of(2, "demo.port", "demo.ban", 1),
            of(1, "demo.town", "demo.ban", 1),
            of(1, "demo.port", "demo.check", 1),
            of(1, "demo.port", "demo.ban", 2),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn there_is_no_place_for_words() {
        let record = "01a2057c-4747-7a7a-8ae8-c358ca03ca41";
        let read = |said, reason| Feedback::read("demo.ban", record, said, reason);
        assert!(read("applied", None).is_ok());
        for (said, reason) in [
            ("applied", Some("Mr Example was rude")),
            ("not_applied", Some("Mr Example asked for it")),
            ("not_applied", None),
            ("because", None),
        ] {
            assert_eq!(read(said, reason), Err(Refusal::FeedbackUnfit), "{said}");
        }
        let unknown = Feedback::read("demo.ban", "Example Ltd", "applied", None);
        assert_eq!(unknown, Err(Refusal::MeasureDoesNotFollow));
    }
}
