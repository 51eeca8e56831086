//! What a component counts in Kubernetes, and in which unit.

use crate::model::policy::{Component, ComponentKind, ExtendedResource};

/// What a component counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Cores that pods request.
    Cpu,
    /// Memory that pods request, in GiB.
    Memory,
    /// Storage that claims request, in GiB.
    Storage,
    /// Pods.
    Pods,
    /// Pieces of an extended resource that pods request.
    Extended(ExtendedResource),
}

/// Which list of Kubernetes' a measure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The pods.
    Pods,
    /// The persistent volume claims.
    Claims,
}

impl Measure {
    /// Returns what a component counts; nothing if it stands for nothing that Kubernetes knows.
    pub fn of(component: &Component) -> Option<Self> {
        if let Some(resource) = &component.k8s_resource {
            return Some(Self::Extended(resource.clone()));
        }
        match component.kind {
            ComponentKind::Cpu => Some(Self::Cpu),
            ComponentKind::Memory => Some(Self::Memory),
            ComponentKind::Storage => Some(Self::Storage),
            ComponentKind::Pods => Some(Self::Pods),
            ComponentKind::Reported => None,
        }
    }

    /// Returns the list that it rests on.
    pub const fn source(&self) -> Source {
        match self {
            Self::Storage => Source::Claims,
            Self::Cpu | Self::Memory | Self::Pods | Self::Extended(_) => Source::Pods,
        }
    }

    /// Returns what Kubernetes calls the resource; nothing where objects themselves are counted.
    pub fn resource(&self) -> Option<&str> {
        match self {
            Self::Cpu => Some("cpu"),
            Self::Memory => Some("memory"),
            Self::Storage => Some("storage"),
            Self::Extended(resource) => Some(resource.as_str()),
            Self::Pods => None,
        }
    }

    /// Returns how many units of Kubernetes' one unit of the component is, before its factor.
    pub const fn unit(&self) -> i128 {
        match self {
            Self::Memory | Self::Storage => 1 << 30,
            Self::Cpu | Self::Pods | Self::Extended(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extended_resource_is_what_counts_whatever_the_kind() {
        let gpu: ExtendedResource = "nvidia.com/gpu".parse().unwrap();
        let component = Component { k8s_resource: Some(gpu.clone()), ..Component::new(ComponentKind::Cpu) };
        assert_eq!(Measure::of(&component), Some(Measure::Extended(gpu)));
        assert_eq!(Measure::of(&Component::new(ComponentKind::Reported)), None, "never zero for unknown");
    }
}
