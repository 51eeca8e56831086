//! What could not be asked of Keycloak, and what an operator could look at.

use crate::http::{self, Outcome, Refusal, StatusCode};
use crate::model::{GroupId, GroupName, KeycloakUserId, RealmName, Username};

/// A question that Keycloak did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The list of our groups.
    #[error("the groups of the realm {realm} cannot be read")]
    Groups {
        /// In which realm.
        realm: RealmName,
        /// Why.
        source: http::Error,
    },
    /// Whether any account may be seen.
    #[error("whether the accounts of the realm {realm} may be seen cannot be read")]
    Accounts {
        /// In which realm.
        realm: RealmName,
        /// Why.
        source: http::Error,
    },
    /// The groups of a name.
    #[error("the groups named {name} cannot be read")]
    GroupsNamed {
        /// The name.
        name: GroupName,
        /// Why.
        source: http::Error,
    },
    /// One group.
    #[error("the group {group} cannot be read")]
    Group {
        /// Which.
        group: GroupId,
        /// Why.
        source: http::Error,
    },
    /// The groups below a group.
    #[error("the groups below the group {group} cannot be read")]
    Children {
        /// Below which.
        group: GroupId,
        /// Why.
        source: http::Error,
    },
    /// The members of a group.
    #[error("the members of the group {group} cannot be read")]
    Members {
        /// Of which.
        group: GroupId,
        /// Why.
        source: http::Error,
    },
    /// One account, by its id.
    #[error("the account with the id {user} cannot be read")]
    User {
        /// Which.
        user: KeycloakUserId,
        /// Why.
        source: http::Error,
    },
    /// One account, by its name.
    #[error("the account named {username} cannot be read")]
    UserNamed {
        /// Which.
        username: Username,
        /// Why.
        source: http::Error,
    },
    /// The groups that somebody is in.
    #[error("the groups of the account {user} cannot be read")]
    GroupsOf {
        /// Who.
        user: KeycloakUserId,
        /// Why.
        source: http::Error,
    },
    /// A new group.
    #[error("the group {name} cannot be created")]
    CreateGroup {
        /// Its name.
        name: GroupName,
        /// Why.
        source: http::Error,
    },
    /// A new group whose id the server did not tell: it exists, and has to be looked for.
    #[error("the group {name} was created, but the answer does not tell its id")]
    CreatedWithoutId {
        /// Its name.
        name: GroupName,
        /// Nothing went wrong on the wire; this is what was asked.
        call: Box<http::Call>,
    },
    /// A change of a group.
    #[error("the group {group} cannot be changed")]
    UpdateGroup {
        /// Which.
        group: GroupId,
        /// Why.
        source: http::Error,
    },
    /// The end of a group.
    #[error("the group {group} cannot be deleted")]
    DeleteGroup {
        /// Which.
        group: GroupId,
        /// Why.
        source: http::Error,
    },
    /// A new membership.
    #[error("the account {user} cannot be added to the group {group}")]
    Join {
        /// Who.
        user: KeycloakUserId,
        /// Where.
        group: GroupId,
        /// Why.
        source: http::Error,
    },
    /// The end of a membership.
    #[error("the account {user} cannot be removed from the group {group}")]
    Leave {
        /// Who.
        user: KeycloakUserId,
        /// Where.
        group: GroupId,
        /// Why.
        source: http::Error,
    },
}

/// What a 404 speaks of: three things look alike but for their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The object itself.
    Object,
    /// The realm.
    Realm,
    /// The path: `/auth` is missing, or too much.
    Path,
    /// Something else, such as a malformed number, or a proxy.
    Unclear,
}

// === impl Missing ===

impl Missing {
    /// Reads a 404. Only texts that are known to speak of an object count as its absence.
    pub(super) fn of(refusal: &Refusal) -> Option<Self> {
        if refusal.status != StatusCode::NOT_FOUND {
            return None;
        }
        Some(match refusal.said("error") {
            Some(
                "Could not find group by id"
                | "Group not found"
                | "User not found"
                | "Could not find child by id",
            ) => Self::Object,
            Some("Realm not found." | "Realm does not exist") => Self::Realm,
            Some(text)
                if text.starts_with("Unable to find matching target resource method")
                    || text.starts_with("RESTEASY003210") =>
            {
                Self::Path
            }
            Some(_) | None => Self::Unclear,
        })
    }
}

// === impl Error ===

impl Error {
    /// Returns what went wrong on the wire, if anything did.
    pub fn cause(&self) -> Option<&http::Error> {
        match self {
            Self::Groups { realm: _, source }
            | Self::Accounts { realm: _, source }
            | Self::GroupsNamed { name: _, source }
            | Self::Group { group: _, source }
            | Self::Children { group: _, source }
            | Self::Members { group: _, source }
            | Self::User { user: _, source }
            | Self::UserNamed { username: _, source }
            | Self::GroupsOf { user: _, source }
            | Self::CreateGroup { name: _, source }
            | Self::UpdateGroup { group: _, source }
            | Self::DeleteGroup { group: _, source }
            | Self::Join { user: _, group: _, source }
            | Self::Leave { user: _, group: _, source } => Some(source),
            Self::CreatedWithoutId { name: _, call: _ } => None,
        }
    }

    /// Returns what is known of the call's effect.
    pub fn outcome(&self) -> Outcome {
        self.cause().map_or(Outcome::Unknown, http::Error::outcome)
    }

    /// Says whether what the call was about is not there (any more), in Keycloak's own words.
    pub fn is_gone(&self) -> bool {
        self.cause().is_some_and(is_gone)
    }

    /// Says whether something of that name is there already, or somebody did the same at the same time.
    pub fn is_conflict(&self) -> bool {
        self.cause().and_then(http::Error::status) == Some(StatusCode::CONFLICT)
    }

    /// Returns what an operator could look at.
    pub fn hint(&self) -> Option<String> {
        hint(self.cause()?)
    }

    /// Returns the whole story for an operator, in one line.
    pub fn why(&self) -> String {
        let story =
            self.cause().map_or_else(|| self.to_string(), |cause| format!("{self}: {}", cause.story()));
        self.hint().map_or(story.clone(), |hint| format!("{story} ({hint})"))
    }
}

/// Says whether Keycloak itself says that the object is missing: not its realm, not the path.
pub(super) fn is_gone(error: &http::Error) -> bool {
    error.refusal().and_then(Missing::of) == Some(Missing::Object)
}

fn hint(error: &http::Error) -> Option<String> {
    if let http::Error::Login { source, .. } = error {
        // The login goes to the user's own realm, so a missing realm means that one.
        return match source.refusal().and_then(Missing::of) {
            Some(Missing::Realm) => {
                Some("is keycloak_user_realm the realm in which the account lives?".to_owned())
            }
            _ => hint(source),
        };
    }
    if let http::Error::LoginRejected { reason, .. } = error {
        return Some(rejected(reason).to_owned());
    }
    let Some(refusal) = error.refusal() else { return error.hint() };
    let hint = match (refusal.status, Missing::of(refusal)) {
        (_, Some(Missing::Realm)) => "is keycloak_realm right? Realm names are case-sensitive",
        (_, Some(Missing::Path)) => "is keycloak_url right, with or without /auth at its end?",
        (_, Some(Missing::Unclear)) if refusal.web_page || refusal.json.is_none() => {
            "something else than Keycloak may have answered: is keycloak_url right, with or without /auth at its end?"
        }
        (StatusCode::UNAUTHORIZED, _) => {
            "the login worked, but its token is refused: only an account of the realm itself or of master may administer it"
        }
        (StatusCode::FORBIDDEN, _) => {
            "the account lacks a right: it needs the role manage-users (view-users for plans) of the client realm-management, \
             or of <realm>-realm if it lives in master"
        }
        (StatusCode::BAD_REQUEST, _) if refusal.said("error") == Some("missingNormalization") => {
            "the path was changed on its way: does a proxy rewrite it?"
        }
        (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, _) => {
            "the token may be too large for a proxy in between: give the account fewer roles"
        }
        _ => return error.hint(),
    };
    Some(hint.to_owned())
}

/// What a login is told whose password is right.
const UNFINISHED: &str = "Account is not fully set up";

/// Tells which of the credentials to look at, by the code with which every rejection of OAuth 2 begins (RFC 6749, 5.2).
fn rejected(reason: &str) -> &'static str {
    match reason.split(':').next() {
        Some("invalid_grant") if reason.ends_with(UNFINISHED) => {
            "the account has something to do first: outside master it needs an e-mail address, a first and a last name, \
             and no required action"
        }
        Some("invalid_grant") => {
            "are keycloak_username and keycloak_password right, is the account enabled, and does it live in keycloak_user_realm?"
        }
        Some("invalid_client" | "unauthorized_client") => {
            "are keycloak_client_id and keycloak_client_secret right, and may this client log in this way?"
        }
        _ => "does keycloak_url lead to Keycloak, and are the credentials right?",
    }
}
