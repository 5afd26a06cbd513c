"""A metric of a person's own: a Python function, known to a lab book by its name and a hash of its source.

A function is given in Python and nowhere else: a file that is loaded names no metric.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable
from hashlib import blake2b

from lab.core import arguments
from lab.core.task import Example
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.tasks.metrics import METRICS, OWN, Judged, Metric, define, is_metric
from lab.text import as_code, shortened

__all__ = ["OwnMetric", "metric", "metric_name"]

Judge = Callable[[str, Example], float]


class OwnMetric:
    """A function (reply, example) -> a number from 0 to 1, as a metric; `name` is what books know it by."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.called = getattr(judge, "__name__", type(judge).__name__)
        self.name = f"{OWN}{self.called}:{_digest(judge)}"
        self.__doc__ = inspect.getdoc(judge)
        about = self.__doc__ or gettext_lazy("What the Python function {name} returns.", name=self.called)
        define(self.name, Metric(about, self._judged))

    def __call__(self, reply: str, example: Example) -> float:
        """Judge a reply.

        Raises:
            MisuseError: when the function fails, or returns something else than a number from 0 to 1.
        """
        try:
            given = self.judge(reply, example)
        except Exception as problem:
            raise MisuseError(
                gettext_lazy(
                    "The metric “{metric}” failed on the reply “{reply}”: {kind}: {problem}. Fix the function; "
                    "what had arrived is kept.",
                    metric=self.called, reply=shortened(reply, 40),
                    kind=type(problem).__name__, problem=str(problem),
                )
            ) from problem  # fmt: skip
        try:
            hit = math.nan if isinstance(given, str) else float(given)
        except (TypeError, ValueError):
            hit = math.nan
        if not 0 <= hit <= 1:
            raise MisuseError(
                gettext_lazy(
                    "The metric “{metric}” must return a number from 0 to 1, not {kind} {given}. Fix the function; "
                    "what had arrived is kept.",
                    metric=self.called, kind=type(given).__name__, given=shortened(repr(given), 40),
                )
            )  # fmt: skip
        return hit

    def _judged(self, labels: tuple[str, ...], example: Example, reply: str) -> Judged:
        return Judged(reply, self(reply, example))

    def __repr__(self) -> str:
        return f"<metric {self.name}>"

    _repr_html_ = as_code


def metric(judge: Judge) -> OwnMetric:
    """Make a Python function a metric: it gets a reply and its example and returns a number from 0 to 1.

    A lab book keeps its name and a hash of its source. Where the book is opened without it, its scores are shown,
    and what would have to be judged anew says what is missing.

    Raises:
        MisuseError: when it is not a function of a reply and an example.

    Example:
        >>> @lab.metric
        ... def close(reply: str, example: lab.Example) -> float:
        ...     return 1.0 if example.answer in reply else 0.0
        >>> close("It is good.", lab.Example.of("nice", "good"))
        1.0
    """
    if isinstance(judge, OwnMetric):
        return judge
    wanted = "a function of a reply and an example that returns a number from 0 to 1"
    if not callable(judge) or isinstance(judge, type):
        raise arguments.wrong("metric", wanted, judge)
    try:
        inspect.signature(judge).bind("reply", None)
    except TypeError:
        raise arguments.wrong("metric", wanted, judge) from None
    except ValueError:  # some built-in functions say nothing of what they take
        pass
    return OwnMetric(judge)


def metric_name(given: object) -> str:
    """Return the name of a metric that is named, or given as a function.

    Raises:
        MisuseError: when there is none of that name.
    """
    if isinstance(given, OwnMetric):
        return given.name
    if callable(given):
        return metric(given).name
    if isinstance(given, str) and is_metric(given):
        return given
    names = ", ".join(map(repr, METRICS))
    raise arguments.wrong(
        "metric", f"one of {names}, 'numeric:0.01', 'judge:5', or a function under @lab.metric", given
    )


def _digest(judge: Judge) -> str:
    """Stand for what a function does: its source without its decorators, else its code."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(judge)))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                node.decorator_list = []
        source = ast.unparse(tree)
    except (OSError, TypeError, SyntaxError):
        code = getattr(judge, "__code__", None)
        source = repr((code.co_code, code.co_names, code.co_consts) if code else type(judge).__name__)
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
