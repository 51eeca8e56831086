//! One offering, in the form of today or in the older one.

use jiff::SignedDuration;
use secrecy::SecretString;

use super::connections::{KeycloakConnection, RancherConnection, WaldurConnection};
use super::entry::Entry;
use super::keys::Place;
use super::path::{KeyPath, shown};
use super::section::Section;
use super::settings::OfferingSettings;
use super::tree::Node;
use super::{backend, components, groups, roles, waldur};
use crate::model::OfferingUuid;
use crate::model::policy::{OfferingPolicy, Scope};

const UUID: &str =
    "write the offering's UUID as Waldur shows it, such as 12345678-1234-5678-9abc-123456789012";
const TYPE: &str = "write `backend_type: rancher`; offerings of other types are left alone";
const STEPS_OFF: &str = "is switched off, because the key is missing or empty";

/// An offering that this agent keeps.
pub(super) struct Offering {
    pub(super) uuid: OfferingUuid,
    pub(super) policy: OfferingPolicy,
    pub(super) settings: OfferingSettings,
    pub(super) waldur: WaldurConnection,
    pub(super) rancher: RancherConnection,
    pub(super) keycloak: Option<KeycloakConnection>,
    /// The time between two looks, where the old key says one.
    pub(super) every: Option<SignedDuration>,
    /// Where its backend is described, for what is wrong between offerings.
    pub(super) backend: KeyPath,
}

/// Which form an offering is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `waldur_offering_uuid`, `backend_settings`, `backend_components`.
    Today,
    /// `uuid`, `backend`, `components`.
    Older,
}

impl Form {
    fn of(section: &Section<'_>) -> Self {
        let any = |keys: [&str; 3]| keys.into_iter().any(|key| section.entry(key).is_set());
        let today = any(["waldur_offering_uuid", "backend_settings", "backend_components"]);
        if !today && any(["uuid", "backend", "components"]) { Self::Older } else { Self::Today }
    }

    /// Returns a key's two names, this form's first: what is missing is missing under the name of its form.
    fn names(self, today: &'static str, older: &'static str) -> [&'static str; 2] {
        match self {
            Self::Today => [today, older],
            Self::Older => [older, today],
        }
    }
}

/// Reads one offering; nothing if it is another program's, or if something is wrong with it.
pub(super) fn read(
    entry: &Entry<'_>,
    shared: Option<&Section<'_>>,
    proxy: Option<SecretString>,
) -> Option<Offering> {
    if !is_ours(entry) {
        return None;
    }
    let section = entry.section(Place::Offering)?;
    section.entry("backend_type").required(TYPE);
    let form = Form::of(&section);
    let name = section.entry("name").required("write what you call the offering").text();
    let uuid = section.either(&form.names("waldur_offering_uuid", "uuid")).required(UUID).parsed(UUID);
    let waldur = waldur::connection(&section, shared, proxy, uuid);
    let sold = components::read(&section.either(&form.names("backend_components", "components")));
    let scope = scope(&section, form);
    let settings = section.either(&form.names("backend_settings", "backend"));
    let settings =
        settings.required("write Rancher's address, key and cluster below it").section(Place::Backend)?;
    let rancher = backend::read(&settings, name);
    let groups = groups::read(&settings);
    let mut policy = rancher.policy?;
    roles::read(&settings, &mut policy);
    policy.components = sold.kept;
    policy.scope = Scope { projects: scope.projects, members: scope.members };
    let (mut keycloak, mut every) = (None, None);
    if let Some(groups) = groups {
        let people = groups.policy?;
        roles::check(&settings, &policy, &people);
        policy.keycloak = Some(people);
        keycloak = Some(groups.connection?);
        every = groups.every;
    }
    let own = OfferingSettings { reports: scope.reports, components: sold.sold };
    Some(Offering {
        uuid: uuid?,
        policy,
        settings: own,
        waldur: waldur?,
        rancher: rancher.connection?,
        keycloak,
        every,
        backend: settings.path,
    })
}

/// Returns whether the offering says that it is one of Rancher's.
pub(super) fn is_rancher(entry: &Entry<'_>) -> bool {
    let Some(Node::Map(map)) = entry.node else { return false };
    matches!(map.get("backend_type"), Some(Node::Text(text)) if text.eq_ignore_ascii_case("rancher"))
}

/// Returns whether the offering is one of Rancher's, before anything else in it is judged.
fn is_ours(entry: &Entry<'_>) -> bool {
    let Some(map) = entry.map() else {
        if !entry.is_set() {
            entry.problem("the offering says nothing", "write its keys, or remove it");
        }
        return false;
    };
    let kind = Entry {
        reader: entry.reader,
        path: entry.path.key("backend_type"),
        node: map.get("backend_type"),
        misspelled: false,
    };
    if !kind.is_set() || map.repeated.iter().any(|key| key == "backend_type") {
        // It is reported with all else that is wrong; which type was meant is not guessed.
        return true;
    }
    let Some(text) = kind.text() else { return false };
    if text.eq_ignore_ascii_case("rancher") {
        return true;
    }
    if strsim::damerau_levenshtein(&text.to_lowercase(), "rancher") <= 2 {
        kind.problem(format!("there is no type {}", shown(&text)), "did you mean `rancher`?");
        return true;
    }
    kind.note(format!("offerings of type {} are left alone", shown(&text)), "");
    false
}

/// What is switched on.
struct Switches {
    projects: bool,
    members: bool,
    reports: bool,
}

fn scope(section: &Section<'_>, form: Form) -> Switches {
    let switch = |key, steps| switch(&section.entry(key), key, steps, form);
    Switches {
        projects: switch("order_processing_backend", "processing of orders, projects and quotas"),
        members: switch("membership_sync_backend", "keeping of groups, bindings and members"),
        reports: switch("reporting_backend", "reporting of usage"),
    }
}

/// Reads one of the switches. The older form has no such keys: without them everything is on there.
fn switch(entry: &Entry<'_>, key: &str, steps: &str, form: Form) -> bool {
    if entry.node.is_none() && form == Form::Older || entry.misspelled {
        return true;
    }
    let hint = format!("write `{key}: rancher` to switch it on");
    if !entry.is_set() {
        entry.note(format!("{steps} {STEPS_OFF}"), hint);
        return false;
    }
    let Some(text) = entry.text() else { return false };
    let on = text.eq_ignore_ascii_case("rancher");
    if !on {
        entry.warning(format!("{steps} is left to {}", shown(&text)), hint);
    }
    on
}
