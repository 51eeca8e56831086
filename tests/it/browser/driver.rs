//! A Chromium, steered by its driver: the few words of WebDriver that are needed here.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A browser that does not answer within this time hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the page is looked at on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Screen {
    /// A window of 1,280 by 900.
    Desk,
    /// A phone of 390 by 844.
    Phone,
}

/// One browser with one page; it ends with this.
pub(super) struct Browser {
    client: reqwest::Client,
    session: String,
    _driver: Child,
}

impl Browser {
    pub(super) async fn open(screen: Screen) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed: see .ci/browser");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("the driver says its port");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        // Whatever else it says must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        let mut options = json!({
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--window-size=1280,900",
            ],
        });
        if matches!(screen, Screen::Phone) {
            let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let url = format!("http://127.0.0.1:{port}/session");
        let opened = send(client.post(&url), &capabilities).await;
        let session = format!("{url}/{}", opened["sessionId"].as_str().unwrap());
        Self { client, session, _driver: driver }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        send(self.client.post(format!("{}/{path}", self.session)), &body).await
    }

    /// Opens a file.
    pub(super) async fn go(&self, page: &Path) {
        self.post("url", json!({ "url": format!("file://{}", page.display()) })).await;
    }

    /// Runs a script in the page and returns the text that it returns.
    pub(super) async fn ask(&self, script: &str) -> String {
        let answer = self.post("execute/sync", json!({ "script": script, "args": [] })).await;
        answer.as_str().unwrap_or_else(|| panic!("{script} returns {answer}")).to_owned()
    }

    /// Clicks what a selector finds, as a person would: it must be visible and in nobody's shade.
    pub(super) async fn click(&self, selector: &str) {
        self.click_on(json!({ "using": "css selector", "value": selector })).await;
    }

    /// Chooses an entry of one of the lists by what it says.
    pub(super) async fn choose(&self, list: &str, entry: &str) {
        let path = format!("//select[@data-pick='{list}']/option[.='{entry}']");
        self.click_on(json!({ "using": "xpath", "value": path })).await;
    }

    async fn click_on(&self, what: Value) {
        let element = self.post("element", what).await;
        let id = element.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.post(&format!("element/{id}/click"), json!({})).await;
    }

    /// Takes a picture for whoever wants to look, in the folder of temporary files.
    pub(super) async fn look(&self, name: &str) {
        let picture = send_get(self.client.get(format!("{}/screenshot", self.session))).await;
        let picture = STANDARD.decode(picture.as_str().unwrap()).unwrap();
        std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser/{name}.png")), picture)
            .unwrap();
    }

    /// Asserts that the browser complained of nothing, and that the page asked for nothing.
    pub(super) async fn is_content(&self) {
        let log = self.post("se/log", json!({ "type": "browser" })).await;
        assert_eq!(log, json!([]), "the browser complains");
        assert_eq!(self.ask("return String(performance.getEntriesByType('resource').length)").await, "0");
    }
}

async fn send(request: reqwest::RequestBuilder, body: &Value) -> Value {
    send_get(request.json(body)).await
}

async fn send_get(request: reqwest::RequestBuilder) -> Value {
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let value = answer["value"].clone();
    assert!(value.get("error").is_none(), "{value:#}");
    value
}
