//! Law as data: packs say which lists exist, on what legal basis, with which remedy and ground, and
//! which periods hold. Code holds none of them (design promise P6).
//!
//! **Invariant:** loading is all or nothing. [`Packs`] exists only if every file of every pack was
//! read without one problem; otherwise all problems of all files come back at once, each with file,
//! line and what to do (I-62).
//!
//! **Invariant:** after loading this crate is pure: no file, no clock, no network. Who reads the
//! files hands over their text.
//!
//! **Invariant:** a pack cannot widen [`domain::limits`]: a ground, an act or a subject kind
//! outside the compiled lists is refused at load.
//!
//! Read the modules in this order.

pub mod citation;
pub mod scope;

pub mod list;
pub mod period;

pub mod calendar;
pub mod procedure;

pub mod expression;

pub mod catalogue;
pub mod measure;
pub mod recognition;

pub mod diff;
pub mod in_use;

mod check;
mod layers;
mod load;
pub mod pack;
pub mod problem;
mod strict;

pub use citation::{Citation, Level};
pub use diff::{Change, diff};
pub use expression::{Expression, Facts};
pub use in_use::{InUse, Version, Waiting, in_use};
pub use list::{EntryDefinition, ListDefinition, Remedy};
pub use pack::{Missing, PackFile, PackInfo, Packs, hash_of};
pub use period::{PeriodDefinition, QuotationRule};
pub use problem::PackProblem;
pub use scope::Scope;
