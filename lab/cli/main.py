"""The command line: `prompt-lab` opens the page, `prompt-lab COMMAND` is for scripts; `python -m lab` is the same.

Results go to standard output, errors in one sentence to standard error with exit status 1 (2 for a wrong call).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from types import MappingProxyType

from lab import __version__
from lab.cli.output import speak_any_encoding, visibly
from lab.errors import LabError

_ABOUT = ("-h", "--help", "--version")
_SERVING = ("page", "practice-server")  # what they print is their log, with its colours
_INTERRUPTED, _CLOSED = 130, 141  # as a shell reports them

# Only the command that is called is imported: the others would cost a second at every start.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "page": "open the lab in the browser; what is done where no command is given",
        "run": "optimize a prompt without a person, and print the result",
        "score": "measure prompts on the same examples, and say which is better and how sure that is",
        "blame": "say of each stretch of a prompt who wrote it, in which step, on which critique",
        "diff": "say what changed between two prompts or places of a run: words, scores, examples, edits",
        "human-report": "say what a person did in a run, and what each step of it changed",
        "runs": "list the runs of a lab book, and find them by what they are and what is written on them",
        "note": "write on a run, or on a prompt, critique, step or branch of it: a note, tags, a star, a name",
        "archive": "put a run away, so that no list shows it, or take it out again",
        "delete": "delete a run with what only it holds, after saying how much that is",
        "transfer": "score the prompts of a branch on other target models",
        "test": "open the sealed test split for prompts of a branch, which is recorded and counted",
        "sensitivity": "score the best prompt of a branch in small rewordings: how far the wording alone moves it",
        "ablate": "score the best prompt of a branch without each of its sentences: what each is worth",
        "export": "take the best prompt of a branch along, in a format of another tool, or its answers",
        "import": "merge a run or a book from a .lab file into a lab book, after checking all of it",
        "backup": "copy a lab book to a new file, whoever writes to it meanwhile",
        "repair": "put what can be read of a damaged lab book in a new one",
        "check": "find out with a few cheap calls what a model's endpoint can do",
        "models": "look for model servers on this machine, at their usual ports",
        "tasks": "list the bundled tasks",
        "verify": "check all that is in a lab book, without writing to it",
        "lessons": "write the notebooks of the guided course into a folder",
        "grade": "read a folder of hand-ins of the course, each verified without a model, as CSV",
        "practice-server": "serve the practice model over HTTP, with faults if wanted",
        "pictures": "make a picture of every view of the page, in light, in dark and narrow",
        "bench": "measure what the lab claims, from fixed seeds",
    }
)


_MODULES = {"import": "take_in"}  # whose names are no names of modules


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in _ABOUT):
        given = ["page", *given]
    speak_any_encoding()
    with nullcontext() if given[0] in _SERVING else visibly():
        return _done(given)


def _done(given: Sequence[str]) -> int:
    options = _parser(given[0]).parse_args(given)
    _end_as_by_ctrl_c()
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has closed it, as `head` does
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # so that what is left fails no flush at the end
        return _CLOSED
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: Stopped.", file=sys.stderr)
        return _INTERRUPTED
    return status


def _end_as_by_ctrl_c() -> None:
    """Let SIGTERM end a command in good order: the book is closed, and what had arrived is in it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _parser(called: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="prompt-lab", description="Prompt Lab. Without a command it opens the page; `page --help` says how."
    )
    parser.add_argument("--version", action="version", version=f"prompt-lab {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        if name == called:
            module = import_module(f"lab.cli.{_MODULES.get(name, name.replace('-', '_'))}")
            module.add(command)
            command.set_defaults(run=module.run)
    return parser
