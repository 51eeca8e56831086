"""Calls the sandbox's Waldur through the vendor's API client, and judges what it decoded."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any, get_args, get_type_hints

import httpx
from waldur_api_client import AuthenticatedClient
from waldur_api_client.utils import parse_link_header

from town import Checks
from typed import complaints

# Where the client is wrong about real servers, as recordings show: a pattern of the finding, and the reason.
KNOWN: dict[str, str] = {
    r".*_(image|thumbnail|icon): None is none of .*": "real servers send null for a picture that is not there",
    r".*(orders_.*|order_in_progress)\.plan: None is none of .*": "an order to terminate has no plan: real servers send null",
    r".*\.new_cost_estimate: 0.0 is none of .*": "real servers send a number",
    r".*(\.plans\[\]|plans_retrieve)\.plan_type: None is (none of|no) .*": "real servers send null",
    r".*(\.plans\[\]|plans_retrieve)\.minimal_price: 0 is (none of|no) .*": "real servers send a number",
    r".*\.scope: None is none of .*": "real servers send null where the plugin has no object",
    r"marketplace_.*\.usage: '1.50' is none of .*": "real servers send decimals as texts",
    r"marketplace_service_providers_project_permissions_list: TypeError: object of type 'NoneType' has no len\(\)": "real servers send null for the end of a project that has none, at which the client gives up",
    r".*\.secret_options\.service_provider_can_create_offering_user: the client does not know this field": "a generated site says this option where servers of 2024 look, too; later ones look into the other options",
}


class Judge:
    """Calls endpoints, decodes, and counts."""

    def __init__(self, base: str, checks: Checks) -> None:
        self.base, self.checks = base, checks
        self.endpoints: set[str] = set()
        self.objects = 0
        # The known differences that were met: one that no longer is has to leave the list.
        self.met: set[str] = set()

    def client(self, token: str) -> AuthenticatedClient:
        """Returns a client of the sandbox's Waldur."""
        return AuthenticatedClient(base_url=self.base, token=token, timeout=httpx.Timeout(30))

    def function(self, area: str, word: str) -> Any:
        """Returns the client's module for an endpoint."""
        return importlib.import_module(f"waldur_api_client.api.{area}.{area}_{word}")

    def call(self, client: AuthenticatedClient, area: str, word: str, **arguments: Any) -> Any:
        """Calls an endpoint, checks what came back, and returns it decoded; a body is given as JSON."""
        module = self.function(area, word)
        if "body" in arguments:
            hint = inspect.signature(module.sync_detailed).parameters["body"].annotation
            model = next(iter(get_args(hint)), hint)
            body = arguments["body"]
            arguments["body"] = [model.from_dict(row) for row in body] if isinstance(body, list) else model.from_dict(body)
        name = f"{area}_{word}"
        try:
            response = module.sync_detailed(client=client, **arguments)
        except Exception as error:  # whatever the client stumbles over is the finding
            self.found(f"{name}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
            return None
        hint = get_type_hints(module._parse_response)["return"]
        self.judge(name, response.parsed, hint)
        return response

    def judge(self, name: str, decoded: Any, hint: Any) -> None:
        """Checks something decoded against what the client promises."""
        self.endpoints.add(name)
        self.objects += len(decoded) if isinstance(decoded, list) else 1
        self.checks.that(True, name)
        for what in sorted(set(complaints(decoded, hint, name))):
            self.found(what)

    def found(self, what: str) -> None:
        """Fails a check unless the finding is a known difference."""
        met = [pattern for pattern in KNOWN if re.fullmatch(pattern, what)]
        self.met.update(met)
        self.checks.that(bool(met), what)

    def list(self, client: AuthenticatedClient, area: str, word: str, **arguments: Any) -> list[Any]:
        """Reads a list: its first page with the headers, all of it, and its length without it."""
        name = f"{area}_{word}"
        first = self.call(client, area, word, page_size=1, **arguments)
        if first is None:
            return []
        total = int(first.headers.get("x-result-count", "-1"))
        links = parse_link_header(first.headers.get("link", ""))
        self.checks.that({"first", "last"} <= set(links), f"{name}: no links to the first and the last page")
        self.checks.that(("next" in links) == (total > 1), f"{name}: {total} rows, and links {sorted(links)}")
        rows: list[Any] = self.function(area, word).sync_all(client=client, **arguments)
        self.checks.that(len(rows) == total, f"{name}: {len(rows)} rows, and X-Result-Count {total}")
        self.judge(name, rows, get_type_hints(self.function(area, word)._parse_response)["return"])
        try:
            count = self.function(area, word.removesuffix("list") + "count")
        except ModuleNotFoundError:
            return rows
        self.checks.that(count.sync(client=client, **arguments) == total, f"{name}: HEAD says another length")
        self.endpoints.add(f"{name} (HEAD)")
        return rows
