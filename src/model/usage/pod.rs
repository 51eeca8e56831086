//! What a pod requests, by the rule of Kubernetes' scheduler and quotas.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Quantity;

/// Amounts by resource, such as `cpu` or `nvidia.com/gpu`. None of them is negative.
pub type Requests = BTreeMap<String, Quantity>;

/// A pod, as far as it says what it requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pod {
    /// What runs together.
    pub containers: Vec<Container>,
    /// What runs before it, in this order.
    pub init: Vec<InitContainer>,
    /// What the pod as a whole requests (since Kubernetes 1.34).
    pub whole: Requests,
    /// What running it costs by itself.
    pub overhead: Requests,
    /// Whether a change of its size can never be done: what it asks for then counts for nothing, only what it has.
    pub resize_is_infeasible: bool,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// What it requests.
    pub requests: Requests,
    /// What it has while it is resized in place: granted by the node, and in force.
    pub granted: [Requests; 2],
}

/// A container that runs before the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitContainer {
    /// The container.
    pub container: Container,
    /// Whether it goes on running beside the others (a sidecar).
    pub restartable: bool,
}

impl Pod {
    /// Returns what the pod requests of everything that it names; nothing if that is beyond any number.
    pub fn effective(&self) -> Option<Requests> {
        let init = self.init.iter().map(|init| &init.container);
        let named = self.containers.iter().chain(init).flat_map(Container::named);
        let named: BTreeSet<&String> = named.chain(self.whole.keys()).chain(self.overhead.keys()).collect();
        named.into_iter().map(|name| Some((name.clone(), self.effective_of(name)?))).collect()
    }

    fn effective_of(&self, name: &str) -> Option<Quantity> {
        let of = |container: &Container| container.request(name, !self.resize_is_infeasible);
        let (mut sidecars, mut before) = (Quantity::ZERO, Quantity::ZERO);
        for InitContainer { container, restartable } in &self.init {
            let needed = if *restartable {
                sidecars = sidecars.plus(of(container))?;
                sidecars
            } else {
                sidecars.plus(of(container))?
            };
            before = before.max(needed);
        }
        let mut together = sidecars;
        for container in &self.containers {
            together = together.plus(of(container))?;
        }
        let whole = self.whole.get(name).filter(|_| may_be_said_of_a_whole_pod(name)).copied();
        let needed = whole.unwrap_or_else(|| together.max(before));
        needed.plus(self.overhead.get(name).copied().unwrap_or(Quantity::ZERO))
    }
}

impl Container {
    fn named(&self) -> impl Iterator<Item = &String> {
        self.requests.keys().chain(self.granted.iter().flat_map(BTreeMap::keys))
    }

    /// Returns what it counts for: the greatest of what it asks for and what it has.
    fn request(&self, name: &str, asks: bool) -> Quantity {
        let asked = asks.then(|| self.requests.get(name)).flatten();
        let had = self.granted.iter().filter_map(|granted| granted.get(name));
        asked.into_iter().chain(had).copied().max().unwrap_or(Quantity::ZERO)
    }
}

/// Kubernetes takes these for a whole pod, and no others.
fn may_be_said_of_a_whole_pod(name: &str) -> bool {
    name == "cpu" || name == "memory" || name.starts_with("hugepages-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(text: &str) -> Requests {
        serde_yaml::from_str(text).unwrap()
    }

    fn container(text: &str) -> Container {
        Container { requests: requests(text), ..Container::default() }
    }

    fn before(text: &str) -> InitContainer {
        InitContainer { container: container(text), restartable: false }
    }

    fn sidecar(text: &str) -> InitContainer {
        InitContainer { container: container(text), restartable: true }
    }

    fn pod(containers: &[&str], init: Vec<InitContainer>) -> Pod {
        Pod { containers: containers.iter().map(|text| container(text)).collect(), init, ..Pod::default() }
    }

    #[track_caller]
    fn needs(pod: &Pod, text: &str) {
        assert_eq!(pod.effective().unwrap(), requests(text));
    }

    #[test]
    fn containers_that_run_together_add_up() {
        needs(&pod(&["{cpu: 250m, memory: 1Gi}", "{cpu: 1}", "{}"], vec![]), "{cpu: 1250m, memory: 1Gi}");
    }

    #[test]
    fn one_that_runs_before_counts_only_if_it_needs_more_than_all_that_come_after() {
        let two = ["{cpu: 1}", "{cpu: 1}"];
        needs(&pod(&two, vec![before("{cpu: 500m}"), before("{cpu: 1500m}")]), "{cpu: 2}");
        needs(&pod(&two, vec![before("{cpu: 500m}"), before("{cpu: 3}")]), "{cpu: 3}");
    }

    #[test]
    fn each_resource_is_judged_by_itself() {
        let pod = pod(&["{cpu: 2, memory: 1Gi}"], vec![before("{cpu: 1, memory: 4Gi}")]);
        needs(&pod, "{cpu: 2, memory: 4Gi}");
    }

    #[test]
    fn a_sidecar_runs_beside_the_containers() {
        needs(&pod(&["{cpu: 1}"], vec![sidecar("{cpu: 200m}"), sidecar("{cpu: 300m}")]), "{cpu: 1500m}");
    }

    #[test]
    fn one_that_runs_before_needs_its_place_beside_the_sidecars_that_were_started_already() {
        // 2 beside 500m of the first; the second is not there yet.
        let init = vec![sidecar("{cpu: 500m}"), before("{cpu: 2}"), sidecar("{cpu: 700m}")];
        needs(&pod(&["{cpu: 1}"], init), "{cpu: 2500m}");
        // In the other order nothing runs beside it.
        let init = vec![before("{cpu: 2}"), sidecar("{cpu: 500m}"), sidecar("{cpu: 700m}")];
        needs(&pod(&["{cpu: 1}"], init), "{cpu: 2200m}");
    }

    #[test]
    fn sidecars_alone_can_be_the_most() {
        needs(&pod(&[], vec![sidecar("{cpu: 1}"), sidecar("{cpu: 2}")]), "{cpu: 3}");
    }

    #[test]
    fn what_is_said_of_the_whole_pod_wins_for_cpu_memory_and_huge_pages_only() {
        let mut one = pod(&["{cpu: 4, memory: 1Gi, hugepages-2Mi: 4Mi, nvidia.com/gpu: 1}"], vec![]);
        one.whole = requests("{cpu: 2, memory: 2Gi, hugepages-2Mi: 2Mi, nvidia.com/gpu: 8}");
        needs(&one, "{cpu: 2, memory: 2Gi, hugepages-2Mi: 2Mi, nvidia.com/gpu: 1}");
        let mut alone = pod(&[], vec![]);
        alone.whole = requests("{cpu: 2}");
        needs(&alone, "{cpu: 2}");
    }

    #[test]
    fn overhead_comes_on_top_of_everything() {
        let mut one = pod(&["{cpu: 1}"], vec![before("{cpu: 2}")]);
        one.overhead = requests("{cpu: 250m, memory: 120Mi}");
        needs(&one, "{cpu: 2250m, memory: 120Mi}");
        one.whole = requests("{cpu: 4}");
        needs(&one, "{cpu: 4250m, memory: 120Mi}");
    }

    #[test]
    fn while_it_is_resized_the_greatest_of_asked_granted_and_in_force_counts() {
        let mut one = pod(&["{cpu: 1}"], vec![]);
        one.containers[0].granted = [requests("{cpu: 2}"), requests("{cpu: 1500m}")];
        needs(&one, "{cpu: 2}");
        one.containers[0].requests = requests("{cpu: 3}");
        needs(&one, "{cpu: 3}");
        one.resize_is_infeasible = true;
        needs(&one, "{cpu: 2}");
    }

    #[test]
    fn extended_resources_are_counted_as_they_are_requested() {
        needs(&pod(&["{nvidia.com/gpu: 1}", "{nvidia.com/gpu: 2}"], vec![]), "{nvidia.com/gpu: 3}");
    }

    #[test]
    fn what_is_beyond_any_number_is_not_guessed() {
        assert_eq!(pod(&["{memory: 7Ei}", "{memory: 7Ei}"], vec![]).effective(), None);
    }
}
