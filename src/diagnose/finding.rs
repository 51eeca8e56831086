//! What a diagnosis consists of: one finding for each check.

use std::fmt;

use crate::http;
use crate::model::{ClusterRef, RealmRef};
use crate::plan::render::escaped;
use crate::systems::Trouble;

/// What to do about a list of which some is missing.
pub(super) const CUT: &str =
    "plans hold what rests on the whole list: look at the server, and at the proxy in front of it";

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// Where.
    pub place: Place,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen.
    pub said: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Well,
    /// It works, and there is something to know about it.
    Remark,
    /// Nobody knows: what it rests on is wrong, or cannot be read.
    Unknown,
    /// Something does not work.
    Wrong,
}

/// Where something was looked at: a block of what is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the configuration.
    Configuration,
    /// At a Waldur.
    Waldur(String),
    /// In one of its offerings, by what the operator calls it.
    Offering(String),
    /// At a Rancher.
    Rancher(String),
    /// In one of its clusters.
    Cluster(ClusterRef),
    /// At a Keycloak.
    Keycloak(String),
    /// In one of its realms.
    Realm(RealmRef),
}

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// What is looked at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check { $($(#[$doc])* $variant,)+ }

        impl Check {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns its word, by which programs know it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

checks! {
    /// What is wrong with the document, or worth saying about it.
    Configuration = "configuration",
    /// What the host's name stands for.
    Name = "name",
    /// Who vouches for the server, and for how long.
    Certificate = "certificate",
    /// Whether somebody answers, and how soon.
    Answer = "answer",
    /// Whether the credentials are accepted, and whose they are.
    Login = "login",
    /// How long they last.
    Expiry = "expiry",
    /// Which version the server says that it is.
    Version = "version",
    /// The offering's type and state.
    Offering = "offering",
    /// What the offering sells.
    Components = "components",
    /// What the account may do there.
    Rights = "rights",
    /// Whether people get a name by which others know them.
    Usernames = "usernames",
    /// Whether the cluster is there and active.
    Cluster = "cluster",
    /// Whether the roles exist that people are bound as.
    Roles = "roles",
    /// Whether all projects are shown, and may be changed.
    Projects = "projects",
    /// Whether roles may be bound.
    Bindings = "bindings",
    /// Whether the cluster's Kubernetes can be asked.
    Kubernetes = "kubernetes",
    /// Whether people of Rancher can be known.
    People = "people",
    /// Whether the realm is there.
    Realm = "realm",
    /// Whether accounts are shown, and may be changed.
    Accounts = "accounts",
    /// Whether groups are shown, and may be changed.
    Groups = "groups",
    /// Whether groups of several clusters keep apart.
    Names = "names",
    /// How Rancher learns who is in which group.
    Mapper = "mapper",
    /// What a server lacks and is done without.
    Capability = "capability",
}

// === impl Finding ===

impl Finding {
    /// Says that something is as it should be.
    pub(super) fn well(check: Check, place: &Place, said: impl Into<String>) -> Self {
        Self { check, place: place.clone(), verdict: Verdict::Well, said: said.into(), hint: None }
    }

    /// Says something that is worth knowing.
    pub(super) fn remark(
        check: Check,
        place: &Place,
        said: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Remark, hint: Some(hint.into()), ..Self::well(check, place, said) }
    }

    /// Says that something does not work.
    pub(super) fn wrong(
        check: Check,
        place: &Place,
        said: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Wrong, hint: Some(hint.into()), ..Self::well(check, place, said) }
    }

    /// Says what a client could not ask.
    pub(super) fn trouble(check: Check, place: &Place, trouble: Trouble) -> Self {
        let Trouble { kind: _, system: _, what, hint } = trouble;
        Self { verdict: Verdict::Wrong, hint, ..Self::well(check, place, what) }
    }

    /// Says that credentials do not work, in the server's words: what was to be read with them does not matter.
    pub(super) fn refused(place: &Place, cause: &http::Error, hint: Option<String>) -> Self {
        let said = Self::well(Check::Login, place, cause.story());
        Self { verdict: Verdict::Wrong, hint, ..said }
    }

    /// Says that something was not looked at, because of something else.
    pub(super) fn unknown(check: Check, place: &Place, because: &str) -> Self {
        Self { verdict: Verdict::Unknown, ..Self::well(check, place, format!("not checked: {because}")) }
    }
}

/// Says of several checks that they were not made.
pub(super) fn unchecked(checks: &[Check], place: &Place, because: &str) -> Vec<Finding> {
    checks.iter().map(|check| Finding::unknown(*check, place, because)).collect()
}

// === impl Verdict ===

impl Verdict {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Remark => "remark",
            Self::Unknown => "unknown",
            Self::Wrong => "wrong",
        }
    }
}

// === impl Place ===

impl Place {
    /// Returns which system it belongs to, by which programs know it.
    pub const fn system(&self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Waldur(_) | Self::Offering(_) => "waldur",
            Self::Rancher(_) | Self::Cluster(_) => "rancher",
            Self::Keycloak(_) | Self::Realm(_) => "keycloak",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration => write!(out, "configuration"),
            Self::Waldur(url) => write!(out, "Waldur at {}", escaped(url)),
            Self::Offering(name) => write!(out, "offering \"{}\"", escaped(name)),
            Self::Rancher(url) => write!(out, "Rancher at {}", escaped(url)),
            Self::Cluster(ClusterRef { server, cluster }) => write!(out, "cluster {cluster} of {server}"),
            Self::Keycloak(url) => write!(out, "Keycloak at {}", escaped(url)),
            Self::Realm(RealmRef { server, realm }) => write!(out, "realm {realm} of {server}"),
        }
    }
}
