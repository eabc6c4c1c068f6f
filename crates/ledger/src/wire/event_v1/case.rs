//! Steps of proceedings. The body names the event, the record and its subject once more, for it is
//! the body that an authority signs: a signature over one step fits no other.

mod decode;
mod encode;

pub use decode::{decode, is_step};
pub use encode::{encode, law};

#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod tests;
