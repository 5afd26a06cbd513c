"""`python -m lab models`: looks for model servers on this machine."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict

from lab.models.discovery import PORTS, find


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--json", action="store_true", help="print a JSON list")


def run(options: argparse.Namespace) -> int:
    """Print the models that were found, as --model takes them, and return the exit status."""
    found = asyncio.run(find())
    if options.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    elif found:
        print(*(f"{one.spec}  ({one.about})" for one in found), sep="\n")
    else:
        asked = ", ".join(f"{port} ({name})" for port, name in PORTS.items())
        print(f"No model server answers at its usual port: {asked}.")
    return 0
