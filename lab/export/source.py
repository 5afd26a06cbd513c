"""Parts of the lab's own source as one text of Python, which does not import the lab.

What a script judges by is thus what the lab judges by, letter by letter: each definition that is needed is copied
as it stands, with what it refers to. Only a name that two modules give to two things is changed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.util import find_spec

__all__ = ["Name", "Source", "entry", "extract", "renamed"]

Name = tuple[str, str]  # a module of the lab, and what it calls something

_HOME = "lab."


@dataclass(frozen=True)
class _Definition:
    """A statement at the top level of a module, and the names that it gives."""

    module: str
    names: tuple[str, ...]
    text: str

    @cached_property
    def node(self) -> ast.stmt:
        return ast.parse(self.text).body[0]

    @cached_property
    def references(self) -> tuple[ast.Name | ast.Attribute, ...]:
        """Where it speaks of something outside of itself: a name, or a module's attribute."""
        return tuple(_references(self.node, frozenset()))


@dataclass(frozen=True)
class _Module:
    """A module of the lab: its definitions by their names, and what its imports bind."""

    definitions: Mapping[str, _Definition]
    modules: Mapping[str, str]
    borrowed: Mapping[str, Name]
    outside: Mapping[str, str]  # a name -> the import that binds it
    imported: tuple[str, ...]  # modules of the lab, in order


@dataclass(frozen=True)
class Source:
    """Python in two parts: the lines that import, each once and sorted, and what is defined."""

    imports: tuple[str, ...]
    body: str


def extract(roots: Sequence[Name], replaced: Mapping[Name, str] = {}) -> Source:
    """Return the source of some names of the lab and of all that they refer to.

    `replaced` are other definitions for some names: such as one that does less, because less is needed here.

    Example:
        `extract([("lab.core.layout", "messages")]).body` defines a function `messages`.
    """
    needed = _needed(roots, replaced)
    outside = _imports(needed)
    called = _names(needed, outside)
    return Source(
        tuple(sorted(set(outside.values()))), "\n\n\n".join(_written(one, called) for one in needed) + "\n"
    )


def entry(name: Name, key: str) -> str:
    """Return the definition of a table of which one entry alone is kept, none where it has none of that key."""
    one = _module(name[0]).definitions[name[1]]
    table = next(node for node in ast.walk(one.node) if isinstance(node, ast.Dict))
    values = {_key(name[0], at): value for at, value in zip(table.keys, table.values, strict=True)}
    kept = f"{{\n    {key!r}: {ast.get_source_segment(one.text, values[key])},\n}}" if key in values else "{}"
    whole = ast.get_source_segment(one.text, table) or ""
    return one.text.replace(whole, kept).replace("  # fmt: skip", "")


def renamed(function: str, names: Mapping[str, str]) -> str:
    r"""Return the source of a function without its decorators, with other names for what it refers to.

    Raises:
        ValueError: when it is not the source of a function.

    Example:
        `renamed("@once\ndef f(n): return n and f(n - 1)", {"f": "g"}) == "def g(n): return n and g(n - 1)"`
    """
    node = ast.parse(function).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise ValueError("This is not the source of a function.")
    text = "".join(function.splitlines(keepends=True)[node.lineno - 1 : node.end_lineno])
    one = _Definition("", (node.name,), text)
    there = {name: to for name in one.references if (to := names.get(ast.unparse(name)))}
    return _with_name(_with_references(text, there), "def", node.name, names.get(node.name, node.name))


def _key(module: str, node: ast.expr | None) -> object:
    """Return the key of a table, which is a text or a name of one."""
    if isinstance(node, ast.Name):
        node = getattr(_module(module).definitions[node.id].node, "value", None)
    return node.value if isinstance(node, ast.Constant) else None


# What is needed


def _needed(roots: Sequence[Name], replaced: Mapping[Name, str]) -> list[_Definition]:
    """Return all definitions that the roots lead to: modules after those that they import, as each has them."""
    found: dict[Name, _Definition] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        module, called = name
        one = _module(module).definitions.get(called)
        if name in replaced:
            one = _Definition(module, (called,), replaced[name])
        if one is None:
            raise LookupError(f"{module} does not define {called}")
        found |= {(module, also): one for also in one.names}
        waiting += [to for node in one.references if (to := _target(module, node)) is not None]
    order = {module: at for at, module in enumerate(_in_order([module for module, _ in found]))}
    places = {(module, name): at for module in order for at, name in enumerate(_module(module).definitions)}
    distinct = dict.fromkeys(found.values())
    return sorted(distinct, key=lambda one: (order[one.module], places[one.module, one.names[0]]))


def _target(module: str, node: ast.Name | ast.Attribute) -> Name | None:
    """Return what a reference leads to in the lab; None for what is built in or comes from elsewhere."""
    here = _module(module)
    if isinstance(node, ast.Attribute):
        assert isinstance(node.value, ast.Name)
        return (here.modules[node.value.id], node.attr) if node.value.id in here.modules else None
    if node.id in here.definitions:
        return module, node.id
    return here.borrowed.get(node.id)


def _in_order(modules: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}

    def visit(module: str, above: tuple[str, ...]) -> None:
        if module in found or module in above:
            return
        for one in _module(module).imported:
            visit(one, (*above, module))
        found[module] = None

    for module in modules:
        visit(module, ())
    return tuple(found)


def _imports(needed: Sequence[_Definition]) -> dict[str, str]:
    """Return the imports from outside the lab that definitions need, by the names that they bind."""
    found = {}
    for one in needed:
        outside = _module(one.module).outside
        for node in one.references:
            name = node.value.id if isinstance(node, ast.Attribute) else node.id  # type: ignore[attr-defined]
            if name in outside:
                found[name] = outside[name]
    return found


def _names(needed: Sequence[_Definition], outside: Iterable[str]) -> dict[Name, str]:
    """Name each definition as its module does; with the module's name in front where that is taken or written."""
    qualified = {
        _target(one.module, node) for one in needed for node in one.references if isinstance(node, ast.Attribute)
    }
    taken, called = set(outside), {}
    for one in needed:
        for name in one.names:
            bare = name.lstrip("_")
            stem = one.module.rpartition(".")[2]
            is_free = name not in taken and (one.module, name) not in qualified
            own = name if is_free else f"{'_' * (len(name) - len(bare))}{stem}_{bare}"
            called[one.module, name] = own
            taken.add(own)
    return called


# How it is written


def _written(one: _Definition, called: Mapping[Name, str]) -> str:
    """Return a definition with its references by the names that they have here."""
    targets = ((node, _target(one.module, node)) for node in one.references)
    text = _with_references(one.text, {node: called[to] for node, to in targets if to is not None})
    if isinstance(one.node, ast.FunctionDef | ast.ClassDef):
        return _with_name(text, "def|class", one.names[0], called[one.module, one.names[0]])
    return text


def _with_references(text: str, names: Mapping[ast.Name | ast.Attribute, str]) -> str:
    """Return a text with other names in the places where these nodes of it stand."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    for node in sorted(names, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        assert node.end_col_offset is not None
        if node.lineno == node.end_lineno:
            line = lines[node.lineno - 1]
            lines[node.lineno - 1] = line[: node.col_offset] + names[node].encode() + line[node.end_col_offset :]
    return b"".join(lines).decode().rstrip()


def _with_name(text: str, kind: str, name: str, to: str) -> str:
    return re.sub(rf"^({kind}) {name}\b", rf"\1 {to}", text, count=1, flags=re.M)


# How a module is read


@lru_cache
def _module(name: str) -> _Module:
    package, _, stem = name.rpartition(".")
    text = files(package).joinpath(f"{stem}.py").read_text(encoding="utf-8")
    definitions: dict[str, _Definition] = {}
    modules: dict[str, str] = {}
    borrowed: dict[str, Name] = {}
    outside: dict[str, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            outside |= {one.asname or one.name: f"import {ast.unparse(one)}" for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                bound, inner = one.asname or one.name, f"{node.module}.{one.name}"
                if not node.module.startswith(_HOME):
                    outside[bound] = f"from {node.module} import {ast.unparse(one)}"
                elif _is_module(inner):
                    modules[bound] = inner
                else:
                    borrowed[bound] = (node.module, one.name)
        elif names := tuple(_given(node)):
            made = _Definition(name, names, _segment(text, node))
            definitions |= dict.fromkeys(names, made)
    imported = (*modules.values(), *(module for module, _ in borrowed.values()))
    return _Module(definitions, modules, borrowed, outside, tuple(dict.fromkeys(imported)))


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the name is of something in a module
        return False


def _given(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from _stored(target)


def _segment(text: str, node: ast.stmt) -> str:
    """Return a statement with its decorators, and the remarks on its lines."""
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(one.lineno for one in decorators)])
    lines = text.splitlines(keepends=True)
    while start > 1 and lines[start - 2].startswith("#"):
        start -= 1
    return "".join(lines[start - 1 : node.end_lineno])


# Which names are a statement's own


def _references(node: ast.AST, local: frozenset[str]) -> Iterator[ast.Name | ast.Attribute]:
    """Yield the names in a statement that are not its own, and the attributes of such names."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from _of_function(node, local)
    elif isinstance(node, ast.ClassDef):
        yield from _of_class(node, local)
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        yield from _of_children(node, local | {name for each in node.generators for name in _stored(each.target)})
    elif isinstance(node, ast.Name):
        yield from () if node.id in local else (node,)
    else:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in local:
            yield node
        yield from _of_children(node, local)


def _of_class(node: ast.ClassDef, local: frozenset[str]) -> Iterator[ast.Name | ast.Attribute]:
    own = {name for one in node.body if isinstance(one, ast.AnnAssign) for name in _stored(one.target)}
    for one in (*node.decorator_list, *node.bases):
        yield from _references(one, local)
    for stmt in node.body:
        yield from _references(stmt, local if isinstance(stmt, ast.FunctionDef) else local | own)


def _of_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, local: frozenset[str]
) -> Iterator[ast.Name | ast.Attribute]:
    given = node.args
    each = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    around: list[ast.AST] = [
        *given.defaults,
        *filter(None, given.kw_defaults),
        *(one.annotation for one in each if one.annotation),
    ]
    if not isinstance(node, ast.Lambda):
        around += [*node.decorator_list, *([node.returns] if node.returns else [])]
    for outer in around:
        yield from _references(outer, local)
    body: list[ast.AST] = [*node.body] if isinstance(node.body, list) else [node.body]
    inner = local | {one.arg for one in each} | {name for stmt in body for name in _bound(stmt)}
    for within in body:
        yield from _references(within, inner)


def _of_children(node: ast.AST, local: frozenset[str]) -> Iterator[ast.Name | ast.Attribute]:
    for child in ast.iter_child_nodes(node):
        yield from _references(child, local)


def _stored(node: ast.AST) -> Iterator[str]:
    """Yield the names that a target binds."""
    yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name))


_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement of a function binds in it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name):
        yield node.target.id
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, ast.ExceptHandler | ast.MatchAs) and node.name:
        yield node.name
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _SCOPES):
            yield from (one.target.id for one in ast.walk(child) if isinstance(one, ast.NamedExpr))
        else:
            yield from _bound(child)
