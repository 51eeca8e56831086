//! Which users a listing asks for: two kinds of comparison, and the rule about service accounts.

use super::call::{Page, Parameters};
use super::pattern::{Pattern, Wildcards, attribute_query};
use super::people::{People, User};

/// What a listing of users asks for.
#[derive(Debug)]
pub(super) enum UserFilter {
    /// `search=id:...`.
    Ids(Vec<String>),
    /// `search=...`: each term begins one of the four fields.
    Terms { terms: Vec<Pattern>, enabled: Option<bool> },
    /// `username=...` and its like. Only these see service accounts.
    Fields(Box<Fields>),
    /// Nothing in particular.
    Everybody,
}

/// How a field is read from a user.
type Field = fn(&User) -> Option<&str>;

/// The field filters; all of them must hold.
#[derive(Debug)]
pub(super) struct Fields {
    patterns: Vec<(Field, Pattern)>,
    /// The one username to look up, so that nobody else need be looked at.
    username: Option<String>,
    enabled: Option<bool>,
    /// Nobody here has a verified address or another identity provider, so asking for those finds nobody.
    finds_nobody: bool,
    attributes: Vec<(String, String)>,
}

const NAMES: [(&str, Field); 4] = [
    ("username", |user| Some(&user.username)),
    ("email", |user| user.email.as_deref()),
    ("firstName", |user| user.first_name.as_deref()),
    ("lastName", |user| user.last_name.as_deref()),
];

/// Parameters that make a listing one by fields, even where they hold for everybody.
const FIELD_PARAMETERS: [&str; 10] = [
    "username",
    "email",
    "firstName",
    "lastName",
    "emailVerified",
    "idpAlias",
    "idpUserId",
    "enabled",
    "exact",
    "q",
];

impl UserFilter {
    /// Reads the query.
    pub(super) fn read(query: &Parameters) -> Self {
        let enabled = query.optional_flag("enabled");
        if let Some(search) = query.get("search") {
            return match search.trim().strip_prefix("id:") {
                Some(ids) => Self::Ids(ids.split_whitespace().map(str::to_owned).collect()),
                None => Self::Terms { terms: terms(search), enabled },
            };
        }
        if FIELD_PARAMETERS.iter().any(|name| query.get(name).is_some()) {
            Self::Fields(Box::new(Fields::read(query)))
        } else {
            Self::Everybody
        }
    }

    /// Returns the page of those who are asked for, sorted by username.
    pub(super) fn select<'a>(&self, people: &'a People, page: Page) -> Vec<&'a User> {
        match self {
            Self::Ids(ids) => page.of(ids.iter().filter_map(|id| people.get(id))).collect(),
            Self::Terms { terms, enabled } => {
                let wanted = ordinary(people).filter(|user| {
                    enabled.is_none_or(|enabled| user.enabled == enabled)
                        && terms.iter().all(|term| any_name(user, term))
                });
                page.of(wanted).collect()
            }
            Self::Fields(fields) => match &fields.username {
                Some(name) => {
                    page.of(people.named(name).into_iter().filter(|user| fields.hold(user))).collect()
                }
                None => page.of(people.by_name().filter(|user| fields.hold(user))).collect(),
            },
            Self::Everybody => page.of(ordinary(people)).collect(),
        }
    }
}

impl Fields {
    fn read(query: &Parameters) -> Self {
        let exact = query.flag("exact", false);
        let pattern = |term: &str| {
            if exact {
                Pattern::whole(term, Wildcards::Literal).ignoring_case()
            } else {
                Pattern::anywhere(term, Wildcards::Like).ignoring_case()
            }
        };
        let given = NAMES.iter().filter_map(|(name, field)| Some((*field, pattern(query.get(name)?))));
        Self {
            patterns: given.collect(),
            username: query.get("username").filter(|_| exact).map(str::to_owned),
            enabled: query.optional_flag("enabled"),
            finds_nobody: query.flag("emailVerified", false)
                || query.get("idpAlias").is_some()
                || query.get("idpUserId").is_some(),
            attributes: query.get("q").map(attribute_query).unwrap_or_default(),
        }
    }

    fn hold(&self, user: &User) -> bool {
        let has = |(key, value): &(String, String)| {
            user.attributes.get(key).is_some_and(|values| values.contains(value))
        };
        !self.finds_nobody
            && self.enabled.is_none_or(|enabled| user.enabled == enabled)
            && self
                .patterns
                .iter()
                .all(|(field, pattern)| field(user).is_some_and(|text| pattern.matches(text)))
            && self.attributes.iter().all(has)
    }
}

fn ordinary(people: &People) -> impl Iterator<Item = &User> {
    people.by_name().filter(|user| !user.service_account)
}

fn any_name(user: &User, term: &Pattern) -> bool {
    NAMES.iter().any(|(_, field)| field(user).is_some_and(|text| term.matches(text)))
}

/// Reads search terms: a beginning each, with `*` as a wildcard; in quotes, the whole.
fn terms(search: &str) -> Vec<Pattern> {
    let term = |term: &str| match term.strip_prefix('"').and_then(|term| term.strip_suffix('"')) {
        Some(quoted) => Pattern::whole(quoted, Wildcards::Literal).ignoring_case(),
        None => Pattern::prefix(term, Wildcards::Star).ignoring_case(),
    };
    search.split_whitespace().map(term).collect()
}
