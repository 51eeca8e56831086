//! Proxies: `global_proxy` for Waldur, as the Python agent had it, and the environment's for the others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use agent::sandbox::System;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, Uri};
use serde_json::Value;
use tower::ServiceExt;

use super::{Run, Site, agent, ended};

/// A proxy that leads to the sandbox, by names that nobody else knows; it notes whom it was asked for.
struct Proxy {
    address: String,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Proxy {
    async fn of(site: &Site) -> Self {
        let asked: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let routers = System::ALL.map(|system| (format!("{system}.test"), site.sandbox.router(system)));
        let notes = Arc::clone(&asked);
        let pass_on = async move |mut request: Request| -> Response<Body> {
            let host = request.uri().host().unwrap_or("nowhere").to_owned();
            notes.lock().unwrap().insert(host.clone());
            let router = routers.iter().find(|(name, _)| *name == host).map(|(_, router)| router.clone());
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
            *request.uri_mut() = path.parse::<Uri>().unwrap();
            match router {
                Some(router) => router.oneshot(request).await.unwrap(),
                None => Response::builder().status(502).body(Body::empty()).unwrap(),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass_on)).await });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().cloned().collect()
    }
}

async fn plan(site: &Site, config: &Value, environment: &[(&str, &str)]) -> Run {
    let file = site.file("proxied.yaml", &config.to_string());
    let mut command = agent(&site.home, &["plan", "-c", file.to_str().unwrap()]);
    command.envs(environment.iter().copied());
    ended(command).await
}

#[tokio::test]
async fn the_global_proxy_is_on_the_way_to_waldur_and_to_nobody_else() {
    let site = Site::open("global-proxy").await;
    let proxy = Proxy::of(&site).await;
    let mut config = site.config_with(&[("waldur_api_url", "http://waldur.test/api/".into())]);
    config["global_proxy"] = proxy.address.as_str().into();
    plan(&site, &config, &[]).await.ends(0).out_has("Plan: ");
    assert_eq!(proxy.asked(), ["waldur.test"]);
}

#[tokio::test]
async fn the_environments_proxy_is_on_the_way_to_all_but_those_that_it_excepts() {
    let site = Site::open("environment-proxy").await;
    let proxy = Proxy::of(&site).await;
    let config = site.config_with(&[
        ("waldur_api_url", "http://waldur.test/api/".into()),
        ("backend_url", "http://rancher.test".into()),
        ("keycloak_url", "http://keycloak.test".into()),
    ]);
    plan(&site, &config, &[("HTTP_PROXY", &proxy.address)]).await.ends(0).out_has("Plan: ");
    assert_eq!(proxy.asked(), ["keycloak.test", "rancher.test", "waldur.test"]);

    let direct = Proxy::of(&site).await;
    let excepted = [("HTTP_PROXY", direct.address.as_str()), ("NO_PROXY", "127.0.0.1")];
    plan(&site, &site.config(), &excepted).await.ends(0).out_has("Plan: ");
    assert_eq!(direct.asked(), [""; 0]);
}

#[tokio::test]
async fn the_global_proxy_goes_before_the_environments() {
    let site = Site::open("both-proxies").await;
    let (global, environment) = (Proxy::of(&site).await, Proxy::of(&site).await);
    let mut config = site.config_with(&[
        ("waldur_api_url", "http://waldur.test/api/".into()),
        ("backend_url", "http://rancher.test".into()),
        ("keycloak_url", "http://keycloak.test".into()),
    ]);
    config["global_proxy"] = global.address.as_str().into();
    plan(&site, &config, &[("HTTP_PROXY", &environment.address)]).await.ends(0).out_has("Plan: ");
    assert_eq!(global.asked(), ["waldur.test"]);
    assert_eq!(environment.asked(), ["keycloak.test", "rancher.test"]);
}
