"""The vendor's API client judges what the sandbox's Waldur says in its newest dialect.

Usage: client.py CONTROL CONFIGURATION. Every endpoint that is simulated is called through the client's own function for it
and decoded into its model; fields that the client does not know, and values of other types than it promises, fail.
"""

from __future__ import annotations

import importlib.metadata
import sys
from typing import Any

import yaml
from waldur_api_client import AuthenticatedClient

from acts import Acts
from judge import KNOWN, Judge
from town import STAFF, Checks, Town

# Lists: the area of the client's functions, the word of each, and whether single objects can be had.
LISTS = [
    ("marketplace_provider_resources", "list", True),
    ("marketplace_resources", "list", True),
    ("marketplace_orders", "list", True),
    ("marketplace_offering_users", "list", True),
    ("marketplace_provider_offerings", "list", True),
    ("marketplace_service_providers", "list", True),
    ("marketplace_component_usages", "list", True),
    ("marketplace_component_user_usages", "list", False),
    ("component_user_usage_limits", "list", False),
    ("marketplace_site_agent_identities", "list", True),
    ("marketplace_site_agent_services", "list", True),
    ("marketplace_site_agent_processors", "list", True),
]


def read(judge: Judge, agent: AuthenticatedClient, offering: str) -> None:
    """Reads every list and single objects of it."""
    for area, word, single in LISTS:
        rows = judge.list(agent, area, word)
        judge.checks.that(bool(rows) == single, f"{area}_{word}: {len(rows)} rows to judge")
        for row in rows[:5] if single else []:
            judge.call(agent, area, "retrieve", uuid=row.uuid)
        if area == "marketplace_provider_resources" and rows:
            below(judge, agent, rows[0])
        if area == "marketplace_service_providers" and rows:
            for word in ("keys_list", "project_permissions_list"):
                judge.list(agent, area, word, service_provider_uuid=rows[0].uuid)
    for word in ("list_project_service_accounts_list", "list_course_accounts_list"):
        judge.list(agent, "marketplace_provider_offerings", word, uuid=offering)
    judge.call(agent, "users", "me_retrieve")
    judge.call(judge.client(STAFF), "version", "retrieve")


def below(judge: Judge, agent: AuthenticatedClient, resource: Any) -> None:
    """Reads what lies below a resource."""
    for area in ("marketplace_provider_resources", "marketplace_resources"):
        judge.call(agent, area, "team_list", uuid=resource.uuid)
    judge.call(agent, "marketplace_provider_resources", "plan_periods_list", uuid=resource.uuid)
    judge.call(agent, "marketplace_plans", "retrieve", uuid=resource.plan_uuid)


def main(control: str, configuration: str) -> int:
    with open(configuration, encoding="utf-8") as file:
        site = yaml.safe_load(file)["offerings"][0]
    checks = Checks()
    judge = Judge(site["waldur_api_url"].removesuffix("/api/"), checks)
    token, offering = site["waldur_api_token"], site["waldur_offering_uuid"]
    acts = Acts(judge, Town(control), token, offering)
    for act in (acts.orders, acts.resources, acts.people, acts.offerings, acts.agents):
        act()
    read(judge, judge.client(token), offering)
    for pattern in sorted(set(KNOWN) - judge.met):
        checks.that(False, f"no longer found, so no longer a known difference: {pattern}")
    mine = importlib.metadata.version("waldur-api-client")
    return checks.end(
        f"vendor: waldur-api-client {mine} decoded {judge.objects} objects of {len(judge.endpoints)} endpoints; "
        f"{checks.made} checks, {len(KNOWN)} known differences"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
