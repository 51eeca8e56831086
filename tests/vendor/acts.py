"""What agents, consumers and providers do at Waldur, each act through the vendor's API client."""

from __future__ import annotations

import uuid
from typing import Any

from judge import Judge
from town import STAFF, Town

# An act: its word in the client's names, and what goes with it.
Act = tuple[str, dict[str, Any]]
NOTHING: dict[str, Any] = {}
EMPTY: dict[str, Any] = {"body": {}}


class Acts:
    """Does something of everything, so that there is something of everything to read."""

    def __init__(self, judge: Judge, town: Town, token: str, offering: str) -> None:
        self.judge, self.town, self.offering = judge, town, offering
        self.agent, self.staff = judge.client(token), judge.client(STAFF)
        self.held = town.state("waldur")
        self.project = self.held["projects"][0]
        team = {grant["user_uuid"] for grant in self.project["grants"]}
        self.person = next(row["uuid"] for row in self.held["users"] if row["uuid"] not in team)

    def url(self, kind: str, of: str) -> str:
        """Returns the address of an object."""
        return f"{self.judge.base}/api/{kind}/{uuid.UUID(of).hex}/"

    def orders(self) -> None:
        """Orders are placed, approved, rejected, done and erred."""
        area, judge = "marketplace_orders", self.judge
        wish = {
            "offering": self.url("marketplace-public-offerings", self.offering),
            "project": self.url("projects", self.project["uuid"]),
            "attributes": {"name": "Judged"},
            "limits": {"cpu": 1, "memory": 2, "storage": 3},
            "accepting_terms_of_service": True,
        }
        made = [judge.call(self.staff, area, "create", body=wish) for _ in range(3)]
        done, erred, rejected = [order.parsed.uuid.hex if order else uuid.uuid4().hex for order in made]
        for one in (done, erred):
            judge.call(self.agent, area, "approve_by_provider", uuid=one, body={})
            judge.call(self.agent, area, "set_backend_id", uuid=one, body={"backend_id": "x"})
        judge.call(self.agent, area, "reject_by_provider", uuid=rejected, body={"provider_rejection_comment": "no"})
        judge.call(self.agent, area, "set_state_done", uuid=done)
        judge.call(self.agent, area, "set_state_erred", uuid=erred, body={"error_message": "a", "error_traceback": "b"})
        judge.call(self.agent, area, "set_state_executing", uuid=erred)
        consumer: list[Act] = [("approve_by_consumer", NOTHING), ("reject_by_consumer", EMPTY), ("destroy", NOTHING)]
        for word, more in consumer:
            waiting = uuid.uuid4().hex
            self.town.meddle(
                "waldur",
                "place-order",
                offering_uuid=self.offering,
                project_uuid=self.project["uuid"],
                name="Waiting",
                order_uuid=waiting,
                approved=False,
            )
            judge.call(self.staff, area, word, uuid=waiting, **more)

    def resources(self) -> None:
        """A resource is kept by its agent; others are changed and ended by their consumer."""
        area, judge = "marketplace_provider_resources", self.judge
        here = next(row["uuid"] for row in self.held["resources"] if row["project_uuid"] == self.project["uuid"])
        away, gone = [row["uuid"] for row in self.held["resources"] if row["uuid"] != here][:2]
        erred = {"error_message": "a", "error_traceback": "b"}
        status = {"scope_type": "resource", "role_name": "member", "user_uuid": self.person, "state": "synced"}
        offering = uuid.UUID(self.offering)
        options = next(row["plugin_options"] for row in self.held["offerings"] if uuid.UUID(row["uuid"]) == offering)
        options = {**options, "enable_membership_sync_status": True}
        self.town.meddle("waldur", "set-offering", uuid=self.offering, set={"plugin_options": options})
        agent: list[Act] = [
            ("set_backend_id", {"body": {"backend_id": "c:p"}}),
            ("set_backend_metadata", {"body": {"backend_metadata": {}}}),
            ("set_limits", {"body": {"limits": {"cpu": 2, "memory": 3, "storage": 4}}}),
            ("set_endpoints", {"body": {"endpoints": [{"name": "a", "url": "https://a.example.org/"}]}}),
            ("submit_report", {"body": {"report": [{"header": "a", "body": "b"}]}}),
            ("set_as_erred", {"body": erred}),
            ("set_as_ok", NOTHING),
            ("refresh_last_sync", NOTHING),
            ("set_membership_sync_statuses", {"body": {"statuses": [status]}}),
        ]
        for word, more in agent:
            judge.call(self.agent, area, word, uuid=here, **more)
        usages = [{"type": kind, "amount": "1.50"} for kind in ("cpu", "memory", "storage")]
        report = {"resource": here, "date": "2026-11-01T12:00:00+00:00", "usages": usages}
        judge.call(self.agent, "marketplace_component_usages", "set_usage", body=report)
        more_cpu = {"limits": {"cpu": 3, "memory": 3, "storage": 4}}
        judge.call(self.staff, "marketplace_resources", "update_limits", uuid=here, body=more_cpu)
        judge.call(self.staff, "marketplace_resources", "terminate", uuid=away, body={})
        operator: list[Act] = [
            ("partial_update", {"body": {"name": "Judged again"}}),
            ("terminate", EMPTY),
            ("unlink", NOTHING),
        ]
        for word, more in operator:
            judge.call(self.staff, area, word, uuid=gone, **more)

    def people(self) -> None:
        """An account goes through its states, another one is made and removed, and somebody joins and leaves."""
        area, judge = "marketplace_offering_users", self.judge
        accounts = {row["user_uuid"]: row["uuid"] for row in self.held["offering_users"]}
        account = accounts.get(self.person) or next(iter(accounts.values()))
        comment = {"body": {"comment": "a", "comment_url": "https://a.example.org/"}}
        agent: list[Act] = [
            ("begin_creating", NOTHING),
            ("set_error_creating", NOTHING),
            ("begin_creating", NOTHING),
            ("set_pending_account_linking", comment),
            ("set_validation_complete", NOTHING),
            ("set_pending_additional_validation", comment),
            ("set_validation_complete", NOTHING),
            ("partial_update", {"body": {"username": "judged"}}),
            ("update_restricted", {"body": {"is_restricted": False}}),
        ]
        for word, more in agent:
            judge.call(self.agent, area, word, uuid=account, **more)
        somebody = self.held["users"][0]["uuid"]
        links = {"offering": self.url("marketplace-provider-offerings", self.offering), "user": self.url("users", somebody)}
        fresh = judge.call(self.agent, area, "create", body=links)
        if fresh:
            judge.call(self.agent, area, "update", uuid=fresh.parsed.uuid, body={**links, "username": "anew"})
            judge.call(self.agent, area, "destroy", uuid=fresh.parsed.uuid)
        provider = self.held["service_providers"][0]["uuid"]
        name = {"user_uuid": somebody, "username": "same"}
        judge.call(self.agent, "marketplace_service_providers", "set_offerings_username", uuid=provider, body=name)
        grant = {"role": "PROJECT.MEMBER", "user": self.person}
        for word in ("add_user", "delete_user"):
            judge.call(self.staff, "projects", word, uuid=self.project["uuid"], body=grant)

    def offerings(self) -> None:
        """The provider changes its offering."""
        area, judge, offering = "marketplace_provider_offerings", self.judge, self.held["offerings"][0]
        gpu = {"billing_type": "limit", "type": "gpu", "name": "GPU", "measured_unit": "pieces"}
        cpu = next(row for row in offering["components"] if row["type"] == "cpu")
        provider: list[Act] = [
            ("create_offering_component", {"body": gpu}),
            ("update_offering_component", {"body": {key: cpu[key] for key in ("uuid", *gpu)}}),
            ("add_user", {"body": {"role": "OFFERING.MANAGER", "user": self.person}}),
            ("update_integration", {"body": {"plugin_options": offering["plugin_options"]}}),
            ("user_attribute_config_retrieve", NOTHING),
            ("pause", EMPTY),
            ("unpause", NOTHING),
            ("pause", EMPTY),
        ]
        for word, more in provider:
            judge.call(self.agent, area, word, uuid=self.offering, **more)
        judge.call(self.staff, area, "activate", uuid=self.offering)

    def agents(self) -> None:
        """An agent registers itself, and once more."""
        identities, services, judge = "marketplace_site_agent_identities", "marketplace_site_agent_services", self.judge
        told = {
            "offering": self.offering,
            "name": "judged",
            "version": "1",
            "last_restarted": "2026-11-01T12:00:00+00:00",
            "dependencies": [{"package": "a", "version": "1"}],
        }
        made = judge.call(self.agent, identities, "create", body=told)
        if not made:
            return
        judge.call(self.agent, identities, "update", uuid=made.parsed.uuid, body=told)
        mode = {"name": "a", "mode": "a"}
        twice = [judge.call(self.agent, identities, "register_service", uuid=made.parsed.uuid, body=mode) for _ in range(2)]
        if twice[0]:
            processor = {"name": "a", "backend_type": "b"}
            judge.call(self.agent, services, "register_processor", uuid=twice[0].parsed.uuid, body=processor)
