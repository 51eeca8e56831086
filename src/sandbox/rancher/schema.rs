//! The kinds of objects that norman shows, field by field.

use serde_json::{Map, Value, json};

use super::reply::Refusal;
use super::version::Version;

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Project,
    Binding,
    RoleTemplate,
    User,
    Cluster,
    Namespace,
}

/// What a client may do with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Written by the server.
    Shown,
    /// Taken at creation, silently ignored afterwards.
    AtCreation,
    /// Must be there at creation, silently ignored afterwards.
    RequiredAtCreation,
    /// Taken at any time.
    Changeable,
    /// Must be there at creation and whenever the object is replaced.
    Required,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Text,
    Reference,
    Flag,
    TextMap,
    List,
    Struct(&'static str, &'static [Field]),
}

/// A field of a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) access: Access,
}

const fn field(name: &'static str, shape: Shape, access: Access) -> Field {
    Field { name, shape, access }
}

const fn quantity(name: &'static str) -> Field {
    field(name, Shape::Text, Access::Changeable)
}

/// The map of a quota that servers before 2.14 lack.
pub(super) const EXTENDED: &str = "extended";

const QUOTA_LIMIT: &[Field] = &[
    quantity("configMaps"),
    field(EXTENDED, Shape::TextMap, Access::Changeable),
    quantity("limitsCpu"),
    quantity("limitsMemory"),
    quantity("persistentVolumeClaims"),
    quantity("pods"),
    quantity("replicationControllers"),
    quantity("requestsCpu"),
    quantity("requestsMemory"),
    quantity("requestsStorage"),
    quantity("secrets"),
    quantity("services"),
    quantity("servicesLoadBalancers"),
    quantity("servicesNodePorts"),
];
const LIMIT: Shape = Shape::Struct("resourceQuotaLimit", QUOTA_LIMIT);
const PROJECT_QUOTA: &[Field] =
    &[field("limit", LIMIT, Access::Changeable), field("usedLimit", LIMIT, Access::Changeable)];
const NAMESPACE_QUOTA: &[Field] = &[field("limit", LIMIT, Access::Changeable)];
const CONTAINER_LIMIT: &[Field] =
    &[quantity("limitsCpu"), quantity("limitsMemory"), quantity("requestsCpu"), quantity("requestsMemory")];
const CONTAINER: Shape = Shape::Struct("containerResourceLimit", CONTAINER_LIMIT);

const PROJECT: &[Field] = &[
    field("name", Shape::Text, Access::Required),
    field("clusterId", Shape::Reference, Access::Required),
    field("description", Shape::Text, Access::Changeable),
    field("resourceQuota", Shape::Struct("projectResourceQuota", PROJECT_QUOTA), Access::Changeable),
    field(
        "namespaceDefaultResourceQuota",
        Shape::Struct("namespaceResourceQuota", NAMESPACE_QUOTA),
        Access::Changeable,
    ),
    field("containerDefaultResourceLimit", CONTAINER, Access::Changeable),
    field("backingNamespace", Shape::Text, Access::Shown),
    field("namespaceId", Shape::Reference, Access::Shown),
    field("conditions", Shape::List, Access::Shown),
];
const BINDING: &[Field] = &[
    field("projectId", Shape::Reference, Access::RequiredAtCreation),
    field("roleTemplateId", Shape::Reference, Access::RequiredAtCreation),
    field("name", Shape::Text, Access::AtCreation),
    field("userId", Shape::Reference, Access::AtCreation),
    field("userPrincipalId", Shape::Reference, Access::AtCreation),
    field("groupId", Shape::Reference, Access::AtCreation),
    field("groupPrincipalId", Shape::Reference, Access::AtCreation),
    field("serviceAccount", Shape::Reference, Access::Shown),
    field("namespaceId", Shape::Reference, Access::Shown),
];
const ROLE_TEMPLATE: &[Field] = &[
    field("name", Shape::Text, Access::Required),
    field("description", Shape::Text, Access::Changeable),
    field("context", Shape::Text, Access::Changeable),
    field("locked", Shape::Flag, Access::Changeable),
    field("hidden", Shape::Flag, Access::Changeable),
    field("builtin", Shape::Flag, Access::Shown),
    field("external", Shape::Flag, Access::Changeable),
    field("administrative", Shape::Flag, Access::Changeable),
    field("clusterCreatorDefault", Shape::Flag, Access::Changeable),
    field("projectCreatorDefault", Shape::Flag, Access::Changeable),
    field("roleTemplateIds", Shape::List, Access::Changeable),
    field("rules", Shape::List, Access::Changeable),
];
const USER: &[Field] = &[
    field("name", Shape::Text, Access::Changeable),
    field("username", Shape::Text, Access::AtCreation),
    field("description", Shape::Text, Access::Changeable),
    field("principalIds", Shape::List, Access::Changeable),
    field("enabled", Shape::Flag, Access::Changeable),
    field("me", Shape::Flag, Access::Shown),
    field("mustChangePassword", Shape::Flag, Access::Changeable),
];
const CLUSTER: &[Field] = &[
    field("name", Shape::Text, Access::Required),
    field("description", Shape::Text, Access::Changeable),
    field("driver", Shape::Text, Access::Shown),
    field("provider", Shape::Text, Access::Shown),
    field("internal", Shape::Flag, Access::Shown),
    field("version", Shape::Struct("info", &[]), Access::Shown),
    field("conditions", Shape::List, Access::Shown),
];
const NAMESPACE: &[Field] = &[
    field("name", Shape::Text, Access::RequiredAtCreation),
    field("projectId", Shape::Reference, Access::AtCreation),
    field("description", Shape::Text, Access::Changeable),
    field("resourceQuota", Shape::Struct("namespaceResourceQuota", NAMESPACE_QUOTA), Access::Changeable),
    field("containerDefaultResourceLimit", CONTAINER, Access::Changeable),
];

impl Kind {
    /// Finds a kind by its id or its plural, in any case.
    pub(super) fn named(text: &str) -> Option<Self> {
        let known =
            [Self::Project, Self::Binding, Self::RoleTemplate, Self::User, Self::Cluster, Self::Namespace];
        known.into_iter().find(|kind| {
            text.eq_ignore_ascii_case(kind.type_name()) || text.eq_ignore_ascii_case(kind.plural())
        })
    }

    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Binding => "projectRoleTemplateBinding",
            Self::RoleTemplate => "roleTemplate",
            Self::User => "user",
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
        }
    }

    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Project => "projects",
            Self::Binding => "projectroletemplatebindings",
            Self::RoleTemplate => "roletemplates",
            Self::User => "users",
            Self::Cluster => "clusters",
            Self::Namespace => "namespaces",
        }
    }

    /// Returns what Kubernetes calls the resource in its messages.
    pub(super) fn resource(self) -> String {
        match self {
            Self::Namespace => "namespaces".to_owned(),
            Self::Project | Self::Binding | Self::RoleTemplate | Self::User | Self::Cluster => {
                format!("{}.management.cattle.io", self.plural())
            }
        }
    }

    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::Project => PROJECT,
            Self::Binding => BINDING,
            Self::RoleTemplate => ROLE_TEMPLATE,
            Self::User => USER,
            Self::Cluster => CLUSTER,
            Self::Namespace => NAMESPACE,
        }
    }

    /// Bindings and role templates have no state.
    pub(super) fn has_state(self) -> bool {
        match self {
            Self::Project | Self::User | Self::Cluster | Self::Namespace => true,
            Self::Binding | Self::RoleTemplate => false,
        }
    }
}

/// Reads a body: drops what the schema does not have, trims texts, writes numbers as text.
pub(super) fn clean(
    fields: &'static [Field],
    body: &Map<String, Value>,
    version: Version,
) -> Result<Map<String, Value>, Refusal> {
    let mut kept = Map::new();
    for field in fields {
        let unknown = field.name == EXTENDED && !version.knows_extended_quota();
        if let Some(value) = body.get(field.name).filter(|_| !unknown) {
            kept.insert(field.name.to_owned(), clean_value(field, value, version)?);
        }
    }
    for map in ["annotations", "labels"] {
        if let Some(value) = body.get(map) {
            kept.insert(
                map.to_owned(),
                clean_value(&field(map, Shape::TextMap, Access::Changeable), value, version)?,
            );
        }
    }
    Ok(kept)
}

fn clean_value(field: &Field, value: &Value, version: Version) -> Result<Value, Refusal> {
    let refused = || Refusal::field("InvalidType", field.name, "");
    if value.is_null() {
        return Ok(Value::Null);
    }
    match field.shape {
        Shape::Text | Shape::Reference => text(value).map(Value::from).ok_or_else(refused),
        Shape::Flag => value.as_bool().map(Value::from).ok_or_else(refused),
        Shape::List => value.as_array().cloned().map(Value::from).ok_or_else(refused),
        Shape::TextMap => {
            let entries = value.as_object().ok_or_else(refused)?.iter();
            let texts =
                entries.filter_map(|(key, value)| text(value).map(|value| (key.clone(), Value::from(value))));
            Ok(Value::Object(texts.collect()))
        }
        Shape::Struct(_, fields) => {
            let inner = value.as_object().ok_or_else(refused)?;
            let mut kept = clean(fields, inner, version)?;
            kept.remove("annotations");
            kept.remove("labels");
            Ok(Value::Object(kept))
        }
    }
}

/// Returns a scalar as norman writes it into a field of text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Describes the fields of a kind or of a struct inside one, as `/v3/schemas/<name>` does.
pub(super) fn described(name: &str, version: Version) -> Option<Map<String, Value>> {
    let fields = if let Some(kind) = Kind::named(name) {
        kind.fields()
    } else {
        let structs = [
            ("resourceQuotaLimit", QUOTA_LIMIT),
            ("projectResourceQuota", PROJECT_QUOTA),
            ("namespaceResourceQuota", NAMESPACE_QUOTA),
            ("containerResourceLimit", CONTAINER_LIMIT),
        ];
        structs.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?.1
    };
    let known = fields.iter().filter(|field| field.name != EXTENDED || version.knows_extended_quota());
    Some(known.map(|field| (field.name.to_owned(), describe(field))).collect())
}

fn describe(field: &Field) -> Value {
    let shape = match field.shape {
        Shape::Text => "string",
        Shape::Reference => "reference",
        Shape::Flag => "boolean",
        Shape::TextMap => "map[string]",
        Shape::List => "array[string]",
        Shape::Struct(name, _) => name,
    };
    json!({
        "type": shape,
        "create": field.access != Access::Shown,
        "update": matches!(field.access, Access::Changeable | Access::Required),
        "required": matches!(field.access, Access::Required | Access::RequiredAtCreation),
    })
}
