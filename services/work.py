"""Starts one worker process of a job: `python -m services.work casework` (or `module.path:JOB` for tests)."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import cast

from pydantic import ValidationError

from services.runtime import exits
from services.runtime.job import Job
from services.runtime.worker import run

#: Service → where its job is made.
SERVICES = {
    "casework": "services.casework.job:casework_job",
    "collaboration": "services.collaboration.job:collaboration_job",
    "notices": "services.notices.job:notices_job",
}
#: Services that are no job of lanes → the function that runs the process.
EDGES = {
    "gateway": "services.gateway.server:run",
}


def find_job(name: str) -> Job:
    """The job of a service, or of `module:attribute`; a function there is called to make it."""
    place = SERVICES.get(name, name)
    module, _, attribute = place.partition(":")
    if not attribute:
        raise SystemExit(
            f"unknown service {name!r}: one of {', '.join(sorted(SERVICES))}, or module:attribute"
        )
    found = getattr(import_module(module), attribute)
    return cast(Job, found() if callable(found) and not isinstance(found, Job) else found)


def main() -> None:
    """Entry point; the job is the one argument."""
    if len(sys.argv) != 2:
        print("usage: python -m services.work SERVICE", file=sys.stderr)
        raise SystemExit(exits.CONFIG)
    if edge := EDGES.get(sys.argv[1]):
        module, _, attribute = edge.partition(":")
        getattr(import_module(module), attribute)()
        return
    try:
        job = find_job(sys.argv[1])
    except ValidationError as error:
        # Which variable and what is wrong with it, never what it held: it may be a key.
        told = "; ".join(f"SEINHUIS_{one['loc'][0]}".upper() + f": {one['msg']}" for one in error.errors())
        print(f"{sys.argv[1]}: cannot start: {told}", file=sys.stderr)
        raise SystemExit(exits.CONFIG) from None
    run(job)


if __name__ == "__main__":
    main()
