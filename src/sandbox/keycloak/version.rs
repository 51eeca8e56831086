//! The Keycloak versions that answer differently, and how.

use std::fmt;

/// A server version. Ordered, so that "since 26.5" is a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u16, u16, u16);

impl Version {
    /// The version that is played unless the seed says otherwise; most facts were measured on it.
    pub(super) const MEASURED: Self = Self(26, 7, 1);

    /// Reads `26.7.1`, `26.7` or `26`; what is not written counts as nought.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().splitn(3, '.').map(str::parse::<u16>);
        let major = numbers.next()?.ok()?;
        let minor = numbers.next().unwrap_or(Ok(0)).ok()?;
        let patch = numbers.next().unwrap_or(Ok(0)).ok()?;
        Some(Self(major, minor, patch))
    }

    fn since(self, major: u16, minor: u16) -> bool {
        self >= Self(major, minor, 0)
    }

    /// Returns the status of a refused password: 400 was measured on 26.7.1, older sources say 401.
    pub(super) fn wrong_password_status(self) -> u16 {
        if self.since(26, 0) { 400 } else { 401 }
    }

    /// Returns whether an exception's body also sends the reader to the server log (24 and 25).
    pub(super) fn points_at_the_log(self) -> bool {
        self.since(24, 0) && !self.since(26, 0)
    }

    /// Returns whether `//`, `.` and `..` in a path are refused instead of normalised.
    pub(super) fn refuses_odd_segments(self) -> bool {
        self.since(26, 5)
    }

    /// Returns whether `;` in a path is refused instead of being cut off as a matrix parameter.
    pub(super) fn refuses_semicolons(self) -> bool {
        self.since(26, 6)
    }

    /// Returns whether `_` and `%` in a part of a group's name act as wildcards (fixed in 26.6.0).
    pub(super) fn leaks_wildcards(self) -> bool {
        !self.since(26, 6)
    }

    /// Returns whether a client may be limited to one method of authentication.
    pub(super) fn limits_client_authentication(self) -> bool {
        self.since(26, 6)
    }

    /// Returns whether a password opens nothing while address or names are missing in the profile (since 24).
    pub(super) fn wants_whole_profiles(self) -> bool {
        self.since(24, 0)
    }

    /// Returns whether unmatched paths are told in the words of 23 and later.
    pub(super) fn says_no_matching_method(self) -> bool {
        self.since(23, 0)
    }

    /// Returns whether a refusal for want of a role says so; 24.0.5 did not yet.
    pub(super) fn words_forbidden(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether a group that is found by its path counts its children; 24.0.5 did not yet.
    pub(super) fn counts_by_path(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether a list of users tells of each only whether the caller may manage it; 24.0.5 told all.
    pub(super) fn is_brief_about_access_in_lists(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether a body that is no JSON is described; 24.0.5 only pointed at its log.
    pub(super) fn describes_broken_json(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether `GET /` redirects.
    pub(super) fn redirects_root(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether children are read from their parent; before 23 the listing was the whole tree, nested.
    pub(super) fn lists_children(self) -> bool {
        self.since(23, 0)
    }

    /// Returns whether the children listing reads `briefRepresentation` the wrong way round (23.0.0 to 23.0.3).
    pub(super) fn inverts_brief_children(self) -> bool {
        self >= Self(23, 0, 0) && self < Self(23, 0, 4)
    }

    /// Returns whether the children listing knows `search` and `exact`.
    pub(super) fn searches_children(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether `subGroupsCount=false` drops the counts.
    pub(super) fn can_skip_counts(self) -> bool {
        self.since(26, 3)
    }

    /// Returns whether groups have a description, which every PUT overwrites.
    pub(super) fn has_descriptions(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether the refusal of an unknown JSON field says where it is (26.0.5 did not yet).
    pub(super) fn places_unknown_fields(self) -> bool {
        self.since(26, 1)
    }

    /// Returns whether an id in a PUT body must be the one in the path.
    pub(super) fn compares_body_id(self) -> bool {
        self.since(26, 0)
    }

    /// Returns whether a temporarily locked user reads as disabled when asked for by id.
    pub(super) fn shows_locked_as_disabled(self) -> bool {
        !self.since(26, 3)
    }

    /// Returns whether a user's groups ignore `first` and `max` unless they are searched (seen in 26.4 and 26.5).
    pub(super) fn ignores_paging_of_user_groups(self) -> bool {
        self.since(26, 4) && !self.since(26, 6)
    }

    /// Returns whether a user's `access` tells of the right to reset the password.
    pub(super) fn knows_reset_password(self) -> bool {
        self.since(26, 4)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}
