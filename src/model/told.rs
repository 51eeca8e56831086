//! What Waldur is told of a resource, for those who help its people: notes and the words for trouble.

use super::{ClusterRef, RancherProjectId};

/// Which Rancher project serves it.
pub const PROJECT_ID: &str = "rancher_project_id";
/// What that is called.
pub const PROJECT_NAME: &str = "rancher_project_name";
/// Where Rancher shows it.
pub const PROJECT_URL: &str = "rancher_project_url";
/// How its limits become quotas.
pub const QUOTA_MODE: &str = "rancher_quota_mode";
/// As what its team is bound.
pub const ROLE: &str = "rancher_role";
/// In which group of Keycloak its team is.
pub const GROUP: &str = "keycloak_group";
/// What was told last of its people's access: how many are how far, and a digest of all of it.
pub const MEMBERSHIP: &str = "membership_sync_statuses";

/// All notes of this agent.
const OURS: [&str; 7] = [PROJECT_ID, PROJECT_NAME, PROJECT_URL, QUOTA_MODE, ROLE, GROUP, MEMBERSHIP];

/// The notes of the Python agent. It wrote all of them each time, with `quotas` and `users` always empty.
const PREDECESSORS: [&str; 5] = ["name", "organization", "description", "quotas", "users"];

/// What its trouble begins with in Waldur: a text that does not begin so is somebody else's.
pub const TROUBLE: &str = "Rancher says of its project: ";

/// What stands for a text of somebody else's in a world: it may say anything, and nothing rests on what it says.
pub const OTHERS: &str = "(another's text)";

/// The longest trouble, in characters: what people can take in.
const LONGEST_TROUBLE: usize = 1000;

/// Returns whether a note is an agent's; Waldur itself and others keep notes in the same place.
pub fn is_an_agents(key: &str) -> bool {
    OURS.contains(&key) || PREDECESSORS.contains(&key)
}

/// Returns whether a note is one of this agent's.
pub fn is_ours(key: &str) -> bool {
    OURS.contains(&key)
}

/// Returns whether notes are those that the Python agent wrote: single ones of these names may be anybody's.
pub fn is_predecessors<'a>(mut has: impl FnMut(&'a str) -> bool) -> bool {
    PREDECESSORS.into_iter().all(&mut has)
}

/// Returns the notes that say which project it is: they are known only once it is there.
pub fn place(cluster: &ClusterRef, id: &RancherProjectId) -> [(&'static str, String); 2] {
    let namespace = id.as_str().rsplit(':').next().unwrap_or_default();
    let (server, cluster) = (&cluster.server, &cluster.cluster);
    let url =
        format!("{server}/dashboard/c/{cluster}/explorer/management.cattle.io.project/{cluster}/{namespace}");
    [(PROJECT_ID, id.to_string()), (PROJECT_URL, url)]
}

/// Returns what Waldur is told of Rancher's own words for trouble: on one line, and not without end.
pub fn trouble(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: String = words.trim().chars().take(LONGEST_TROUBLE).collect();
    // Rancher does not always say what it is.
    let words = if words.is_empty() { "something is wrong with it" } else { words.trim_end() };
    format!("{TROUBLE}{words}")
}

/// Returns what of a resource's error text is kept: ours, or whether there is another's.
pub fn complaint(text: &str) -> &str {
    let text = text.trim();
    if text.is_empty() || text.starts_with(TROUBLE) { text } else { OTHERS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_shown_where_ranchers_dashboard_shows_it() {
        let cluster: ClusterRef = "https://rancher.example/c-m-1".parse().unwrap();
        let [(_, id), (_, url)] = place(&cluster, &"c-m-1:p-2".parse().unwrap());
        assert_eq!(id, "c-m-1:p-2");
        assert_eq!(
            url,
            "https://rancher.example/dashboard/c/c-m-1/explorer/management.cattle.io.project/c-m-1/p-2"
        );
    }

    #[test]
    fn trouble_is_told_on_one_line_and_not_without_end() {
        assert_eq!(trouble(" a\nb\u{0} "), format!("{TROUBLE}a b"));
        assert_eq!(trouble(""), format!("{TROUBLE}something is wrong with it"));
        assert_eq!(trouble(&"ä".repeat(5000)).chars().count(), TROUBLE.len() + LONGEST_TROUBLE);
    }
}
