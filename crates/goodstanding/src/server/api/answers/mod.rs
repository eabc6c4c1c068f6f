//! The shapes of the answers. They are promises to strangers and therefore types of their own,
//! apart from the types of the domain: those may change, these may not within `v1`.

mod shared;

mod authority;
mod case;
mod consult;
mod list;
mod organisation;
mod proceeding;
mod record;

pub use authority::{AuthorityShape, AuthoritySummaryShape};
pub use consult::{AssessmentShape, ConsultShape, assessment};
pub use list::{ListPageShape, ListShape, LogShape, PackShape, SourceShape};
pub use organisation::{OrganisationFileShape, SearchShape};
pub use proceeding::{
    CasesShape, ListedCaseShape, OutcomeShape, OutcomesShape, Party, PrepareShape,
    PreparedItemShape, PreparedShape, ProceedingShape, ReceiptShape, StandingShape, StepShape,
    SubmitShape, last_day, receipt_json,
};
pub use record::{OpeningShape, RecordAnswerShape};
