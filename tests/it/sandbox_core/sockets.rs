//! The town on real sockets.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use agent::sandbox::{System, serve};
use serde_json::Value;

use super::{LONG, town, town_with};

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(LONG).build().unwrap()
}

#[tokio::test]
async fn four_servers_are_served_and_stop() {
    let running = serve(town(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
    let client = client();
    for system in System::ALL {
        client.get(running.root(system).join("nowhere").unwrap()).send().await.unwrap();
    }
    let journal = client.get(running.control.join("journal").unwrap()).send().await.unwrap();
    let journal: Value = journal.json().await.unwrap();
    let asked: Vec<&str> =
        journal["exchanges"].as_array().unwrap().iter().map(|one| one["system"].as_str().unwrap()).collect();
    assert_eq!(asked, ["waldur", "rancher", "keycloak"]);

    let roots = [&running.waldur, &running.rancher, &running.keycloak, &running.control].map(Clone::clone);
    running.stop().await.unwrap();
    for root in roots {
        assert!(client.get(root).send().await.unwrap_err().is_connect());
    }
}

#[tokio::test]
async fn the_ports_follow_each_other() {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    // Four free ports in a row are found by asking: another program may take one between two attempts.
    for first in (20_000..60_000).step_by(97) {
        let Ok(running) = serve(town(), address, first).await else { continue };
        let ports =
            [&running.waldur, &running.rancher, &running.keycloak, &running.control].map(url::Url::port);
        assert_eq!(ports, [first, first + 1, first + 2, first + 3].map(Some));
        let taken = serve(town(), address, first).await.unwrap_err();
        assert!(taken.to_string().contains(&first.to_string()), "{taken}");
        running.stop().await.unwrap();
        let full = serve(town(), address, 65_534).await.unwrap_err();
        assert!(full.to_string().contains("65534 leaves no room"), "{full}");
        return;
    }
    panic!("no four free ports");
}

#[tokio::test]
async fn a_reset_breaks_the_connection_of_a_real_client() {
    let town =
        town_with(&["* * * #1 reset-before", "* * * #2 reset-after", "* * * #3 status 503 retry-after 2"]);
    let running = serve(town.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
    let client = client();
    for _ in 0..2 {
        // Not even the head of an answer arrives, as with a real reset.
        let why = client.delete(running.rancher.join("v3/projects/x").unwrap()).send().await.unwrap_err();
        assert!(why.is_request() && !why.is_timeout() && !why.is_connect(), "{why:?}");
    }
    let response = client.get(running.rancher.join("v3/projects/x").unwrap()).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (503, &"2".parse().unwrap())
    );
    assert_eq!(town.journal().iter().map(|one| one.carried_out).collect::<Vec<_>>(), [false, true, false]);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn stopping_breaks_off_what_hangs() {
    let town = town_with(&["waldur * * hang"]);
    let running = serve(town.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
    let call = tokio::spawn(client().get(running.waldur.join("api/").unwrap()).send());
    town.hung().await;
    let started = tokio::time::Instant::now();
    running.stop().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(4), "it waited for what never answers");
    let why = call.await.unwrap().unwrap_err();
    assert!(!why.is_timeout(), "{why:?}");
}
