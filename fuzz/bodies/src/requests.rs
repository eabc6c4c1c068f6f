//! Requests about cases: what a signed body or a file of `case submit` and `case act` says.

use domain::ids::RecordId;
use domain::refusal::Language;
use goodstanding::cases::request;

/// The first byte chooses between a submission and a step; the text follows.
pub fn requests(data: &[u8]) {
    let Some((choice, text)) = super::choice(data) else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let record = (choice % 2 == 1).then(|| RecordId::from_bytes([7; 16]));
    match request::read(text, record) {
        // Whatever is accepted says the same again.
        Ok(read) => assert_eq!(Ok(read), request::read(text, record)),
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            for problem in problems {
                assert!(!problem.message(Language::En).is_empty());
                assert!(!problem.message(Language::Zh).is_empty());
            }
        }
    }
}
