//! What would happen to quotas: Rancher's rules on projects and their namespaces, as strictly as it has them.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::quota::Limits;
use agent::model::world::{Namespace, Quota};
use agent::model::{ClusterRef, RancherProjectId, Reading};
use agent::plan::action::{CreateNamespace, QuotaSpec, SetNamespaceQuota, SetQuota, SetResourceQuota};

use super::{Impossible, Scene, ensure, there};

impl Scene<'_> {
    /// Returns the namespaces of a project, which somebody must have looked at.
    fn namespaces_of(
        &mut self,
        place: &ClusterRef,
        id: &RancherProjectId,
    ) -> Result<Vec<&mut Namespace>, Impossible> {
        let listed = self.cluster(place)?.inside.namespaces.as_mut().ok_or("nobody looked inside")?;
        Ok(there(listed)?.values_mut().filter(|one| one.project.as_ref() == Some(id)).collect())
    }

    pub(super) fn set_quota(&mut self, set: &SetQuota) -> Result<(), Impossible> {
        let count = self.namespaces_of(&set.cluster, &set.project)?.len();
        let project = self.project(&set.cluster, &set.project)?;
        let now = project.quota.clone().unwrap_or_default();
        ensure(
            now.limit == set.from.limit && now.namespace_default == set.from.namespace_default,
            "the quota changed meanwhile",
        )?;
        let goes = |key: &str| !set.to.as_ref().is_some_and(|to| to.limit.contains_key(key));
        let gone: BTreeSet<_> = now.limit.keys().filter(|key| goes(key)).cloned().collect();
        ensure(gone == set.removed, "the keys that go are not those that are named")?;
        for (key, limit) in set.to.iter().flat_map(|to| &to.limit) {
            let each = set.to.as_ref().and_then(|to| to.namespace_default.get(key)).unwrap_or(limit);
            let times = i128::try_from(count).unwrap_or(i128::MAX);
            let fits = now.used.contains_key(key) || each.scaled(times, 1).is_some_and(|all| all <= *limit);
            ensure(fits, "the default does not fit once for each namespace")?;
        }
        project.quota = set.to.as_ref().map(|spec| quota(spec, now.used)).transpose()?;
        // Namespaces get what is new, and lose what is gone.
        let default = set.to.as_ref().map(|to| to.namespace_default.clone()).unwrap_or_default();
        for namespace in self.namespaces_of(&set.cluster, &set.project)? {
            let mut has = namespace.quota.take().unwrap_or_default();
            has.retain(|key, _| default.contains_key(key));
            for (key, amount) in &default {
                has.entry(key.clone()).or_insert(*amount);
            }
            namespace.quota = Some(has).filter(|has| !has.is_empty());
        }
        self.count(&set.cluster, &set.project)
    }

    /// Adds up what the namespaces of a project have, as Rancher does.
    fn count(&mut self, place: &ClusterRef, id: &RancherProjectId) -> Result<(), Impossible> {
        let mut used = Limits::new();
        for namespace in self.namespaces_of(place, id)?.into_iter().filter(|one| one.is_counted()) {
            for (key, amount) in namespace.quota.iter().flatten() {
                let sum = used.entry(key.clone()).or_default();
                *sum = sum.plus(*amount).ok_or("absurd")?;
            }
        }
        let project = self.project(place, id)?;
        if let Some(quota) = &mut project.quota {
            let over = used.iter().any(|(key, used)| quota.limit.get(key).is_some_and(|limit| used > limit));
            ensure(!over, "the namespaces have more than their project")?;
            quota.used = used;
        }
        Ok(())
    }

    pub(super) fn set_namespace_quota(&mut self, set: &SetNamespaceQuota) -> Result<(), Impossible> {
        let listed = self.cluster(&set.cluster)?.inside.namespaces.as_mut().ok_or("nobody looked inside")?;
        let namespace = there(listed)?.get_mut(&set.namespace).ok_or("no such namespace")?;
        ensure(namespace.project.as_ref() == Some(&set.project), "it is another project's")?;
        ensure(namespace.quota.as_ref() == Some(&set.from), "the namespace changed meanwhile")?;
        namespace.quota = Some(set.to.clone());
        self.count(&set.cluster, &set.project)
    }

    pub(super) fn create_namespace(&mut self, create: &CreateNamespace) -> Result<(), Impossible> {
        let project = self.project_id(&create.project)?;
        let quota = self.project(&create.cluster, &project)?.quota.as_ref();
        let quota = quota.map(|quota| quota.namespace_default.clone());
        let listed =
            self.cluster(&create.cluster)?.inside.namespaces.as_mut().ok_or("nobody looked inside")?;
        let new = Namespace { project: Some(project.clone()), quota, managed: true, ..Namespace::default() };
        let before = there(listed)?.insert(create.name.clone(), new);
        ensure(before.is_none(), "a namespace of that name is there")?;
        self.count(&create.cluster, &project)
    }

    pub(super) fn set_resource_quota(&mut self, set: &SetResourceQuota) -> Result<(), Impossible> {
        let inside = &mut self.cluster(&set.cluster)?.inside;
        let listed = there(inside.namespaces.as_mut().ok_or("nobody looked inside")?)?;
        ensure(listed.contains_key(set.namespace.name()), "no such namespace")?;
        let quotas = there(inside.quotas.get_or_insert(Reading::Complete(BTreeMap::new())))?;
        let before = quotas.insert(set.namespace.name().clone(), set.to.clone());
        ensure(before == set.from, "the quota changed meanwhile")
    }
}

/// Rancher wants the same keys on both sides, no default above its limit, and nothing below what is used.
pub(super) fn quota(spec: &QuotaSpec, used: Limits) -> Result<Quota, Impossible> {
    let QuotaSpec { limit, namespace_default } = spec;
    ensure(limit.keys().eq(namespace_default.keys()), "the keys of both sides differ")?;
    ensure(!limit.is_empty(), "an empty quota is none")?;
    for (key, amount) in limit {
        ensure(namespace_default.get(key) <= Some(amount), "a namespace would get more than there is")?;
        ensure(used.get(key).is_none_or(|used| used <= amount), "more than that is used")?;
    }
    Ok(Quota { limit: limit.clone(), namespace_default: namespace_default.clone(), used })
}
