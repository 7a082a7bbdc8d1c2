"""Values for every shape of a model: the least ones, full ones, awkward ones; and their spelling in a state machine.

The same shape always gets the same values. Never here: how anything is sent.
"""

import base64
import json
from datetime import datetime, timezone

STYLES = ["least", "full", "awkward"]

# So deep all members are there; below, those that must be; and lists and maps end empty.
FULL_DEPTH = 3
DEPTH_MAX = 7

PLAIN_TEXTS = ["a", "Some text", "name-1"]
AWKWARD_TEXTS = ["ä€😀", "", "a b+c&d=e%2F~*'()!", "<&>\"'", "/x//y?z#", "true", "tab\tand, comma", "[1]", " x "]
HEADER_TEXTS = ["plain", "with, comma", 'quo"te', "a=b; c", "x/y"]
URI_TEXTS = ["a b", "ä/€", "x+y=z&?#%", "a//b", "~.-_", "'()*!"]
TIMES = ["2026-11-27T21:00:00Z", "1969-12-31T23:59:59Z", "2000-02-29T00:00:01Z"]


def structure(shape, style, is_output=False):
    """A value for an input or an output."""
    return Values(style, is_output).structure(shape, 0)


class Values:
    def __init__(self, style, is_output):
        self.style = style
        self.is_output = is_output
        self.count = 0

    def structure(self, shape, depth):
        names = list(shape.members)
        if self.style == "least" or depth >= FULL_DEPTH:
            names = [name for name in names if name in shape.required_members]
        tokens = [name for name in names if shape.members[name].metadata.get("idempotencyToken")]
        if self.style == "least" and depth == 0:
            names = [name for name in names if name not in tokens]
        if self.is_output and getattr(shape, "is_tagged_union", False):
            # botocore reads no others.
            names = names[:1] or list(shape.members)[:1]
        return {name: self.value(shape.members[name], depth + 1) for name in names}

    def value(self, shape, depth):
        self.count += 1
        if getattr(shape, "is_document_type", False):
            return {"a": [1, None, "ä"], "b": {}, "c": 1.5}
        serialization = shape.serialization
        if serialization.get("jsonvalue") and serialization.get("location") == "header":
            return {"some": ["json", 1]}
        return getattr(self, shape.type_name)(shape, depth)

    def list(self, shape, depth):
        if depth >= DEPTH_MAX or (self.style == "awkward" and self.pick([False, True, False])):
            return []
        count = 2 if self.style == "full" and depth <= FULL_DEPTH else 1
        return [self.value(shape.member, depth + 1) for _ in range(count)]

    def map(self, shape, depth):
        if depth >= DEPTH_MAX or (self.style == "awkward" and self.pick([False, False, True])):
            return {}
        keys = shape.key.enum[:2] if getattr(shape.key, "enum", None) else ["key", "other"]
        if self.style == "awkward" and shape.serialization.get("location") != "headers":
            keys = ["ä b&<", "x/y"]
        return {key: self.value(shape.value, depth + 1) for key in keys}

    def string(self, shape, depth):
        enum = shape.metadata.get("enum")
        location = shape.serialization.get("location")
        if shape.serialization.get("hostLabel"):
            return "label-1"
        if shape.serialization.get("name", "").lower() == "x-amz-sdk-checksum-algorithm":
            return {"least": "CRC32", "full": "SHA1", "awkward": "SHA256"}[self.style]
        if enum and (self.style != "awkward" or location):
            return self.pick(enum)
        if self.style != "awkward":
            return self.pick(PLAIN_TEXTS)
        if location == "uri":
            return self.pick(URI_TEXTS)
        if location in ("header", "headers"):
            return self.pick(["plain", "x/y"] if self.is_output else HEADER_TEXTS)
        return self.pick(AWKWARD_TEXTS)

    character = string

    def blob(self, shape, depth):
        if self.style == "awkward":
            choices = [b"\xff\x00\xfe", b"", "ä<&>".encode()] if self.is_output else ["ä\n<&>".encode(), b""]
            return self.pick(choices[1:] if "streaming" in shape.serialization else choices)
        return b"some bytes"

    def boolean(self, shape, depth):
        return self.pick([True, False])

    def integer(self, shape, depth):
        return self.pick([0, -1, 2_147_483_647] if self.style == "awkward" else [1, 20])

    def long(self, shape, depth):
        return self.pick([0, -9_007_199_254_740_993] if self.style == "awkward" else [1, 20])

    def float(self, shape, depth):
        return self.pick([0.1, -2.5, 3.0] if self.style == "awkward" else [1.5, 20.25])

    double = float

    def timestamp(self, shape, depth):
        return self.pick(TIMES if self.style == "awkward" else TIMES[:1])

    def pick(self, choices):
        return choices[self.count % len(choices)]


def spelled(value, shape, blob_text):
    """A value as a state machine spells it. `blob_text`: blobs that are no text are in Base64."""
    if value is None or shape is None or getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        members = shape.members
        return {name[0].upper() + name[1:]: spelled(inner, members[name], blob_text) for name, inner in value.items()}
    if shape.type_name == "list":
        return [spelled(inner, shape.member, blob_text) for inner in value]
    if shape.type_name == "map":
        return {key: spelled(inner, shape.value, blob_text) for key, inner in value.items()}
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            assert blob_text
            return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if blob_text and shape.serialization.get("jsonvalue") and not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"))
    return value


def modelled(value, shape):
    """A value as the model spells it: blobs and streams in Base64, times as seconds since 1970."""
    if value is None or shape is None or getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        return {name: modelled(inner, shape.members[name]) for name, inner in value.items()}
    if shape.type_name == "list":
        return [modelled(inner, shape.member) for inner in value]
    if shape.type_name == "map":
        return {key: modelled(inner, shape.value) for key, inner in value.items()}
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if shape.type_name == "blob":
        return base64.b64encode(value.encode()).decode()
    if shape.type_name == "timestamp":
        time = value if isinstance(value, datetime) else datetime.fromisoformat(value.replace("Z", "+00:00"))
        return int(time.timestamp())
    if shape.serialization.get("jsonvalue") and not isinstance(value, str):
        return json.dumps(value)
    return value


def without_empty(value):
    """Without structures, lists and maps that have nothing in them."""
    if isinstance(value, dict):
        inner = {name: without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in inner.items() if inner not in ({}, [])}
    return [without_empty(inner) for inner in value] if isinstance(value, list) else value


def streamed(value, shape):
    """An input as botocore gets it: a stream is the JSON text of what a state machine says."""
    return {name: stream(inner, shape.members[name]) for name, inner in value.items()}


def stream(value, shape):
    if isinstance(value, bytes) and shape.serialization.get("streaming"):
        return json.dumps(value.decode(), ensure_ascii=False).encode()
    return value
