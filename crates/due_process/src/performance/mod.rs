//! How well authorities keep their own deadlines, counted from the events of their cases alone
//! (I-54): what a case brought about at which instant, how often that was in which month, and how a
//! month is told without telling of a single organisation (I-60).
//!
//! A deadline that passed counts from its instant on, because it is counted for the instant
//! somebody asks about: no job has to run, and one that runs late or twice changes no figure. It
//! counts in the month in which it passed, an act in the month in which it was committed; neither
//! changes afterwards, so a month that is over can be closed for good.
//!
//! Read the modules in this order.

mod occurrence;

mod tally;

mod relations;

mod told;

pub use occurrence::{Occurrence, What, extended};
pub use relations::{RELATIONS, Relation};
pub use tally::{Count, MonthTally, Tally};
pub use told::Teller;
