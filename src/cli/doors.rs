//! From a configuration to the doors of its servers: where one knocks without saying who one is.

use super::connect::{USER_AGENT, network, proxy_of};
use super::failure::Failure;
use crate::config::{Config, Tls};
use crate::diagnose::{Doors, Entrance};
use crate::http::{Door, Line, Network, Proxy, Transport};
use crate::{rancher, waldur};

/// Returns the doors of all servers, in the order of the configuration's connections.
pub(super) fn doors(config: &Config) -> Result<Doors, Failure> {
    let mut doors = Doors::default();
    for connection in &config.connections.waldur {
        let proxy = || proxy_of(connection.proxy.as_ref());
        let url = waldur::base_url(connection.url.as_str());
        doors.waldur.push(entrance("waldur", url, &connection.tls, proxy)?);
    }
    for connection in &config.connections.rancher {
        let url = rancher::base_url(connection.url.as_str());
        doors.rancher.push(entrance("rancher", url, &connection.tls, Proxy::default)?);
    }
    for connection in &config.connections.keycloak {
        doors.keycloak.push(entrance("keycloak", connection.url.as_str(), &connection.tls, Proxy::default)?);
    }
    Ok(doors)
}

fn entrance(system: &str, url: &str, tls: &Tls, proxy: impl Fn() -> Proxy) -> Result<Entrance, Failure> {
    let guarded = Network { keep_certificates: true, ..network(tls, proxy()) };
    let unguarded = Network { verify: false, keep_certificates: true, ..network(tls, proxy()) };
    let door = |way: &Network| {
        let line = Line::new(system, url, Transport::network(way)?, USER_AGENT)?;
        Ok::<_, Failure>(Door::new(line))
    };
    Ok(Entrance { door: door(&guarded)?, unguarded: door(&unguarded)? })
}
