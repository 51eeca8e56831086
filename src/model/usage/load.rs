//! What the objects of a namespace request together, while a list of them is read page by page.

use std::collections::BTreeMap;

use super::{Measure, Requests};
use crate::model::{NamespaceName, Quantity};

/// What the pods or the claims of each namespace request.
pub type Loads = BTreeMap<NamespaceName, Load>;

/// What the pods, or the claims, of one namespace request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// How many there are.
    count: i64,
    /// What they request together.
    requests: Requests,
    /// Why it is not known what they request, if one of them cannot be read.
    spoiled: Option<String>,
}

impl Load {
    /// Counts one more, which requests this; nothing if what it requests is beyond any number.
    pub fn add(&mut self, name: &str, requests: Option<Requests>) {
        self.count += 1;
        let too_much = || format!("what {name} requests is beyond any number");
        let Some(requests) = requests else { return self.spoil(too_much()) };
        for (resource, amount) in requests {
            let sum = self.requests.get(&resource).copied().unwrap_or(Quantity::ZERO).plus(amount);
            match sum {
                Some(sum) => drop(self.requests.insert(resource, sum)),
                None => self.spoil(too_much()),
            }
        }
    }

    /// Notes that one cannot be read: what they request together is not known then. The first reason is kept.
    pub fn spoil(&mut self, why: String) {
        self.spoiled.get_or_insert(why);
    }

    /// Returns how much there is of what is measured.
    ///
    /// # Errors
    /// If one of the objects cannot be read; says which and why.
    pub fn amount(&self, measure: &Measure) -> Result<Quantity, &str> {
        if let Some(why) = &self.spoiled {
            return Err(why);
        }
        let requested = |name| self.requests.get(name).copied().unwrap_or(Quantity::ZERO);
        Ok(measure.resource().map_or(Quantity::whole(self.count), requested))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(text: &str) -> Requests {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn objects_add_up_and_are_counted() {
        let mut load = Load::default();
        load.add("a", Some(requests("{cpu: 250m, memory: 1Gi}")));
        load.add("b", Some(requests("{cpu: 1}")));
        load.add("c", Some(requests("{}")));
        assert_eq!(load.amount(&Measure::Cpu), Ok("1250m".parse().unwrap()));
        assert_eq!(load.amount(&Measure::Memory), Ok(Quantity::gibibytes(1)));
        assert_eq!(load.amount(&Measure::Pods), Ok(Quantity::whole(3)));
        let gpu = Measure::Extended("nvidia.com/gpu".parse().unwrap());
        assert_eq!(load.amount(&gpu), Ok(Quantity::ZERO), "nobody asks for any");
    }

    #[test]
    fn one_that_cannot_be_read_spoils_the_sum() {
        let mut load = Load::default();
        load.add("a", Some(requests("{cpu: 1}")));
        load.spoil("b says nothing".to_owned());
        load.add("c", None);
        assert_eq!(load.amount(&Measure::Cpu), Err("b says nothing"));
        assert_eq!(load.amount(&Measure::Pods), Err("b says nothing"));
        let mut load = Load::default();
        load.add("a", Some(requests("{memory: 7Ei}")));
        load.add("b", Some(requests("{memory: 7Ei}")));
        assert_eq!(load.amount(&Measure::Memory), Err("what b requests is beyond any number"));
    }
}
