//! Quotas (rule 13).

use super::{QUIET, changed, is_quiet};

#[test]
fn rule_13_quotas_compare_as_numbers() {
    is_quiet(&changed(
        QUIET,
        &[("limitsCpu: \"8\", limitsMemory: 32Gi", "limitsCpu: 8000m, limitsMemory: 32768Mi")],
    ));
}
