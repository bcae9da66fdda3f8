"""The parser's tree turned into ours: calls told from layers, sizes split from words, each name known."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from lark import Token, Tree

from striate.errors import NotationError
from striate.nets.forms import check_bracket, check_form
from striate.nets.names import MOST_DIGITS, Scope
from striate.nets.nesting import check_nesting
from striate.nets.tree import (
    Binary,
    Bracket,
    Call,
    Definition,
    Group,
    Item,
    Layer,
    Name,
    Net,
    Option,
    Repeat,
    Sequence,
    Value,
    locate_error,
)

Node: TypeAlias = "Tree[Token]"
MOST_TERMS = 30  # inside each other in one expression
MOST_AXES = 16  # of an input


class Reader:
    """Reads one text; `scope` holds the names that mean something where it stands."""

    def __init__(self, text: str, source: str) -> None:
        """Keep the text and its source for the errors."""
        self.text, self.source = text, source
        self.scope = Scope(self.fail)

    def fail(self, at: int, problem: str) -> NotationError:
        """Make the error for a place in the text."""
        return locate_error(self.text, self.source, at, problem)

    def read(self, tree: Node) -> Net:
        """Read the whole text.

        Raises:  NotationError for a name that is unknown, defined twice, or defined by itself.
        """
        shape, definitions, body = self.read_statements(tree)
        if not body:
            at = max(0, len(self.text.rstrip()) - 1)
            raise self.fail(at, "found no layer, needed at least one, such as `conv3-16`. Write one below")
        check_nesting(definitions, body, self.fail)
        return Net(shape, definitions, body, self.source, self.text)

    def read_statements(self, tree: Node) -> tuple[tuple[int, ...] | None, tuple[Definition, ...], Sequence]:
        """Read the input's shape, the definitions and the body, each as far as it is there."""
        statements = _find_trees(tree)
        for statement in statements:
            if statement.data == "definition":
                self.scope.define(*self._read_signature(statement))
        shape, definitions, body = None, [], list[Item]()
        for number, statement in enumerate(statements):
            if statement.data == "input":
                if number:
                    raise self.fail(
                        _place(statement), "found `input` behind other lines, needed once, at the top. Move it"
                    )
                shape = self._read_input(statement)
            elif statement.data == "definition":
                definitions.append(self._read_definition(statement))
            else:
                body += self._read_sequence(statement)
        return shape, tuple(definitions), tuple(body)

    def _read_input(self, node: Node) -> tuple[int, ...]:
        sizes = [token for token in _find_tokens(node) if token.type == "NUMBER"]
        if len(sizes) > 1 + MOST_AXES:
            raise self.fail(
                _place(node), f"found an input of {len(sizes) - 1} axes, needed {MOST_AXES} at most. Use fewer"
            )
        for token in sizes:
            if not token.isdecimal() or not token.strip("0"):
                raise self.fail(
                    _place(token), f"found {token} in the input's shape, needed whole numbers from 1. Mend it"
                )
        return tuple(self.scope.read_whole(token, _place(token)) for token in sizes)

    def _read_signature(self, node: Node) -> tuple[Token, tuple[str, ...]]:
        name = next(token for token in _find_tokens(node) if token.type == "NAME")
        lists = [child for child in _find_trees(node) if child.data == "parameters"]
        parameters = tuple(_find_tokens(lists[0])) if lists else ()
        for parameter in parameters:
            self.scope.check_parameter(parameter, parameters)
        return name, tuple(map(str, parameters))

    def _read_definition(self, node: Node) -> Definition:
        name, parameters = self._read_signature(node)
        self.scope.parameters = parameters
        items = self._read_sequence(_find_trees(node)[-1])
        self.scope.parameters = ()
        return Definition(str(name), parameters, items, _place(node))

    def _read_sequence(self, node: Node) -> Sequence:
        return tuple(self.read_item(item) for item in _find_trees(node))

    def read_item(self, node: Node) -> Item:
        """Read one item: a layer, a call, a bracket or a group, with its options and repetitions."""
        first, *others = _find_trees(node)
        options = tuple(self._read_option(other) for other in others if other.data == "option")
        item = self._read_atom(first, options)
        if isinstance(item, Layer):
            last = others[len(options) - 1] if options else first
            item = replace(item, end=int(last.meta.end_pos))
        for other in others:
            if other.data == "repeat":
                item = Repeat(item, self._read_value(_find_trees(other)[0]), _place(other))
        return item

    def _read_atom(self, node: Node, options: tuple[Option, ...]) -> Item:
        if node.data == "layer":
            return self._read_layer(node, options)
        if node.data == "backbone":
            return self._read_backbone(_find_tokens(node)[0], options)
        if node.data == "bracket":
            word = _find_tokens(node)[0]
            self.scope.check_bracket(word)
            branches = tuple(
                self._read_sequence(_find_trees(branch)[0]) if branch.children else () for branch in _find_trees(node)
            )
            bracket = Bracket(str(word), branches, options, _place(word))
            check_bracket(bracket, self.fail)
            return bracket
        if options:
            raise self.fail(options[0].at, "found an option behind `[...]`, needed it behind a layer. Move it there")
        return Group(self._read_sequence(_find_trees(node)[0]), _place(node))

    def _read_layer(self, node: Node, options: tuple[Option, ...]) -> Layer | Call:
        head = _find_tokens(node)[0]
        parts = {child.data: tuple(map(self._read_value, _find_trees(child))) for child in _find_trees(node)}
        arguments = parts.get("arguments")
        if head in self.scope.defined:
            stray = [child for child in _find_trees(node) if child.data != "arguments"]
            if stray or options:
                at = _place(stray[0]) if stray else options[0].at
                raise self.fail(
                    at,
                    f"found more than arguments behind the definition `{head}`, needed them alone. Write `{head}(...)`",
                )
            self.scope.check_call(head, arguments or ())
            return Call(str(head), arguments or (), _place(head))
        word, size = self.scope.split_head(head, has_size=bool(arguments))
        if arguments is not None and len(arguments) != 1:
            raise self.fail(
                _place(head), f"found {len(arguments)} sizes in the brackets of `{head}`, needed one. Write `{word}(k)`"
            )
        size = (*size, *(arguments or ()), *parts.get("sizes", ()))
        channels = parts.get("channels", (None,))[0]
        layer = Layer(word, size, channels, parts.get("strides", ()), options, _place(head))
        check_form(layer, self.fail)
        return layer

    def _read_backbone(self, token: Token, options: tuple[Option, ...]) -> Layer:
        word, _, name = token.partition(":")
        layer = Layer(word, options=options, at=_place(token), name=name)
        check_form(layer, self.fail)
        return layer

    def _read_option(self, node: Node) -> Option:
        key = _find_tokens(node)[0]
        setting: list[Value | tuple[Value, Value]] = []
        for child in _find_trees(node):
            values = tuple(map(self._read_value, _find_trees(child)))
            setting.append((values[0], values[1]) if len(values) == 2 else values[0])
        return Option(str(key), tuple(setting), _place(key))

    def _read_value(self, node: Node, depth: int = 0) -> Value:
        if depth > MOST_TERMS:
            found = f"found an expression of more than {MOST_TERMS} terms inside each other"
            raise self.fail(_place(node), f"{found}, needed fewer. Write its result")
        tokens = _find_tokens(node)
        if node.data == "number":
            return self._read_number(tokens[0])
        if node.data == "negative":
            return -self._read_number(tokens[1])
        if node.data in ("name", "word"):
            return Name(str(tokens[0]), _place(tokens[0]))
        operands = [self._read_value(child, depth + 1) for child in _find_trees(node)]
        if node.data == "minus":
            return Binary("-", 0, operands[0], _place(node))
        return Binary(str(tokens[0]), operands[0], operands[1], _place(node))

    def _read_number(self, token: Token) -> int | float:
        if token.isdecimal():
            return self.scope.read_whole(token, _place(token))
        if float(token) > 10.0**MOST_DIGITS:
            raise self.fail(_place(token), f"found {token}, needed 1e{MOST_DIGITS} at most. Use a smaller number")
        return float(token)


def _find_trees(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _find_tokens(node: Node) -> list[Token]:
    return [child for child in node.children if isinstance(child, Token)]


def _place(node: Node | Token) -> int:
    """The offset in the text where a piece of the parser's tree begins."""
    start = node.start_pos if isinstance(node, Token) else getattr(node.meta, "start_pos", 0)
    return int(start or 0)
