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

/// How soon requests that hang are released again while the town closes.
const AGAIN: Duration = Duration::from_millis(20);

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
    if port > u16::MAX - 3 {
        let why = format!("port {port} leaves no room for the three after it");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let bind = async |offset| {
        let wanted = if port == 0 { 0 } else { port + offset };
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
        let Self { waldur: _, rancher: _, keycloak: _, control: _, sandbox, closing, mut servers } = self;
        closing.send_replace(true);
        let finish = async {
            let mut end = Ok(());
            for server in &mut servers {
                end = end.and(server.await.map_err(io::Error::other).and_then(|served| served));
            }
            end
        };
        // A request may begin to hang only now, so they are released again and again.
        let release = async {
            loop {
                sandbox.release_hung();
                tokio::time::sleep(AGAIN).await;
            }
        };
        let finished = tokio::select! {
            finished = tokio::time::timeout(PATIENCE, finish) => finished,
            () = release => Ok(Ok(())),
        };
        finished.unwrap_or_else(|_late| {
            servers.iter().for_each(JoinHandle::abort);
            Ok(())
        })
    }
}
