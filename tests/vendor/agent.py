"""The vendor's site agent works in a sandbox: each mode once, and orders once more. What it leaves must be what it meant.

Usage: agent.py CONTROL CONFIGURATION WRITTEN. Reads the sandbox's configuration and writes the same site in the form that the
vendor's agent reads (its Keycloak keys in a mapping of their own, a service user in place of a client's secret).
"""

from __future__ import annotations

import importlib.metadata
import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import httpx
import yaml
from waldur_site_agent.common import utils
from waldur_site_agent.polling_processing import agent_membership_sync, agent_order_process, agent_report

from town import Checks, Town

# What its requests may meet besides success: (system, method, beginning of the path, status), and why.
EXPECTED = {
    ("waldur", "GET", "/api/version/", 403): "only staff sees the version; the agent goes on without",
}
# What it logs as a warning or an error by itself: a pattern, and why. Anything else fails, since it swallows its errors.
GRUMBLES = {
    r".*unable to fetch Waldur Mastermind version": "only staff sees the version",
    r"Username management backend 'base' is not installed.*": "usernames are Waldur's on a site with Rancher",
    r"No limits found in the backend": "its Rancher client never reads any",
    r"Unable to set user .* limits .* 'NoneType' object has no attribute 'get'": "its Rancher client knows no limits of people",
}
# Keycloak's service user of a generated site. It opens nothing else.
SERVICE_USER = ("rancher-agent", "sandbox-password-opens-nothing-else")
# Longer than the task queue of Waldur takes, spread over the few requests between an approval and the end of an order. The
# agent does not wait for the queue, so against a server that answers at once it leaves resources in `Updating`.
SPAN = "60ms"


def configuration(written: str, site: str) -> None:
    """Writes the site as the vendor's agent reads it."""
    with open(site, encoding="utf-8") as file:
        configured = yaml.safe_load(file)
    for offering in configured["offerings"]:
        settings = offering["backend_settings"]
        keycloak = {
            key: settings.pop(f"keycloak_{key}")
            for key in ("url", "realm", "user_realm", "client_id", "client_secret", "role_name")
        }
        settings["keycloak"] = {
            "keycloak_url": keycloak["url"].rstrip("/") + "/",
            "keycloak_realm": keycloak["realm"],
            "keycloak_user_realm": keycloak["user_realm"],
            "client_id": "admin-cli",
            "keycloak_username": SERVICE_USER[0],
            "keycloak_password": SERVICE_USER[1],
        }
    with open(written, "w", encoding="utf-8") as file:
        yaml.safe_dump(configured, file)


class Complaints(logging.Handler):
    """Keeps what the agent complains about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a record's text; the agent's logger hands over a dictionary."""
        told = record.msg.get("event", "") if isinstance(record.msg, dict) else record.getMessage()
        self.told.append(" ".join(str(told).split()))


class Site:
    """The site that the agent works on, and what is checked there."""

    def __init__(self, town: Town, checks: Checks, configured: str) -> None:
        self.town, self.checks, self.configured = town, checks, configured
        self.requests = 0

    def run(self, mode: str, process: Callable[..., None]) -> None:
        """Runs one pass of a mode, and looks at every answer that the agent got."""
        self.town.journal()
        configured = utils.load_configuration(self.configured, user_agent_suffix=mode)
        configured.waldur_site_agent_mode = mode
        complaints = Complaints()
        logging.getLogger().addHandler(complaints)
        utils.log_versions(configured)
        process(configured, {})
        logging.getLogger().removeHandler(complaints)
        for told in complaints.told:
            self.checks.that(any(re.fullmatch(pattern, told) for pattern in GRUMBLES), f"{mode}: it says: {told[:300]}")
        for exchange in self.town.journal():
            self.requests += 1
            status, path = exchange["status"], exchange["path"]
            met = (exchange["system"], exchange["method"], status)
            known = any(met == (system, method, code) and path.startswith(begin) for system, method, begin, code in EXPECTED)
            self.checks.that(
                known or (status or 599) < 400, f"{mode}: {exchange['method']} {path} of {exchange['system']}: {status}"
            )

    def rows(self, system: str, kind: str) -> list[dict[str, Any]]:
        """Returns what a server holds of a kind."""
        return list(self.town.state(system)[kind])

    def resource(self, name: str) -> dict[str, Any]:
        """Returns the resource of a name."""
        return next(row for row in self.rows("waldur", "resources") if row["name"] == name)

    def namespace(self, name: str) -> str:
        """Returns the namespace that the agent made for the resource of a name."""
        return f"waldur-{self.resource(name)['slug']}"

    def make(self, name: str, kind: str, body: dict[str, Any]) -> None:
        """Makes something in a resource's namespace, as its users do."""
        with open(self.configured, encoding="utf-8") as file:
            settings = yaml.safe_load(file)["offerings"][0]["backend_settings"]
        url = f"{settings['backend_url']}/k8s/clusters/{settings['cluster_id']}/api/v1/namespaces/{self.namespace(name)}/{kind}"
        httpx.post(url, json=body, auth=(settings["username"], settings["password"])).raise_for_status()

    def order(self, project: dict[str, Any], name: str, cpu: int) -> None:
        """Orders something new."""
        offering = self.rows("waldur", "offerings")[0]["uuid"]
        self.town.meddle(
            "waldur",
            "place-order",
            offering_uuid=offering,
            project_uuid=project["uuid"],
            name=name,
            limits={"cpu": cpu, "memory": 2 * cpu, "storage": 10 * cpu},
        )


def orders(site: Site) -> str:
    """Lets the agent work through orders of each type, and checks what became of them."""
    town, checks = site.town, site.checks
    # Everything here shall be the agent's own: what a generated site has ordered before it came goes.
    for resource in site.rows("waldur", "resources"):
        town.meddle("waldur", "remove-resource", uuid=resource["uuid"])
    first, second = site.rows("waldur", "projects")[:2]
    for project, name, cpu in [(first, "alpha", 4), (first, "beta", 2), (second, "gamma", 8), (second, "delta", 1)]:
        site.order(project, name, cpu)
    site.run("order_process", agent_order_process._process_offerings)
    for name in ("alpha", "beta", "gamma", "delta"):
        resource = site.resource(name)
        state, backend_id = resource["state"], resource["backend_id"]
        checks.that(state == "OK" and backend_id != "", f"{name} is {state}, backend_id {backend_id!r}")

    more = {"cpu": 3, "memory": 6, "storage": 20}
    town.meddle("waldur", "update-limits", resource_uuid=site.resource("beta")["uuid"], limits=more)
    town.meddle("waldur", "terminate", resource_uuid=site.resource("delta")["uuid"])
    site.run("order_process", agent_order_process._process_offerings)
    placed = site.rows("waldur", "orders")
    for order in placed:
        checks.that(order["state"] == "done", f"an order to {order['type']} is {order['state']}: {order['error_message']}")
    states = {name: site.resource(name)["state"] for name in ("beta", "delta")}
    checks.that(states == {"beta": "OK", "delta": "Terminated"}, f"after update and termination: {states}")
    quotas = [row["object"] for row in site.rows("rancher", "objects") if row["resource"] == "resourcequotas"]
    hard = {quota["metadata"]["namespace"]: quota["spec"]["hard"] for quota in quotas}.get(site.namespace("beta"))
    wanted = {"limits.cpu": "3000m", "limits.memory": "6144Mi", "requests.storage": "20480Mi"}
    checks.that(hard == wanted, f"the quota of beta after its update: {hard}")
    return f"{len(placed)} orders done"


def people(site: Site) -> str:
    """Lets somebody join and somebody leave, and checks that the groups follow."""
    first, second = site.rows("waldur", "projects")[:2]
    leaver = first["grants"][-1]["user_uuid"]
    team = {grant["user_uuid"] for grant in first["grants"]}
    joiner = next(grant["user_uuid"] for grant in second["grants"] if grant["user_uuid"] not in team)
    site.town.meddle("waldur", "leave-project", project_uuid=first["uuid"], user_uuid=leaver)
    site.town.meddle("waldur", "join-project", project_uuid=first["uuid"], user_uuid=joiner, role="PROJECT.MEMBER")
    site.run("membership_sync", agent_membership_sync._process_offerings)
    return f"{members(site, first, second)} members of 2 groups"


def usage(site: Site) -> str:
    """Lets users use something, and checks that it is reported."""
    limits = {"cpu": "1500m", "memory": "2Gi"}
    site.make("gamma", "pods", {"metadata": {"name": "busy"}, "spec": {"containers": [{"resources": {"limits": limits}}]}})
    storage = {"resources": {"requests": {"storage": "5Gi"}}}
    site.make("gamma", "persistentvolumeclaims", {"metadata": {"name": "full"}, "spec": storage})
    site.run("report", agent_report._process_offerings)
    usages = site.rows("waldur", "usages")
    of_gamma = [row for row in usages if row["resource_uuid"] == site.resource("gamma")["uuid"]]
    used = {row["type"]: float(row["amount"]) for row in of_gamma}
    site.checks.that(used == {"cpu": 1.5, "memory": 2.0, "storage": 5.0}, f"what was reported of gamma: {used}")
    return f"{len(usages)} usages reported"


def members(site: Site, *projects: dict[str, Any]) -> int:
    """Checks that each project's group holds its team as far as Keycloak knows it, and returns how many there are."""
    usernames = {row["uuid"]: row["username"] for row in site.rows("waldur", "users")}
    realm = site.town.state("keycloak")["realms"]["waldur"]
    found = 0
    for project in projects:
        now = next(row for row in site.rows("waldur", "projects") if row["uuid"] == project["uuid"])
        team = {usernames[grant["user_uuid"]] for grant in now["grants"]} & set(realm["users"])
        groups = [group for group in realm["groups"] if group["name"].startswith(f"project_{project['slug']}_")]
        held = {member for group in groups for member in group["members"]}
        site.checks.that(
            len(groups) == 1 and held == team, f"{project['slug']}: {held} in {len(groups)} groups, and the team is {team}"
        )
        found += len(held)
    return found


def main(control: str, given: str, configured: str) -> int:
    configuration(configured, given)
    checks = Checks()
    site = Site(Town(control), checks, configured)
    site.town.answer_after(SPAN)
    did = ", ".join([orders(site), people(site), usage(site)])
    site.town.answer_after("0ms")
    mine = importlib.metadata.version("waldur-site-agent-rancher")
    return checks.end(f"vendor: waldur-site-agent-rancher {mine}: {did}; {site.requests} requests, {checks.made} checks")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
