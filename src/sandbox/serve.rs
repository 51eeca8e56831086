//! The town on real sockets: four listeners side by side.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use super::system::System;
use super::town::Sandbox;

/// How long `stop` waits for requests under way. What takes longer is a client's fault or an ordered delay.
const PATIENCE: Duration = Duration::from_secs(5);

/// A town that is being served. It closes when this is dropped; `stop` also waits for it.
#[derive(Debug)]
pub struct Running {
    /// The root of Waldur's server.
    pub waldur: Url,
    /// The root of Rancher's server.
    pub rancher: Url,
    /// The root of Keycloak's server, without the path below which its realms lie.
    pub keycloak: Url,
    /// The root of the control address.
    pub control: Url,
    sandbox: Sandbox,
    closing: watch::Sender<bool>,
    servers: Vec<JoinHandle<io::Result<()>>>,
}

/// Serves the town: Waldur on `port`, Rancher, Keycloak and the control address on the next three. Port 0 takes
/// any four that are free. Nothing is protected by more than the servers' own tokens, and the control address by
/// nothing: anything but a loopback address is for closed networks.
pub async fn serve(sandbox: Sandbox, address: IpAddr, port: u16) -> io::Result<Running> {
    let bind = async |offset: u16| {
        let wanted = if port == 0 { Some(0) } else { port.checked_add(offset) };
        let wanted = wanted.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("port {port} leaves no room for three more"))
        })?;
        let listener = TcpListener::bind((address, wanted)).await.map_err(|why| {
            io::Error::new(why.kind(), format!("cannot listen on {address} port {wanted}: {why}"))
        })?;
        let root = Url::parse(&format!("http://{}/", listener.local_addr()?)).map_err(io::Error::other)?;
        Ok::<_, io::Error>((listener, root))
    };
    // All four are bound before the first is served, so that a taken port leaves nothing half open.
    let (on_waldur, waldur) = bind(0).await?;
    let (on_rancher, rancher) = bind(1).await?;
    let (on_keycloak, keycloak) = bind(2).await?;
    let (on_control, control) = bind(3).await?;

    let (closing, _) = watch::channel(false);
    let servers = vec![
        open(on_waldur, sandbox.router(System::Waldur), &closing),
        open(on_rancher, sandbox.router(System::Rancher), &closing),
        open(on_keycloak, sandbox.router(System::Keycloak), &closing),
        open(on_control, sandbox.control(), &closing),
    ];
    Ok(Running { waldur, rancher, keycloak, control, sandbox, closing, servers })
}

/// Serves one listener until `closing` says so or is dropped.
fn open(listener: TcpListener, router: Router, closing: &watch::Sender<bool>) -> JoinHandle<io::Result<()>> {
    let mut closed = closing.subscribe();
    let until = async move {
        // An error means that the sender is gone, which closes too.
        let _ = closed.wait_for(|closed| *closed).await;
    };
    tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(until).await })
}

impl Running {
    /// Returns the root of one server.
    pub fn root(&self, system: System) -> &Url {
        match system {
            System::Waldur => &self.waldur,
            System::Rancher => &self.rancher,
            System::Keycloak => &self.keycloak,
        }
    }

    /// Closes the town: requests under way are finished within five seconds, those that hang are broken off.
    pub async fn stop(self) -> io::Result<()> {
        let Self { waldur: _, rancher: _, keycloak: _, control: _, sandbox, closing, servers } = self;
        closing.send_replace(true);
        sandbox.release_hung();
        let mut end = Ok(());
        for mut server in servers {
            match tokio::time::timeout(PATIENCE, &mut server).await {
                Ok(served) => end = end.and(served.map_err(io::Error::other).and_then(|served| served)),
                Err(_) => server.abort(),
            }
        }
        end
    }
}
