"""`python -m lab practice-server`: serves the practice model over HTTP."""

from __future__ import annotations

import argparse
import json

from lab.practice.protocol.faults import Conditions
from lab.practice.serve import serve


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--port", type=int, required=True, metavar="P", help="0 finds a free one")
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="default: 127.0.0.1, this machine only")
    parser.add_argument(
        "--latency-ms", type=float, default=0.0, metavar="L", help="each call takes at least this long"
    )
    parser.add_argument(
        "--fault-rate", type=float, default=0.0, metavar="F", help="the share of calls that meet a fault"
    )
    parser.add_argument("--rpm", type=int, metavar="R", help="calls per minute; default: no limit")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="another seed, other faults; default: 0")
    parser.add_argument("--json", action="store_true", help="print the address as a JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the address, serve until interrupted, and return the exit status.

    Raises:
        LabError: when the address cannot be listened at.
    """

    def announce(url: str) -> None:
        line = json.dumps({"base_url": url}) if options.json else f"The practice model answers at {url}"
        print(line, flush=True)

    conditions = Conditions(options.fault_rate, options.latency_ms, options.rpm, options.seed)
    serve(options.host, options.port, conditions, announce)
    return 0
