"""`python -m lab check`: finds out what a model's endpoint can do."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict

from lab.models.connect import connect


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("model", metavar="M", help="practice, NAME, NAME@URL or gguf:PATH")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what was found, a sentence each, and return the exit status.

    Raises:
        LabError: when the model cannot be used, or nothing answers there.
    """
    connection = connect(options.model)
    found = asyncio.run(connection.check())
    if options.json:
        print(json.dumps({"model": connection.config.endpoint.spec, **asdict(found)}, ensure_ascii=False))
    else:
        print(connection.config.endpoint.name, *connection.found, sep="\n  ")
    return 0
