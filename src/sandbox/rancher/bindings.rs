//! Bindings of people and groups to projects: every check of a creation in its order, and what follows.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::agenda::Due;
use super::merge;
use super::mint;
use super::object::Object;
use super::reply::Refusal;
use super::schema::Kind;
use super::seed::Token;
use super::state::State;

const SUBJECTS: [&str; 4] = ["userPrincipalId", "userId", "groupPrincipalId", "groupId"];
const USERS: [&str; 2] = ["userId", "userPrincipalId"];
const GROUPS: [&str; 2] = ["groupId", "groupPrincipalId"];

impl State {
    pub(super) fn create_binding(
        &mut self,
        body: &Map<String, Value>,
        caller: &Token,
    ) -> Result<String, Refusal> {
        let mut fields = merge::created(Kind::Binding.fields(), body)?;
        let role = text(&fields, "roleTemplateId").to_owned();
        self.check_role(&role)?;
        check_subject(&fields)?;
        check_principal(text(&fields, "userPrincipalId"), &caller.provider)?;
        let backing = self.check_project(text(&fields, "projectId"))?;
        if caller.grantable_roles.as_ref().is_some_and(|roles| !roles.contains(&role)) {
            let reason = format!("user \"{}\" may not grant more than it holds", caller.user_id);
            return Err(Refusal::webhook(403, "Forbidden", Kind::Binding.plural(), &reason));
        }
        let name = self.name_binding(&fields, &backing)?;
        let id = format!("{backing}:{name}");
        fields.insert("name".to_owned(), name.into());
        let mut binding = self.new_object(&id, Some(&caller.user_id));
        binding.fields = fields;
        for (key, value) in merge::texts(body.get("annotations")) {
            binding.annotations.entry(key).or_insert(value);
        }
        for (key, value) in merge::texts(body.get("labels")) {
            binding.labels.entry(key).or_insert(value);
        }
        self.bindings.insert(id.clone(), binding);
        self.schedule(self.timing.ready_after_ms, Due::BindingFilled(id.clone()));
        Ok(id)
    }

    fn check_role(&self, id: &str) -> Result<(), Refusal> {
        let Some(role) = self.role_templates.get(id) else {
            let missing = format!("roletemplates.management.cattle.io \"{id}\" not found");
            return Err(Refusal::inside(format!("Error getting role template: {missing}")));
        };
        if role.flag("locked") {
            return Err(Refusal::new(422, "InvalidState", "Role is locked and cannot be assigned"));
        }
        match role.text("context").unwrap_or("") {
            "project" => Ok(()),
            context => {
                let message = format!("Cannot reference context [{context}] from [project] context");
                Err(Refusal::new(422, "InvalidBodyContent", message))
            }
        }
    }

    /// Finds the namespace for a project's bindings. Just after a project's creation Rancher's own cache does not know
    /// it yet, and a little later its namespace is still missing.
    fn check_project(&self, id: &str) -> Result<String, Refusal> {
        let missing = || Refusal::inside(format!("projects.management.cattle.io \"{id}\" not found"));
        let project = self.projects.get(id).ok_or_else(missing)?;
        let backing = Self::backing_namespace(project);
        if !project.fields.contains_key("conditions") {
            let ready_after = i64::try_from(self.timing.ready_after_ms).unwrap_or(i64::MAX);
            let cached_after = SignedDuration::from_millis(ready_after / 2);
            let age = self.moment.duration_since(project.created);
            return Err(if age < cached_after {
                missing()
            } else {
                Refusal::not_found("namespaces", backing)
            });
        }
        Ok(backing.to_owned())
    }

    /// Chooses the binding's name, and refuses what exists.
    fn name_binding(&mut self, fields: &Map<String, Value>, backing: &str) -> Result<String, Refusal> {
        let strict = self.version.refuses_duplicate_bindings();
        let subject =
            SUBJECTS.iter().map(|field| text(fields, field)).find(|text| !text.is_empty()).unwrap_or("");
        let name = match text(fields, "name") {
            "" if strict => {
                mint::binding_name(subject, text(fields, "roleTemplateId"), text(fields, "projectId"))
            }
            "" => self.mint.name("prtb-"),
            name => name.to_owned(),
        };
        // A predecessor that is still being removed keeps its name.
        if self.bindings.contains_key(&format!("{backing}:{name}")) {
            return Err(Refusal::already_exists(&Kind::Binding.resource(), &name));
        }
        let same = |field: &str, binding: &Object| binding.text(field).unwrap_or("") == text(fields, field);
        let duplicate = |binding: &&Object| {
            binding.removed.is_none()
                && same("projectId", binding)
                && same("roleTemplateId", binding)
                && SUBJECTS.iter().any(|field| !text(fields, field).is_empty() && same(field, binding))
        };
        if strict && self.bindings.values().any(|binding| duplicate(&binding)) {
            let reason = "duplicate prtb not allowed";
            return Err(Refusal::webhook(409, "Conflict", Kind::Binding.plural(), reason));
        }
        Ok(name)
    }

    /// Annotations and labels change; every other field keeps its value, whatever the body says.
    pub(super) fn update_binding(&mut self, id: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
        let revision = self.next_revision();
        let binding =
            self.bindings.get_mut(id).ok_or_else(|| Refusal::not_found(&Kind::Binding.resource(), id))?;
        binding.annotations = merge::merged_metadata(&binding.annotations, body.get("annotations"));
        binding.labels = merge::merged_metadata(&binding.labels, body.get("labels"));
        binding.revision = revision;
        Ok(())
    }

    pub(super) fn remove_binding(&mut self, id: &str) -> Result<(), Refusal> {
        let now = self.moment;
        let revision = self.next_revision();
        let binding =
            self.bindings.get_mut(id).ok_or_else(|| Refusal::not_found(&Kind::Binding.resource(), id))?;
        if binding.removed.is_none() {
            binding.removed = Some(now);
            binding.revision = revision;
            self.schedule(self.timing.removed_after_ms, Due::BindingGone(id.to_owned()));
        }
        self.settle();
        Ok(())
    }

    /// Fills in a user binding's other spelling of its user, and makes the user if need be.
    pub(super) fn binding_is_filled(&mut self, id: &str) {
        let Some(binding) = self.bindings.get(id) else { return };
        let (user, principal) = (binding.text("userId").map(str::to_owned), binding.text("userPrincipalId"));
        let (field, value, user) = match (user, principal.map(str::to_owned)) {
            (Some(user), None) => ("userPrincipalId", format!("local://{user}"), user),
            (None, Some(principal)) => {
                let user = self.user_of(&principal);
                ("userId", user.clone(), user)
            }
            (None, None) | (Some(_), Some(_)) => return,
        };
        let name = self.users.get(&user).and_then(|user| user.text("name")).map(str::to_owned);
        let revision = self.next_revision();
        if let Some(binding) = self.bindings.get_mut(id) {
            binding.set(field, value);
            binding.revision = revision;
            let display = "auth.cattle.io/principal-display-name".to_owned();
            binding.annotations.insert(display, name.unwrap_or(user));
        }
    }

    /// Returns the user that a principal stands for; a new one is made if there is none.
    fn user_of(&mut self, principal: &str) -> String {
        let names = |user: &Object| {
            let principals = user.fields.get("principalIds").and_then(Value::as_array).into_iter().flatten();
            user.id == principal.trim_start_matches("local://")
                || principals.into_iter().any(|known| known == principal)
        };
        if let Some(user) = self.users.values().find(|user| names(user)) {
            return user.id.clone();
        }
        let id = mint::user_id(principal);
        let mut user = self.new_object(&id, None);
        user.set("enabled", true);
        user.set("principalIds", vec![principal.to_owned()]);
        self.users.insert(id.clone(), user);
        id
    }

    /// Writes a binding past every check, as a person at the user interface or a seed does.
    pub(super) fn put_binding(
        &mut self,
        project_id: &str,
        name: &str,
        fields: BTreeMap<&str, String>,
        creator: Option<&str>,
    ) -> Result<String, String> {
        let project = self.projects.get(project_id).ok_or_else(|| format!("no project {project_id}"))?;
        let backing = Self::backing_namespace(project).to_owned();
        let name = if name.is_empty() { self.mint.name("prtb-") } else { name.to_owned() };
        let id = format!("{backing}:{name}");
        if self.bindings.contains_key(&id) {
            return Err(format!("binding {id} exists"));
        }
        let mut binding = self.new_object(&id, creator);
        binding.set("name", name);
        binding.set("projectId", project_id);
        for (field, value) in fields {
            binding.set(field, value);
        }
        self.bindings.insert(id.clone(), binding);
        self.binding_is_filled(&id);
        Ok(id)
    }
}

fn text<'a>(fields: &'a Map<String, Value>, field: &str) -> &'a str {
    fields.get(field).and_then(Value::as_str).unwrap_or("")
}

/// A binding has exactly one of a user and a group.
fn check_subject(fields: &Map<String, Value>) -> Result<(), Refusal> {
    let has = |names: [&str; 2]| names.iter().any(|name| !text(fields, name).is_empty());
    if has(USERS) == has(GROUPS) {
        let message = "must target a user [userId]/[userPrincipalId] OR a group [groupId]/[groupPrincipalId]";
        return Err(Refusal::new(422, "InvalidBodyContent", message));
    }
    Ok(())
}

/// Only principals of the login provider of the key's user can be resolved, and local ones. Groups are never checked.
fn check_principal(principal: &str, provider: &str) -> Result<(), Refusal> {
    let scheme = principal.split_once("://").map_or("", |(scheme, _)| scheme);
    let known = scheme == "local" || scheme == format!("{provider}_user");
    if principal.is_empty() || known {
        return Ok(());
    }
    Err(Refusal::inside(format!("unable to find principal {principal}: not found")))
}
