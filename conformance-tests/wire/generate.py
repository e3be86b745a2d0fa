"""Random values for a shape of botocore's model: legal inputs, and outputs as a service might give them.

Everything comes from one `random.Random`, so a seed names a run. `Full` mode takes every member and one item a list, so that no member stays
untested; otherwise members and lengths are drawn. Start with `value`.
"""

import datetime
import random
import re
import string

try:
    from re import _constants as sre, _parser as sre_parse
except ImportError:  # before Python 3.11
    import sre_constants as sre
    import sre_parse

# What forms and XML have to escape, and what is more than one byte or one UTF-16 unit long.
ALPHABET = string.ascii_letters + string.digits + " +&=%/?#;,.:~-_<>\"'*()[]{}|\\^`$!@\n\t\räé€中😀"
# Named classes that Python's regular expressions lack. A part of each class is enough to draw from.
CLASSES = {r"\p{L}": "A-Za-zäé", r"\p{Z}": " ", r"\p{N}": "0-9"}
# Patterns that AWS holds inputs to against its own model (xtask/workbench/src/data/models.rs).
AS_RECORDED = {"policyDocumentType": r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]+"}
MEMBER_CHANCE = [0.6, 0.5, 0.35, 0.25]


class Impossible(Exception):
    """The model asks for a value that cannot be drawn."""


class Draw:
    """The draws of one value: `legal` respects the constraints of inputs, `full` takes every member."""

    def __init__(self, seed, protocol, legal, full):
        self.random = random.Random(seed)
        self.protocol = protocol
        self.legal = legal
        self.full = full

    def value(self, shape, depth=0):
        return getattr(self, "_" + shape.type_name)(shape, depth)

    def _structure(self, shape, depth):
        if shape.is_tagged_union and shape.members:
            name = self.random.choice(list(shape.members))
            return {name: self.value(shape.members[name], depth + 1)}
        chance = MEMBER_CHANCE[min(depth, len(MEMBER_CHANCE) - 1)]
        taken = {}
        for name, member in shape.members.items():
            required = name in shape.required_members and self.legal
            if required or self.full or self.random.random() < chance:
                self._take(taken, name, member, depth)
        if not taken and self.legal and depth and shape.members:
            # A form can't say that a structure is there and empty.
            self._take(taken, *self.random.choice(list(shape.members.items())), depth)
        return taken

    def _take(self, taken, name, member, depth):
        if not (self.legal and member.type_name == "structure" and not member.members):
            taken[name] = self.value(member, depth + 1)

    def _list(self, shape, depth):
        least, most = self._bounds(shape, 0, 3 if depth < 3 else 2)
        # EC2's forms can't say that a list is there and empty.
        if self.full or (self.legal and self.protocol == "ec2"):
            least = max(least, 1)
        length = least if self.full else self.random.randint(least, max(least, min(most, least + 3)))
        return [self.value(shape.member, depth + 1) for _ in range(length)]

    def _map(self, shape, depth):
        # Nor can any form say that a map is there and empty.
        length = 1 if self.full else self.random.randint(1 if self.legal else 0, 3)
        return {self.value(shape.key, depth): self.value(shape.value, depth + 1) for _ in range(length)}

    def _string(self, shape, depth):
        if shape.enum:
            return self.random.choice(shape.enum)
        pattern = AS_RECORDED.get(shape.name) or shape.metadata.get("pattern")
        if pattern and self.legal:
            return self._matching(pattern, *self._bounds(shape, 0, 400))
        least, most = self._bounds(shape, 0, 12)
        return self._text(self.random.randint(least, min(most, least + 12)))

    def _text(self, length):
        return "".join(self.random.choice(ALPHABET) for _ in range(length))

    def _integer(self, shape, depth):
        least, most = self._bounds(shape, -(2**31), 2**31 - 1)
        return self.random.choice([least, most, self.random.randint(least, most)])

    def _long(self, shape, depth):
        least, most = self._bounds(shape, -(2**63), 2**63 - 1)
        return self.random.choice([least, most, self.random.randint(least, most)])

    def _double(self, shape, depth):
        least, most = self._bounds(shape, -1e6, 1e6)
        return round(self.random.uniform(least, most), self.random.randint(1, 6)) if not self.legal else self.random.uniform(least, most)

    _float = _double

    def _boolean(self, shape, depth):
        return self.random.random() < 0.5

    def _timestamp(self, shape, depth):
        # Milliseconds are what EC2 answers; IAM and STS answer seconds.
        fraction = self.random.choice([0, self.random.randint(0, 999) * 1000])
        micros = fraction if self.legal or self.protocol == "ec2" else 0
        seconds = self.random.randint(0, 4_000_000_000)
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).replace(microsecond=micros)

    def _blob(self, shape, depth):
        return self._text(self.random.randint(0, 20)).encode()

    def _bounds(self, shape, least, most):
        """The model's bounds for inputs; without them, the given ones."""
        if not self.legal:
            return least, most
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        low = least if low is None else low
        return low, max(low, most if high is None else high)

    def _matching(self, pattern, least, most):
        for name, members in CLASSES.items():
            pattern = pattern.replace(name, members)
        # One pattern has a start in its middle, which nothing matches; data/models leaves that out.
        pattern = re.sub(r"(?<=[^\[(|\\])\^", "", pattern)
        tree = sre_parse.parse(pattern, re.ASCII)
        whole = re.compile(pattern, re.ASCII)
        for _ in range(500):
            text = "".join(self._sample(tree, least, most))
            if least <= len(text) <= most and whole.fullmatch(text):
                return text
        raise Impossible(f"{pattern} with {least} to {most} characters")

    def _sample(self, tree, least, most):
        for kind, argument in tree:
            yield from self._part(kind, argument, least, most)

    def _part(self, kind, argument, least, most):
        if kind is sre.LITERAL:
            yield chr(argument)
        elif kind is sre.ANY:
            yield self.random.choice(string.ascii_letters)
        elif kind is sre.IN:
            yield self._one_of(argument)
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            low, high, inner = argument
            wanted = self.random.choice([low, low + 1, least, least + 1, self.random.randint(least, least + 12)])
            for _ in range(min(max(low, wanted), high, max(most, low))):
                yield from self._sample(inner, least, most)
        elif kind is sre.SUBPATTERN:
            yield from self._sample(argument[-1], least, most)
        elif kind is sre.BRANCH:
            yield from self._sample(self.random.choice(argument[1]), least, most)
        elif kind not in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
            raise Impossible(f"a pattern with {kind}")

    def _one_of(self, choices):
        """A character of a class: ranges by their ends and a few between, so that the rare ends are tried."""
        kind, argument = self.random.choice([choice for choice in choices if choice[0] is not sre.NEGATE])
        if kind is sre.LITERAL:
            return chr(argument)
        if kind is sre.RANGE:
            low, high = argument
            return chr(self.random.choice([low, high, self.random.randint(low, high)]))
        if kind is sre.CATEGORY:
            members = {sre.CATEGORY_WORD: string.ascii_letters + "_0", sre.CATEGORY_DIGIT: string.digits, sre.CATEGORY_SPACE: " \t\n"}
            return self.random.choice(members[argument])
        raise Impossible(f"a class with {kind}")
