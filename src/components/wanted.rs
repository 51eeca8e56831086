//! What the configuration says of a component, in the fields of Waldur's.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::config::{Accounting, Sold};

/// The name of a field of Waldur's component.
pub type Field = &'static str;

/// What a component should say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// What the configuration says; a field that it leaves unsaid is not there.
    pub fields: BTreeMap<Field, Value>,
    /// What follows from that where a component is made. One that is there keeps what it says.
    pub implied: BTreeMap<Field, Value>,
}

/// Why a component cannot be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    /// Waldur wants to know how it is billed.
    #[error("the configuration does not say its accounting_type")]
    NoAccounting,
    /// It differs, and nothing says which one to change.
    #[error("it differs from the configuration, and Waldur does not say its UUID")]
    NoUuid,
}

impl Problem {
    /// Returns what to do about it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::NoAccounting => "write usage, limit, one, fixed or few as its accounting_type",
            Self::NoUuid => "change it in Waldur: this server cannot be told which one is meant",
        }
    }
}

impl Wanted {
    /// Returns what Waldur should say of a component.
    ///
    /// # Errors
    /// If the configuration says too little.
    pub fn of(sold: &Sold) -> Result<Self, Problem> {
        let accounting = sold.accounting.ok_or(Problem::NoAccounting)?;
        let mut fields = BTreeMap::from([
            ("billing_type", word(accounting).into()),
            ("name", Value::from(sold.label.as_str())),
        ]);
        if !sold.measured_unit.is_empty() {
            fields.insert("measured_unit", sold.measured_unit.as_str().into());
        }
        // The configuration calls one field otherwise than Waldur does.
        let further = sold
            .more
            .iter()
            .map(|(field, value)| (if *field == "limit" { "limit_amount" } else { *field }, value.clone()));
        fields.extend(further);
        // As the Python agent's loader has it: what is paid once is paid before.
        let prepaid = accounting == Accounting::One && !fields.contains_key("is_prepaid");
        let implied = prepaid.then(|| ("is_prepaid", Value::from(true))).into_iter().collect();
        Ok(Self { fields, implied })
    }
}

fn word(accounting: Accounting) -> &'static str {
    Accounting::WORDS.iter().find(|(_, known)| *known == accounting).map_or("", |(word, _)| word)
}
