"""What is to be learned: examples in three splits, a start prompt, and how an answer is judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

from lab.core import arguments
from lab.core.codec import stored
from lab.text import as_code, shortened, whole


@stored(added={"fields": ()})
@dataclass(frozen=True, repr=False)
class Example:
    """One input with its reference answer; `accepted` are further answers that count as right.

    Where the task has several input columns, `fields` are their texts and `input` holds all of them, a line each.

    Example:
        >>> lab.Example.of("What a treat: forty minutes in the rain.", "negative")
        Example('What a treat: forty minutes in the rain.', answer='negative')
    """

    id: str
    input: str
    answer: str
    accepted: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Example({shortened(self.input, 60)!r}, answer={shortened(self.answer, 40)!r})"

    _repr_html_ = as_code

    @classmethod
    def of(cls, input: str, answer: str, accepted: tuple[str, ...] = (), fields: tuple[str, ...] = ()) -> Example:
        """Make an example whose id is its content, so that a row keeps its id in every split and file order.

        Raises:
            MisuseError: for what is no text.
        """
        for name, one in (("input", input), ("answer", answer)):
            arguments.text(name, one)
        for name, some in (("accepted", accepted), ("fields", fields)):
            if not isinstance(some, list | tuple) or not all(isinstance(one, str) for one in some):
                raise arguments.wrong(name, "a list of texts", some)
        input, answer = whole(input), whole(answer)
        accepted, fields = tuple(map(whole, accepted)), tuple(map(whole, fields))
        digest = blake2b("\x1f".join((input, answer, *accepted)).encode(), digest_size=6)
        return cls(f"e{digest.hexdigest()}", input, answer, accepted, fields)


@stored(added={"inputs": (), "reading": "strict", "remarks": (), "rubric": ""})
@dataclass(frozen=True, repr=False)
class Task:
    """A task: `train` shows errors, `dev` selects, `test` stays sealed.

    `metric` names a function of `lab.tasks.metrics`; `labels` is empty when answers are free text; `inputs` names
    the columns that make up an input, by which a prompt may have slots. `reading` is how a reply is read before it
    is judged, by a code of `lab.tasks.readings`; "" is the usual one for the metric. Tasks that were stored before
    there were readings are read strictly, as they were. `remarks` are what
    people wrote on answers before, to be used as critiques. `rubric` is by what a judge grades answers, where the
    metric is one; "" is the usual one.
    """

    name: str
    start: str
    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...] = ()
    metric: str = "exact"
    labels: tuple[str, ...] = ()
    about: str = ""
    licence: str = ""
    inputs: tuple[str, ...] = ()
    reading: str = ""
    remarks: tuple[str, ...] = ()
    rubric: str = ""

    def __eq__(self, other: object) -> bool:
        """Compare by content, so that a task as people make it equals the one that is read from a book."""
        return isinstance(other, Task) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return (
            f"Task({self.name!r}, {len(self.train)} train, {len(self.dev)} dev, {len(self.test)} test, "
            f"metric={self.metric!r}, start={shortened(self.start, 60)!r})"
        )

    _repr_html_ = as_code

    def sealed(self) -> Task:
        """Return the task without its test split: all that an optimizer, a chart or a table may ever read."""
        return replace(self, test=())

    def fields(self, example: Example) -> tuple[tuple[str, str], ...]:
        """Return the name and the text of each input column of an example."""
        if not isinstance(example, Example):
            raise arguments.wrong("example", "an example of the task, such as task.dev[0]", example)
        texts = example.fields or (example.input,) * (len(self.inputs) == 1)
        return tuple(zip(self.inputs, texts, strict=False))

    def split(self, name: str) -> tuple[Example, ...]:
        """Return the examples of `train` or `dev`; the test split has no name here."""
        return {"train": self.train, "dev": self.dev}[arguments.one_of("name", name, ("train", "dev"))]
