//! Quotas as they should be: what a resource's limits ask for, key by key, and in which mode a project is kept.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::policy::{Component, ComponentKind, OfferingPolicy, QuotaMode};
use super::world::{Inside, Namespace, Project, Quota};
use super::{ComponentName, NamespaceName, Quantity};

/// Amounts by key: Rancher's keys on projects and namespaces, Kubernetes' in its own quotas.
pub type Limits = BTreeMap<SmolStr, Quantity>;

/// Rancher's keys, and what Kubernetes calls the same. Any other key is an extended one and called the same in both.
const NAMES: [(&str, &str); 13] = [
    ("configMaps", "configmaps"),
    ("limitsCpu", "limits.cpu"),
    ("limitsMemory", "limits.memory"),
    ("persistentVolumeClaims", "persistentvolumeclaims"),
    ("pods", "pods"),
    ("replicationControllers", "replicationcontrollers"),
    ("requestsCpu", "requests.cpu"),
    ("requestsMemory", "requests.memory"),
    ("requestsStorage", "requests.storage"),
    ("secrets", "secrets"),
    ("services", "services"),
    ("servicesLoadBalancers", "services.loadbalancers"),
    ("servicesNodePorts", "services.nodeports"),
];

/// The keys that are always ours, whatever an offering sells.
const ALWAYS_OURS: [&str; 2] = ["limitsCpu", "limitsMemory"];

/// Rancher's key for storage, which is only reported unless configured.
pub const STORAGE: &str = "requestsStorage";

/// Returns what Kubernetes calls a key of Rancher's.
pub fn kubernetes_name(key: &str) -> &str {
    NAMES.iter().find(|(ours, _)| *ours == key).map_or(key, |(_, name)| name)
}

/// Returns whether a key stands for an extended resource, which Rancher keeps apart (since 2.14).
pub fn is_extended(key: &str) -> bool {
    !NAMES.iter().any(|(ours, _)| *ours == key)
}

/// A limit that cannot be a quota.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitProblem {
    /// Waldur does not check.
    #[error("the limit of {component} is {limit}")]
    Negative {
        /// Which component.
        component: ComponentName,
        /// As Waldur has it.
        limit: i64,
    },
    /// Beyond anything that a cluster can have.
    #[error("the limit of {component}, {limit}, is beyond what a quota can say")]
    Absurd {
        /// Which component.
        component: ComponentName,
        /// As Waldur has it.
        limit: i64,
    },
    /// What is counted one by one cannot be halved.
    #[error("the limit of {component}, {limit} times its unit_factor, is no whole number")]
    Fraction {
        /// Which component.
        component: ComponentName,
        /// As Waldur has it.
        limit: i64,
    },
}

impl Component {
    /// Returns the quota key that the component becomes, in Rancher's spelling; none if it is only reported.
    pub fn quota_key(&self) -> Option<&str> {
        let usual = match (&self.k8s_resource, self.kind) {
            (Some(resource), _) => return self.quota.unwrap_or(true).then(|| resource.quota_key()),
            (None, ComponentKind::Cpu) => ("limitsCpu", true),
            (None, ComponentKind::Memory) => ("limitsMemory", true),
            (None, ComponentKind::Storage) => (STORAGE, false),
            (None, ComponentKind::Pods) => ("pods", false),
            (None, ComponentKind::Reported) => return None,
        };
        self.quota.unwrap_or(usual.1).then_some(usual.0)
    }

    /// Returns the amount that a limit in Waldur stands for.
    fn amount(&self, name: &ComponentName, limit: i64) -> Result<Quantity, LimitProblem> {
        if limit < 0 {
            return Err(LimitProblem::Negative { component: name.clone(), limit });
        }
        let counted = self.k8s_resource.is_some() || self.kind == ComponentKind::Pods;
        let in_gibibytes = matches!(self.kind, ComponentKind::Memory | ComponentKind::Storage) && !counted;
        let amount = if in_gibibytes { Quantity::gibibytes(limit) } else { Quantity::whole(limit) };
        let absurd = || LimitProblem::Absurd { component: name.clone(), limit };
        let amount = self.unit_factor.of(amount).ok_or_else(absurd)?;
        if counted && !amount.is_whole() {
            return Err(LimitProblem::Fraction { component: name.clone(), limit });
        }
        Ok(amount)
    }
}

/// Returns what `limits` ask for: each key once, with its amount. A component that Waldur does not mention asks for
/// nothing; that is for the customer to say, never zero. Makes no map, because mostly nothing differs.
pub fn wanted<'a>(
    policy: &'a OfferingPolicy,
    limits: &'a BTreeMap<ComponentName, i64>,
) -> impl Iterator<Item = Result<(&'a str, Quantity), LimitProblem>> {
    keys(policy).filter_map(|key| Some(sum(policy, limits, key).transpose()?.map(|amount| (key, amount))))
}

/// Returns the keys that the offering's components become, each once.
pub fn keys(policy: &OfferingPolicy) -> impl Iterator<Item = &str> {
    let components = || policy.components.values();
    let is_first = move |index: usize, key: &str| {
        !components().take(index).any(|earlier| earlier.quota_key() == Some(key))
    };
    components()
        .enumerate()
        .filter_map(move |(index, one)| one.quota_key().filter(|key| is_first(index, key)))
}

/// Returns whether a key of Rancher's is the offering's; all others belong to somebody else.
pub fn is_ours(policy: &OfferingPolicy, key: &str) -> bool {
    ALWAYS_OURS.contains(&key) || keys(policy).any(|ours| ours == key)
}

/// Several components may become one key.
fn sum(
    policy: &OfferingPolicy,
    limits: &BTreeMap<ComponentName, i64>,
    key: &str,
) -> Result<Option<Quantity>, LimitProblem> {
    let mut total = None;
    for (name, component) in &policy.components {
        if component.quota_key() != Some(key) {
            continue;
        }
        let Some(limit) = limits.get(name) else { continue };
        let amount = component.amount(name, *limit)?;
        let sum = total.unwrap_or(Quantity::ZERO).plus(amount);
        total = Some(sum.ok_or_else(|| LimitProblem::Absurd { component: name.clone(), limit: *limit })?);
    }
    Ok(total)
}

/// Returns the storage that `limits` speak of although no quota is configured for it: an older agent's quota has it.
pub fn storage(
    policy: &OfferingPolicy,
    limits: &BTreeMap<ComponentName, i64>,
) -> Result<Option<Quantity>, LimitProblem> {
    let is_storage = |one: &Component| one.kind == ComponentKind::Storage && one.k8s_resource.is_none();
    let mut sold = policy.components.iter().filter(|(_, one)| is_storage(one) && one.quota.is_none());
    sold.find_map(|(name, one)| Some(one.amount(name, *limits.get(name)?))).transpose()
}

/// Returns the quota that `limits` ask for, or nothing if they ask for none.
pub fn quota(
    policy: &OfferingPolicy,
    limits: &BTreeMap<ComponentName, i64>,
) -> Result<Option<Limits>, LimitProblem> {
    if policy.quota == QuotaMode::None {
        return Ok(None);
    }
    let wanted: Limits = wanted(policy, limits)
        .map(|one| one.map(|(key, amount)| (SmolStr::new(key), amount)))
        .collect::<Result<_, _>>()?;
    Ok(Some(wanted).filter(|wanted| !wanted.is_empty()))
}

/// Returns what each namespace gets of an amount unless it says otherwise. What is counted one by one is not split
/// into fractions: a namespace gets the whole part.
pub fn share(policy: &OfferingPolicy, key: &str, amount: Quantity) -> Quantity {
    let part = policy.namespace_share.of(amount).map_or(amount, |part| part.min(amount));
    if key == "pods" || is_extended(key) { part.floored() } else { part }
}

/// Returns what each namespace gets of `limits` unless it says otherwise.
pub fn namespace_default(policy: &OfferingPolicy, limits: &Limits) -> Limits {
    limits.iter().map(|(key, amount)| (key.clone(), share(policy, key, *amount))).collect()
}

/// Returns whether a project's quota is all that `limits` ask for, and nothing else of ours. Limits that make no
/// sense are not met by anything.
pub fn is_met(policy: &OfferingPolicy, limits: &BTreeMap<ComponentName, i64>, quota: Option<&Quota>) -> bool {
    let Some(Quota { limit, namespace_default, used: _ }) = quota else {
        return wanted(policy, limits).next().is_none();
    };
    let mut met = 0;
    for one in wanted(policy, limits) {
        let Ok((key, amount)) = one else { return false };
        let is = limit.get(key) == Some(&amount)
            && namespace_default.get(key) == Some(&share(policy, key, amount));
        if !is {
            return false;
        }
        met += 1;
    }
    // Each key that was wanted is there; any further one must be somebody else's, and have its other half.
    limit.len() == met && namespace_default.len() == met
        || limit.keys().eq(namespace_default.keys())
            && limit.keys().filter(|key| is_ours(policy, key)).count() == met
}

/// Returns whether a key of Kubernetes' is the offering's, in a namespace's quota.
pub fn is_ours_inside(policy: &OfferingPolicy, key: &str) -> bool {
    let mut ours = ALWAYS_OURS.into_iter().chain(keys(policy));
    ours.any(|ours| kubernetes_name(ours) == key)
}

/// Returns whether a namespace's quota is all that `limits` ask for, and nothing else of ours.
pub fn is_met_inside(policy: &OfferingPolicy, limits: &BTreeMap<ComponentName, i64>, hard: &Limits) -> bool {
    let mut met = 0;
    for one in wanted(policy, limits) {
        let Ok((key, amount)) = one else { return false };
        if hard.get(kubernetes_name(key)) != Some(&amount) {
            return false;
        }
        met += 1;
    }
    let kept = hard.get(kubernetes_name(STORAGE));
    let storage = kept.is_none()
        || matches!(storage(policy, limits), Ok(amount) if amount.is_none_or(|it| Some(&it) == kept));
    storage && hard.keys().filter(|key| is_ours_inside(policy, key)).count() == met
}

/// Decides in which mode one project is kept, from what was read; nothing while too little was read to say.
///
/// A project that the Python agent made has no quota of its own: the agent put one into a namespace. Such a project
/// stays as it is where the policy says `project`; it changes over when somebody removes the namespace's quota.
/// `namespaces` are those of the project.
pub fn mode(
    policy: &OfferingPolicy,
    project: &Project,
    namespaces: &[(&NamespaceName, &Namespace)],
    inside: &Inside,
) -> Option<QuotaMode> {
    let own = project.quota.iter().flat_map(|quota| quota.limit.keys());
    if policy.quota != QuotaMode::Project || own.into_iter().any(|key| is_ours(policy, key)) {
        return Some(policy.quota);
    }
    let (listed, quotas) = (inside.namespaces.as_ref()?, inside.quotas.as_ref()?);
    let kept = quotas.known()?;
    if namespaces.iter().any(|(name, _)| kept.contains_key(*name)) {
        return Some(QuotaMode::Namespace);
    }
    (listed.complete().is_some() && quotas.complete().is_some()).then_some(QuotaMode::Project)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::policy::Factor;

    fn policy(components: &str) -> OfferingPolicy {
        let mut policy = OfferingPolicy::new(
            "x".to_owned(),
            "https://rancher.example/c-1".parse().unwrap(),
            "project-member".parse().unwrap(),
        );
        policy.components = serde_yaml::from_str(components).unwrap();
        policy
    }

    fn limits(text: &str) -> BTreeMap<ComponentName, i64> {
        serde_yaml::from_str(text).unwrap()
    }

    fn asked(policy: &OfferingPolicy, text: &str) -> Result<String, String> {
        let quota = quota(policy, &limits(text)).map_err(|problem| problem.to_string())?.unwrap_or_default();
        let parts: Vec<String> = quota.iter().map(|(key, amount)| format!("{key} {amount}")).collect();
        Ok(parts.join(", "))
    }

    #[test]
    fn only_cpu_memory_and_extended_resources_become_quotas_unless_configured() {
        let sold = "{c: {kind: cpu}, m: {kind: memory}, s: {kind: storage}, p: {kind: pods}, \
                    g: {kind: reported, k8s_resource: nvidia.com/gpu}, n: {kind: reported}}";
        let bought = "{c: 8, m: 32, s: 100, p: 50, g: 2, n: 7}";
        assert_eq!(
            asked(&policy(sold), bought).unwrap(),
            "limitsCpu 8, limitsMemory 32Gi, requests.nvidia.com/gpu 2"
        );
        let more = sold.replace("storage}", "storage, quota: true}").replace("pods}", "pods, quota: true}");
        let more = more.replace("cpu}", "cpu, quota: false}");
        assert_eq!(
            asked(&policy(&more), bought).unwrap(),
            "limitsMemory 32Gi, pods 50, requests.nvidia.com/gpu 2, requestsStorage 100Gi"
        );
    }

    #[test]
    fn components_of_one_key_add_up_with_their_factors() {
        let two = policy("{big: {kind: cpu, unit_factor: 4}, small: {kind: cpu, unit_factor: 0.5}}");
        assert_eq!(asked(&two, "{big: 2, small: 3}").unwrap(), "limitsCpu 9500m");
        assert_eq!(asked(&two, "{small: 2}").unwrap(), "limitsCpu 1");
        assert_eq!(asked(&two, "{}").unwrap(), "", "never zero for missing");
    }

    #[test]
    fn what_makes_no_sense_is_said_with_its_number() {
        let gpu = policy("{cpu: {kind: cpu}, gpu: {kind: reported, k8s_resource: a/b, unit_factor: 0.5}}");
        assert_eq!(asked(&gpu, "{cpu: -2}").unwrap_err(), "the limit of cpu is -2");
        assert_eq!(asked(&gpu, "{gpu: 4}").unwrap(), "requests.a/b 2");
        assert!(asked(&gpu, "{gpu: 3}").unwrap_err().ends_with("is no whole number"));
        let huge = policy("{m: {kind: memory, unit_factor: 1000000}}");
        assert!(asked(&huge, "{m: 9223372036854775807}").unwrap_err().contains("beyond"));
    }

    #[test]
    fn a_quota_is_met_only_by_all_that_is_wanted_and_nothing_else_of_ours() {
        let mut policy = policy("{c: {kind: cpu}, m: {kind: memory}}");
        policy.namespace_share = "0.5".parse::<Factor>().unwrap();
        let bought = limits("{c: 8, m: 32}");
        let met = |text: &str| is_met(&policy, &bought, Some(&serde_yaml::from_str(text).unwrap()));
        let whole = "{limit: {limitsCpu: 8000m, limitsMemory: 32Gi}, namespace_default: {limitsCpu: 4, limitsMemory: 16Gi}}";
        assert!(met(whole));
        assert!(met(&whole
            .replace("8000m,", "8, pods: 7,")
            .replace("limitsCpu: 4,", "limitsCpu: 4, pods: 7,")));
        assert!(!met(&whole.replace("8000m,", "8, pods: 7,")), "one half of a foreign key");
        assert!(!met(&whole.replace("limitsCpu: 4,", "limitsCpu: 8,")), "another share");
        assert!(!met("{limit: {limitsCpu: 8}, namespace_default: {limitsCpu: 4}}"), "a key is missing");
        assert!(
            !is_met(&policy, &limits("{c: 8}"), Some(&serde_yaml::from_str(whole).unwrap())),
            "one too many"
        );
        assert!(!is_met(&policy, &bought, None));
        assert!(is_met(&policy, &limits("{}"), None));
    }

    #[test]
    fn gpus_are_not_split_between_namespaces() {
        let mut policy = policy("{}");
        policy.namespace_share = "0.5".parse().unwrap();
        assert_eq!(share(&policy, "requests.nvidia.com/gpu", Quantity::whole(3)), Quantity::whole(1));
        assert_eq!(share(&policy, "limitsCpu", Quantity::whole(3)).to_string(), "1500m");
    }
}
