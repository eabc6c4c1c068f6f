//! What keeps the repository in order: the house rules as tests, the generated pages, the licence
//! check, and the long test run.

pub mod tree;

pub mod tidy;

pub mod coverage;
pub mod dist;
pub mod due_process;
pub mod invariants;
pub mod licences;
pub mod notices;
pub mod refusals;
pub mod run;
