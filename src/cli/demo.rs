//! `agent demo`

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::exit::Exit;
use super::failure::{Failure, on};
use super::live::{Decided, Live};
use super::{progress, shell, style, town};
use crate::apply::Executor;
use crate::config::{self, Environment};
use crate::model::marks;
use crate::model::world::World;
use crate::plan::render::text;
use crate::sandbox::{Clock, Meddling, Sandbox, keycloak, rancher, serve, story};

/// Enough to watch the steps go by, and to see that they run side by side.
const LATENCY: Duration = Duration::from_millis(25);

/// Shows the whole thing on a small made-up site: no server, no token, ten seconds
///
/// Opens the sandbox in this process, plans a site from nothing, applies the plan, finds nothing more to do; then
/// somebody meddles, and the next plan repairs it.
#[derive(Debug, Args)]
pub(super) struct Demo {}

impl Demo {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        let broken = |why: String| Failure::new(format!("the demo is broken: {why}"), "please report it");
        let seed = story().map_err(broken)?;
        let sandbox = Sandbox::new(seed.clone(), Clock::starting_at(shell::now()));
        sandbox.set_latency(LATENCY);
        let running =
            serve(sandbox.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.map_err(on("the sandbox"))?;
        let yaml = town::configuration(&running, &seed)?;
        let config = config::parse(&yaml, Path::new(""), &Environment::of_process())?;

        say(
            "A made-up university sells Kubernetes projects through Waldur. Two research projects have ordered four\n\
             of them; Rancher and Keycloak know nothing yet. This is what the agent would do:\n",
        )?;
        let mut live = Live::look(config).await?;
        let decided = show(&live)?;
        say("\nThat plan is applied now, whatever is ready at the same time:\n")?;
        apply(&mut live, &decided).await?;

        say("\nThe next look finds:\n")?;
        live.look_again().await?;
        show(&live)?;

        say(
            "\nNow somebody meddles: a stranger is put into a group, a binding is deleted, a quota is lowered.\n",
        )?;
        for act in mischief(&live.world).ok_or_else(|| broken("nothing to meddle with".to_owned()))? {
            sandbox.meddle(act).map_err(broken)?;
        }
        live.look_again().await?;
        let decided = show(&live)?;
        say("\nApplied:\n")?;
        apply(&mut live, &decided).await?;
        live.look_again().await?;
        let last = Decided::on(&live.world, &live.config.policy, None, None)?;
        running.stop().await.map_err(on("the sandbox"))?;
        if !last.verdict.admitted.steps().is_empty() {
            return Err(broken("it did not converge".to_owned()));
        }
        say(
            "\nEverything is in line again. Try it yourself: `agent sandbox --config-out c.yaml`, then, in another\n\
             terminal, `agent plan -c c.yaml` and `agent apply -c c.yaml`.\n",
        )?;
        Ok(Exit::Success)
    }
}

/// The story is data here: it goes where the plans go.
fn say(text: &str) -> Result<(), Failure> {
    Ok(style::print(&format!("{text}\n"))?)
}

fn show(live: &Live) -> Result<Decided, Failure> {
    let decided = Decided::on(&live.world, &live.config.policy, None, None)?;
    style::print_plan(&text::render(decided.review()))?;
    Ok(decided)
}

async fn apply(live: &mut Live, decided: &Decided) -> Result<(), Failure> {
    let admitted = &decided.verdict.admitted;
    let remembered = (live.world.memory.clone(), live.world.taken_at);
    let executor = Executor::new(&live.systems);
    let applied = executor.run(admitted, remembered, &CancellationToken::new(), progress::tell).await;
    let (line, exit) = progress::summary(admitted, &applied);
    style::tell_end(&line, exit)?;
    if exit != Exit::Success {
        return Err(Failure::new(
            "the demo did not work as it should",
            "please report it with what it printed",
        ));
    }
    live.world.memory = applied.memory;
    Ok(())
}

/// Picks what somebody meddles with: the fullest group gets a stranger, a binding goes, a quota shrinks.
fn mischief(world: &World) -> Option<Vec<Meddling>> {
    let (place, realm) = world.realms.first_key_value()?;
    let members = realm.members.iter().filter_map(|(id, members)| Some((id, members.known()?)));
    let (group, _) = members.max_by_key(|(_, members)| members.len())?;
    let (_, cluster) = world.clusters.first_key_value()?;
    let (binding, _) =
        cluster.bindings.known()?.iter().find(|(_, it)| marks::mark(&it.annotations).is_some())?;
    let (project, _) = cluster.projects.known()?.iter().find(|(_, it)| it.quota.is_some())?;
    let realm = place.realm.to_string();
    let lowered = json!({ "limit": { "limitsCpu": "1", "limitsMemory": "2Gi" } });
    Some(vec![
        Meddling::Keycloak(keycloak::Meddle::AddUser {
            realm: realm.clone(),
            username: "mallory".to_owned(),
            id: None,
            email: None,
            first_name: Some("Mallory".to_owned()),
            last_name: None,
            enabled: None,
        }),
        Meddling::Keycloak(keycloak::Meddle::AddMember {
            realm,
            group_id: Some(group.to_string()),
            group_name: None,
            user_id: None,
            username: Some("mallory".to_owned()),
        }),
        Meddling::Rancher(rancher::Meddle::DeleteBinding { id: binding.to_string() }),
        Meddling::Rancher(rancher::Meddle::SetQuota {
            project_id: project.to_string(),
            resource_quota: Some(lowered.clone()),
            namespace_default_resource_quota: Some(lowered),
        }),
    ])
}
