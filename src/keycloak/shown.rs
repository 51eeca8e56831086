//! What of Keycloak's bodies and queries the log may show.

use crate::http::Form::{Amount, Id, Inside, Word};
use crate::http::Showable;

/// Nothing of accounts: only which group it is, and whose.
pub(super) const SHOWABLE: Showable = &[
    ("access", Inside),
    ("attributes", Inside),
    ("briefRepresentation", Word),
    ("exact", Word),
    ("first", Amount),
    ("manage", Word),
    ("manageMembership", Word),
    ("max", Amount),
    ("parentId", Id),
    ("populateHierarchy", Word),
    ("subGroupCount", Amount),
    ("subGroups", Inside),
    ("subGroupsCount", Word),
    ("viewMembers", Word),
    ("waldur_offering_uuid", Id),
    ("waldur_project_uuid", Id),
    ("waldur_role", Word),
];
