"""What the vendor's agent left is taken over: the first plan adopts and does nothing else, the second tells Waldur what serves
each resource, and afterwards nothing is to do.

Usage: adopted.py AGENT CONFIGURATION, where AGENT is our own program and CONFIGURATION is the vendor's agent's own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from town import Checks

# What only tells Waldur something.
TELLING = ("set-metadata", "set-membership-statuses", "refresh-last-sync")


def plan(agent: str, configuration: str) -> dict[str, Any]:
    """Returns a plan as our program gives it to others; on any error there is none."""
    run = subprocess.run([agent, "plan", "-c", configuration, "--format", "json"], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 3):
        print(run.stderr, file=sys.stderr)
        raise SystemExit(1)
    return dict(json.loads(run.stdout))


def applied(checks: Checks, agent: str, configuration: str) -> dict[str, Any]:
    """Does what there is to do; returns the plan after it."""
    apply = [agent, "apply", "-c", configuration, "--auto-approve"]
    run = subprocess.run(apply, capture_output=True, text=True, check=False)
    checks.that(run.returncode == 0, f"apply ends with {run.returncode}: {run.stdout[-2000:]}{run.stderr[-2000:]}")
    return plan(agent, configuration)


def main(agent: str, configuration: str) -> int:
    checks = Checks()
    first = plan(agent, configuration)
    adopts = [step for step in first["steps"] if step["action"]["do"].startswith("adopt")]
    for step in first["steps"]:
        checks.that(step in adopts, f"the first plan would {step['what']}, because {step['why']}")
    for held in first["held"]:
        checks.that(False, f"the first plan holds: {held['what']}, because {held['why']}")
    checks.that(len(adopts) > 0, "the first plan adopts nothing")
    checks.that(first["access"] == {"gained": [], "lost": []}, f"the first plan changes access: {first['access']}")

    second = applied(checks, agent, configuration)
    for step in second["steps"]:
        checks.that(step["action"]["do"] in TELLING, f"once adopted, the next plan would {step['what']}, because {step['why']}")
    for held in second["held"]:
        checks.that(False, f"once adopted, the next plan holds: {held['what']}, because {held['why']}")
    third = applied(checks, agent, configuration)
    for step in third["steps"] + third["held"]:
        checks.that(False, f"once told, the next plan would {step['what']}, because {step['why']}")
    resources, members = second["compared"]["resources"], second["compared"]["people"]
    return checks.end(
        f"vendor: agent adopted {len(adopts)} things of {resources} resources with {members} memberships, and changed nothing else"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
