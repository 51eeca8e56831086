//! What differs between the versions of Rancher from 2.11 to 2.16.

/// The minor version of Rancher 2, from which behaviour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    minor: u32,
}

/// What a development build without a number behaves like: the newest version known here.
const NEWEST: u32 = 16;

impl Version {
    /// Reads `v2.14.4`, `v2.16-abc-head` or `dev`.
    pub(super) fn read(text: &str) -> Self {
        let after_major = text.trim_start_matches('v').strip_prefix("2.");
        let digits =
            after_major.map(|rest| rest.split(|next: char| !next.is_ascii_digit()).next().unwrap_or(""));
        Self { minor: digits.and_then(|digits| digits.parse().ok()).unwrap_or(NEWEST) }
    }

    /// Since 2.12 a project's backing namespace is named after its cluster as well.
    pub(super) fn names_cluster_in_backing_namespace(self) -> bool {
        self.minor >= 12
    }

    /// Since 2.14 quotas have the map `extended`; older servers drop it silently.
    pub(super) fn knows_extended_quota(self) -> bool {
        self.minor >= 14
    }

    /// Since 2.15 `/v3` redirects to `/v3/`.
    pub(super) fn redirects_root(self) -> bool {
        self.minor >= 15
    }

    /// Since 2.15 a binding's default name follows from what it says, and duplicates are refused.
    pub(super) fn refuses_duplicate_bindings(self) -> bool {
        self.minor >= 15
    }

    /// Since 2.16 negative quotas are refused, and the words of that check are different.
    pub(super) fn checks_negative_quota(self) -> bool {
        self.minor >= 16
    }
}
