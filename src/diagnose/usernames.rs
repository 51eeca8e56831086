//! Whether people of an offering get a name by which Keycloak and Rancher know them, or wait for one for ever.

use super::Site;
use super::finding::{CUT, Check, Finding, Place};
use super::waldur::trouble;
use crate::model::OfferingUuid;
use crate::model::policy::MemberIdentity;
use crate::plan::render::{Counted, escaped};
use crate::waldur::{Client, Setup};

const CHECK: Check = Check::Usernames;
/// Under this policy the provider names people, and this agent names nobody. It is Waldur's own default.
const BY_HAND: &str = "service_provider";
const NAME_THEM: &str = "choose another username_generation_policy in the offering's options, such as waldur_username or \
                         identity_claim; or write `member_identity: user_username`";

/// Looks at the names of the offering's users, and at where they come from.
pub(super) async fn look(
    site: &Site<'_>,
    client: &Client,
    place: &Place,
    offering: OfferingUuid,
    setup: &Setup,
) -> Finding {
    let identity = site.config.policy.offerings.get(&offering).map(|policy| policy.member_identity);
    if setup.makes_users == Some(false) {
        let hint = "switch service_provider_can_create_offering_user on in the offering's options";
        return Finding::wrong(CHECK, place, "the provider may not see and make the offering's users", hint);
    }
    match identity.unwrap_or_default() {
        MemberIdentity::OfferingUsername => {}
        MemberIdentity::UserUsername => {
            return Finding::well(
                CHECK,
                place,
                "people are known by their account in Waldur, which has a name",
            );
        }
        MemberIdentity::UserUuid => {
            return Finding::well(CHECK, place, "people are known by their UUID in Waldur");
        }
    }
    let users = match client.offering_users(offering).await {
        Ok(users) => users,
        Err(error) => return Finding::trouble(CHECK, place, trouble(&error)),
    };
    // Nobody is given a role, or loses one, by a list that is cut.
    if let Some(gap) = users.gap() {
        return Finding::wrong(CHECK, place, format!("they cannot all be read: {gap}"), CUT);
    }
    let known = || users.known().into_iter().flatten();
    let nameless = known().filter(|(_, user)| user.username.is_none()).count();
    let all = known().count();
    let policy = setup.usernames.as_deref();
    let by_hand = policy.is_none_or(|policy| policy == BY_HAND);
    let source = policy.map_or_else(|| format!("{BY_HAND}, Waldur's default"), escaped);
    let source = format!("username_generation_policy is {source}");
    match (nameless, by_hand) {
        (0, false) => {
            Finding::well(CHECK, place, format!("{} have one; {source}", Counted(all, "person", "people")))
        }
        (0, true) => {
            let said =
                format!("{source}: whoever comes next has no username until somebody gives them one by hand");
            Finding::remark(CHECK, place, said, NAME_THEM)
        }
        (some, true) => {
            let said = format!(
                "{some} of {} wait for a username that nobody gives them: {source}",
                Counted(all, "person", "people")
            );
            Finding::wrong(CHECK, place, said, NAME_THEM)
        }
        (some, false) => {
            let said =
                format!("{some} of {} have no username yet; {source}", Counted(all, "person", "people"));
            Finding::remark(CHECK, place, said, "does Waldur say what it waits for, at the offering's users?")
        }
    }
}
