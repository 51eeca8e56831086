//! Norman: the API objects under `/v3`.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::collection;
use super::import_yaml;
use super::merge;
use super::namespaces;
use super::object::Object;
use super::render::{self, Phase, View};
use super::reply::{Answer, Refusal};
use super::schema::{self, Kind};
use super::seed::Token;
use super::state::State;
use super::tokens;

/// A call to norman, with all that answering it needs.
struct Request<'a> {
    call: &'a Call,
    caller: &'a Token,
    kind: Kind,
    /// The cluster whose API is called, for namespaces.
    cluster: &'a str,
    /// What the address says about the objects: a field and its value.
    implied: Option<(&'static str, &'a str)>,
}

/// Answers a call to `/v3`; `path` is what follows.
pub(super) fn answer(state: &mut State, call: &Call, caller: &Token, path: &[&str]) -> Answer {
    let request = |kind, cluster, implied| Request { call, caller, kind, cluster, implied };
    let result = match path {
        [] => return root(call),
        ["settings", name] => return setting(state, call, name),
        ["tokens", name] => return tokens::one(state, call, caller, name),
        ["schemas", name] => schema_of(state, name),
        ["clusters" | "cluster", cluster, "namespaces", rest @ ..] => state
            .check_cluster(cluster)
            .and_then(|()| dispatch(state, &request(Kind::Namespace, cluster, None), rest)),
        ["clusters" | "cluster", cluster, "projects", rest @ ..] => {
            dispatch(state, &request(Kind::Project, "", Some(("clusterId", cluster))), rest)
        }
        [kind, project, "projectroletemplatebindings" | "projectRoleTemplateBindings"]
            if Kind::named(kind) == Some(Kind::Project) =>
        {
            dispatch(state, &request(Kind::Binding, "", Some(("projectId", project))), &[])
        }
        [name, rest @ ..] => match Kind::named(name).filter(|kind| *kind != Kind::Namespace) {
            Some(kind) => dispatch(state, &request(kind, "", None), rest),
            None => Err(Refusal::new(404, "NotFound", format!("failed to find schema {name}"))),
        },
    };
    result.unwrap_or_else(Refusal::norman)
}

fn root(call: &Call) -> Answer {
    let kinds = [Kind::Cluster, Kind::Project, Kind::Binding, Kind::RoleTemplate, Kind::User];
    let links: Map<String, Value> = kinds
        .iter()
        .map(|kind| (kind.plural().to_owned(), format!("{}/v3/{}", call.base, kind.plural()).into()))
        .collect();
    let version = json!({"group": "management.cattle.io", "path": "/v3", "version": "v3"});
    Answer::json(
        200,
        json!({"type": "apiRoot", "baseType": "apiRoot", "apiVersion": version, "links": links}),
    )
}

/// Answers for a setting.
pub(super) fn setting(state: &State, call: &Call, name: &str) -> Answer {
    let value = match name {
        "server-version" => state.version_text.clone(),
        "cacerts" => state.ca_certificates.clone(),
        "first-login" => "false".to_owned(),
        _ => return Refusal::not_found("settings.management.cattle.io", name).norman(),
    };
    let own = format!("{}/v3/settings/{name}", call.base);
    Answer::json(
        200,
        json!({"id": name, "name": name, "type": "setting", "baseType": "setting", "value": value, "default": "",
               "customized": false, "links": {"self": own}, "actions": {}}),
    )
}

/// Describes a kind, or a struct inside one.
fn schema_of(state: &State, name: &str) -> Result<Answer, Refusal> {
    let fields = schema::described(name, state.version)
        .ok_or_else(|| Refusal::new(404, "NotFound", format!("failed to find schema {name}")))?;
    Ok(Answer::json(
        200,
        json!({"id": name, "type": "schema", "baseType": "schema", "resourceFields": fields}),
    ))
}

fn dispatch(state: &mut State, request: &Request<'_>, path: &[&str]) -> Result<Answer, Refusal> {
    match (path, request.call.method.as_str()) {
        ([], "GET") => Ok(Answer::json(200, list(state, request))),
        ([], "POST") => create(state, request),
        ([id], "GET") => shown(state, request, id).map(|body| Answer::json(200, body)),
        ([id], "PUT") => update(state, request, id),
        ([id], "DELETE") => remove(state, request, id),
        ([id], "POST") => act(state, request, id),
        ([] | [_], _) => Err(Refusal::method()),
        _ => Err(Refusal::new(404, "NotFound", "")),
    }
}

/// Lists never refuse: what the caller may not see is simply not in them.
fn list(state: &State, request: &Request<'_>) -> Value {
    let objects = state.objects(request.kind, request.cluster);
    let visible = objects.into_iter().filter(|object| sees(request, object));
    let shown = visible.map(|object| render(state, request, object)).collect();
    let implied: Vec<(&str, &str)> = request.implied.into_iter().collect();
    let may_create =
        !request.caller.read_only && (request.kind != Kind::Project || !request.caller.is_restricted());
    collection::page(request.kind, request.call, &prefix(request), &implied, shown, may_create)
}

fn create(state: &mut State, request: &Request<'_>) -> Result<Answer, Refusal> {
    let mut body = schema::clean(request.kind.fields(), &request.call.object()?, state.version)?;
    if let Some((field, value)) = request.implied {
        body.insert(field.to_owned(), value.into());
    }
    let project = match request.kind {
        Kind::Project => None,
        Kind::Binding | Kind::Namespace => body.get("projectId").and_then(Value::as_str),
        Kind::RoleTemplate | Kind::User | Kind::Cluster => return Err(Refusal::method()),
    };
    let allowed =
        project.map_or(!request.caller.is_restricted(), |project| request.caller.sees_project(project));
    if request.caller.read_only || !allowed {
        let place = body.get("clusterId").and_then(Value::as_str).unwrap_or(request.cluster).to_owned();
        return Err(forbidden(request, "create", &place));
    }
    let id = match request.kind {
        Kind::Project => state.create_project(&body, request.caller)?,
        Kind::Binding => state.create_binding(&body, request.caller)?,
        Kind::Namespace | Kind::RoleTemplate | Kind::User | Kind::Cluster => {
            state.create_namespace(request.cluster, &body, request.caller)?;
            body.get("name").and_then(Value::as_str).unwrap_or("").to_owned()
        }
    };
    Ok(Answer::json(201, shown(state, request, &id)?))
}

fn update(state: &mut State, request: &Request<'_>, id: &str) -> Result<Answer, Refusal> {
    let before = shown(state, request, id)?;
    if request.caller.read_only {
        return Err(forbidden(request, "update", id));
    }
    if state.contended > 0 {
        state.contended -= 1;
        return Err(Refusal::modified(&request.kind.resource(), id));
    }
    let body = schema::clean(request.kind.fields(), &request.call.object()?, state.version)?;
    let replace = request.call.param("_replace") == Some("true");
    match request.kind {
        Kind::Project => state.update_project(id, &body, replace)?,
        Kind::Binding => state.update_binding(id, &body)?,
        Kind::Namespace => state.update_namespace(request.cluster, id, &body)?,
        Kind::RoleTemplate => state.update_role(id, before["builtin"] == true, &body, replace)?,
        Kind::User | Kind::Cluster => return Err(Refusal::method()),
    }
    Ok(Answer::json(200, shown(state, request, id)?))
}

/// An object that is still there afterwards is shown as removing; one that is gone leaves nothing to show.
fn remove(state: &mut State, request: &Request<'_>, id: &str) -> Result<Answer, Refusal> {
    shown(state, request, id)?;
    if request.caller.read_only {
        return Err(forbidden(request, "delete", id));
    }
    match request.kind {
        Kind::Project => state.remove_project(id)?,
        Kind::Binding => state.remove_binding(id)?,
        Kind::Namespace => {
            state.remove_namespace(request.cluster, id);
            state.settle();
        }
        Kind::RoleTemplate | Kind::User | Kind::Cluster => return Err(Refusal::method()),
    }
    Ok(shown(state, request, id).map_or_else(|_| Answer::empty(204), |body| Answer::json(200, body)))
}

fn act(state: &mut State, request: &Request<'_>, id: &str) -> Result<Answer, Refusal> {
    shown(state, request, id)?;
    match (request.call.param("action"), request.kind) {
        (Some("remove"), _) => remove(state, request, id),
        (Some("move"), Kind::Namespace) => {
            let body = request.call.object()?;
            let project = body.get("projectId").and_then(Value::as_str).unwrap_or("");
            state.move_namespace(request.cluster, id, project)?;
            Ok(Answer::empty(204))
        }
        // Who may not change the cluster is not offered the action.
        (Some("importYaml"), Kind::Cluster)
            if !request.caller.read_only && !request.caller.is_restricted() =>
        {
            state.check_cluster(id)?;
            import_yaml::apply(state, id, &request.call.object()?)
        }
        (Some(action), _) => Err(Refusal::new(422, "InvalidAction", format!("Invalid action: {action}"))),
        (None, _) => Err(Refusal::method()),
    }
}

/// Returns an object as the caller sees it. Who is held to some projects is not told which others, or
/// which other people, exist.
fn shown(state: &State, request: &Request<'_>, id: &str) -> Result<Value, Refusal> {
    let object = state.object(request.kind, request.cluster, id);
    let secretive =
        request.caller.is_restricted() && matches!(request.kind, Kind::Project | Kind::Binding | Kind::User);
    match object.filter(|object| sees(request, object)) {
        Some(object) => Ok(render(state, request, object)),
        None if secretive => Err(forbidden(request, "get", id)),
        None => {
            let name = id.split_once(':').map_or(id, |(_, name)| name);
            Err(Refusal::not_found(&request.kind.resource(), name))
        }
    }
}

fn sees(request: &Request<'_>, object: &Object) -> bool {
    match request.kind {
        Kind::Project => request.caller.sees_project(&object.id),
        Kind::Binding => {
            request.caller.sees_project(object.text("projectId").unwrap_or(""))
                && !object.text("userPrincipalId").is_some_and(is_systems)
        }
        Kind::Namespace => {
            let shown = namespaces::as_norman(object);
            !namespaces::is_hidden(object)
                && request.caller.sees_project(shown.text("projectId").unwrap_or(""))
        }
        Kind::User => {
            let principals =
                object.fields.get("principalIds").and_then(Value::as_array).into_iter().flatten();
            let all = !request.caller.is_restricted() || object.id == request.caller.user_id;
            all && !principals.filter_map(Value::as_str).any(is_systems)
        }
        Kind::RoleTemplate | Kind::Cluster => true,
    }
}

/// Whether a principal is one of Rancher's own, which it hides.
fn is_systems(principal: &str) -> bool {
    principal.starts_with("system://")
}

fn render(state: &State, request: &Request<'_>, object: &Object) -> Value {
    let (object, phase) = match request.kind {
        Kind::Project => (object.clone(), state.project_phase(object)),
        Kind::Namespace => (namespaces::as_norman(object), namespaces::phase(object)),
        Kind::User => {
            let mut user = object.clone();
            user.set("me", object.id == request.caller.user_id);
            (user, Phase::steady("active"))
        }
        Kind::Cluster => state.cluster_shown(object),
        Kind::Binding | Kind::RoleTemplate => (object.clone(), Phase::steady("active")),
    };
    let view = View { prefix: prefix(request), may_change: !request.caller.read_only };
    render::object(request.kind, &object, &phase, &view)
}

fn prefix(request: &Request<'_>) -> String {
    match request.kind {
        Kind::Namespace => format!("{}/v3/cluster/{}", request.call.base, request.cluster),
        Kind::Project | Kind::Binding | Kind::RoleTemplate | Kind::User | Kind::Cluster => {
            format!("{}/v3", request.call.base)
        }
    }
}

/// Kubernetes' refusal as norman passes it on.
fn forbidden(request: &Request<'_>, verb: &str, id: &str) -> Refusal {
    let (place, name) = id.split_once(':').map_or((id, ""), |(place, name)| (place, name));
    let subject = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
    let (resource, plural, user) = (request.kind.resource(), request.kind.plural(), &request.caller.user_id);
    let group = if request.kind == Kind::Namespace { "" } else { "management.cattle.io" };
    let message = format!(
        "{resource}{subject} is forbidden: User \"{user}\" cannot {verb} resource \"{plural}\" in API group \"{group}\" in \
         the namespace \"{place}\""
    );
    Refusal::new(403, "Forbidden", message)
}

impl State {
    fn objects(&self, kind: Kind, cluster: &str) -> Vec<&Object> {
        match kind {
            Kind::Project => self.projects.values().collect(),
            Kind::Binding => self.bindings.values().collect(),
            Kind::RoleTemplate => self.role_templates.values().collect(),
            Kind::User => self.users.values().collect(),
            Kind::Cluster => self.clusters.values().collect(),
            Kind::Namespace => self
                .namespaces
                .iter()
                .filter(|((owner, _), _)| owner == cluster)
                .map(|(_, object)| object)
                .collect(),
        }
    }

    fn object(&self, kind: Kind, cluster: &str, id: &str) -> Option<&Object> {
        match kind {
            Kind::Project => self.projects.get(id),
            Kind::Binding => self.bindings.get(id),
            Kind::RoleTemplate => self.role_templates.get(id),
            Kind::User => self.users.get(id),
            Kind::Cluster => self.clusters.get(id),
            Kind::Namespace => self.namespaces.get(&(cluster.to_owned(), id.to_owned())),
        }
    }

    /// The cluster API of a cluster that is unknown or cannot be reached.
    fn check_cluster(&self, cluster: &str) -> Result<(), Refusal> {
        if self.is_reachable(cluster) {
            return Ok(());
        }
        Err(Refusal::new(503, "ClusterUnavailable", "cluster not found"))
    }

    /// Only the lock and the defaults for creators can be changed in a built-in role template.
    fn update_role(
        &mut self,
        id: &str,
        builtin: bool,
        body: &Map<String, Value>,
        replace: bool,
    ) -> Result<(), Refusal> {
        let free = ["locked", "clusterCreatorDefault", "projectCreatorDefault"];
        let mut body = body.clone();
        if builtin {
            body.retain(|key, _| free.contains(&key.as_str()));
        }
        let revision = self.next_revision();
        let role = self
            .role_templates
            .get_mut(id)
            .ok_or_else(|| Refusal::not_found(&Kind::RoleTemplate.resource(), id))?;
        role.fields = merge::merged(Kind::RoleTemplate.fields(), &role.fields, &body, replace && !builtin)?;
        role.revision = revision;
        Ok(())
    }

    fn cluster_shown(&self, cluster: &Object) -> (Object, Phase) {
        let mut shown = cluster.clone();
        let reachable = self.is_reachable(&cluster.id);
        shown.set(
            "conditions",
            json!([{"type": "Ready", "status": if reachable { "True" } else { "False" }}]),
        );
        if reachable {
            return (shown, Phase::steady("active"));
        }
        let message = "Cluster agent is not connected".to_owned();
        (shown, Phase { state: "unavailable", transitioning: "error", message })
    }
}
