//! A team that is large enough for a removal to be too large.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use agent::sandbox::{Meddling, Seed, generate, waldur};

use super::Site;

/// A site with one team of twelve, so that a removal can be too large.
pub(super) fn one_large_team() -> Seed {
    generate(2, 12, 1).unwrap()
}

/// Takes some members of the first project out of its team.
pub(super) fn leave(site: &Site, who: std::ops::Range<usize>) {
    let project = &site.seed.waldur.projects[0];
    for grant in &project.grants[who] {
        let act = waldur::Meddle::LeaveProject {
            project_uuid: project.uuid,
            user_uuid: grant.user_uuid,
            role: None,
        };
        site.sandbox.meddle(Meddling::Waldur(act)).unwrap();
    }
}
