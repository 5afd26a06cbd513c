"""`python -m lab bench`: measures what the lab claims."""

from __future__ import annotations

import argparse
import json
from importlib import import_module

from lab.errors import MisuseError

# A benchmark is a module of `lab.bench`, by the name of the argument that says how large it is.
_SIZES = {
    "analysis": "examples",
    "book": "rounds",
    "client": "calls",
    "optimizers": "seeds",
    "page": "people",
    "practice": "seeds",
    "start": "seeds",
    "visitors": "steps",
    "walk": "seeds",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("name", choices=list(_SIZES), help="what to measure")
    parser.add_argument("--only", action="append", default=[], metavar="MEASURE", help="a part of it; repeatable")
    parser.add_argument(
        "--seeds", type=int, default=10, metavar="N", help="for optimizers and practice; default: 10"
    )
    parser.add_argument("--rounds", type=int, default=200, metavar="N", help="for book; default: 200")
    parser.add_argument(
        "--nodes", type=int, default=0, metavar="N", help="for book: how many it has at least, by copies of the run"
    )
    parser.add_argument("--answers", type=int, default=0, metavar="N", help="for book: how many it has at least")
    parser.add_argument(
        "--calls", type=int, default=10_000, metavar="N", help="for the memory of client; default: 10000"
    )
    parser.add_argument("--examples", type=int, default=1000, metavar="N", help="for analysis; default: 1000")
    parser.add_argument("--people", type=int, default=30, metavar="N", help="for page, at once; default: 30")
    parser.add_argument("--steps", type=int, default=12, metavar="N", help="for visitors; default: 12")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what was measured, and return the exit status.

    Raises:
        MisuseError: when there is no such measure, or nothing to measure.
    """
    bench = import_module(f"lab.bench.{options.name}")
    unknown = [name for name in options.only if name not in bench.MEASURES]
    if unknown:
        raise MisuseError(f"The benchmark measures {', '.join(bench.MEASURES)}; not “{unknown[0]}”.")
    size = _SIZES[options.name]
    if (n := getattr(options, size)) < 1:
        raise MisuseError(f"A benchmark needs at least one {size.removesuffix('s')}.")
    more = {"nodes": options.nodes, "answers": options.answers} if options.name == "book" else {}
    found = bench.measure(options.only, n, **more)
    print(json.dumps(found, ensure_ascii=False) if options.json else bench.tables(found))
    return 0
