//! Closed lists: an enum whose keys packs, the wire and message files use, and nothing can add to.

macro_rules! closed {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $key:literal,)*
    })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The key on the wire, in packs and in message files.
            pub const fn key(self) -> &'static str {
                match self { $($name::$variant => $key,)* }
            }

            /// The value with this key; `None` for anything outside the closed list.
            pub fn from_key(key: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.key() == key)
            }
        })*
    };
}
pub(crate) use closed;
