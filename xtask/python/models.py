"""Writes the table of all AWS service models: `crates/aws-models/data/models.bin`.

Reads botocore's models, leaves out what people read, and keeps what a caller and a validator need.
`crates/aws-models/src/table.rs` and `decode.rs` read what this writes; the layout is described there.
The same botocore and zstandard give the same bytes. Never here: a clock, a network, a folder's own order.

usage: python models.py OUTPUT
"""

import gzip
import json
import os
import re
import struct
import sys

import botocore
import zstandard

# The first bytes of the table; the last one counts its layouts.
MAGIC = b"SWMODEL\x02"

# The version that requirements.txt pins, and the day of its release, which botocore itself does not say.
BOTOCORE = ("1.43.11", "2026-05-19")

# Beyond this size a dictionary costs more than it saves.
DICTIONARY_BYTES_MAX = 65_536

KINDS = [
    "structure", "list", "map", "string", "integer", "long", "float", "double", "boolean", "blob", "timestamp",
]  # fmt: skip
PROTOCOLS = ["json", "rest-json", "rest-xml", "query", "ec2", "smithy-rpc-v2-cbor"]
SIGNATURES = ["v4", "s3", "s3v4", "v2", "bearer"]
LOCATIONS = ["", "uri", "querystring", "header", "headers", "statusCode"]
TIMESTAMP_FORMATS = ["", "iso8601", "unixTimestamp", "rfc822"]
AUTHENTICATIONS = ["", "none", "v4-unsigned-body"]

# The order is that of the bits.
SHAPE_FLAGS = [
    "sensitive", "document", "union", "eventstream", "flattened", "streaming", "requiresLength", "exception",
    "fault", "sparse",
]  # fmt: skip
MEMBER_FLAGS = [
    "required", "idempotencyToken", "hostLabel", "jsonvalue", "streaming", "flattened", "xmlAttribute", "payload",
]  # fmt: skip


def main(output):
    data = os.path.join(os.path.dirname(botocore.__file__), "data")
    models = [(name, model(data, name)) for name in services(data)]
    bodies = [Encoder(service).body() for _, service in models]
    dictionary = zstandard.train_dictionary(DICTIONARY_BYTES_MAX, bodies, level=22)
    # The decoder takes the dictionary that a frame names.
    parameters = zstandard.ZstdCompressionParameters.from_level(
        22, write_content_size=True, write_checksum=False, write_dict_id=True
    )
    compressor = zstandard.ZstdCompressor(compression_params=parameters, dict_data=dictionary)
    frames = [compressor.compress(body) for body in bodies]
    version, day = BOTOCORE
    assert version == botocore.__version__, "say in BOTOCORE when the new version was released"
    source = f"botocore {version} of {day}"
    with open(output, "wb") as file:
        file.write(table(source, dictionary.as_bytes(), models, bodies, frames))


def services(data):
    """The services' names, in order."""
    return sorted(name for name in os.listdir(data) if os.path.isdir(os.path.join(data, name)))


def model(data, name):
    """The newest model of a service."""
    versions = os.path.join(data, name)
    folder = os.path.join(versions, max(os.listdir(versions)))
    service = document(os.path.join(folder, "service-2.json"))
    # What all SDKs read otherwise than the model says: S3's `Expires` is a time. Members that are added here
    # are botocore's own, and nothing on a wire.
    changes = document(os.path.join(folder, "service-2.sdk-extras.json")) or {"merge": {}}
    for shape, change in changes["merge"].get("shapes", {}).items():
        if "type" in change:
            service["shapes"][shape].update(change)
    return service


def document(path):
    """A JSON file, compressed or not; None if there is none."""
    if os.path.exists(path):
        with open(path, "rb") as file:
            return json.load(file)
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz") as file:
            return json.load(file)
    return None


def table(source, dictionary, models, bodies, frames):
    """The whole file: the index in clear, then the dictionary, then one frame for each service."""
    out = bytearray(MAGIC)
    write_text(out, source)
    write_number(out, len(dictionary))
    write_number(out, len(models))
    for (name, service), body, frame in zip(models, bodies, frames):
        write_text(out, name)
        write_text(out, class_name(service["metadata"]["serviceId"]))
        write_number(out, len(body))
        write_number(out, len(frame))
    return bytes(out) + dictionary + b"".join(frames)


class Encoder:
    """One service as bytes: a stream for each kind of thing, because alike things compress together.

    Texts and shapes are numbered as they are first named, so that a first mention is a zero.
    """

    STREAMS = ["text", "service", "operation", "shape", "name", "reference", "trait", "constraint"]

    def __init__(self, service):
        self.service = service
        self.streams = {stream: bytearray() for stream in self.STREAMS}
        self.texts = {}
        self.shapes = {}
        # Shapes that are named already and not yet written.
        self.queue = []

    def body(self):
        """The service's bytes."""
        self.write_service()
        for shape in self.queue:
            self.write_shape(shape)
        self.number("service", len(self.texts))
        self.number("service", len(self.queue))
        out = bytearray()
        for stream in self.STREAMS[1:]:
            write_number(out, len(self.streams[stream]))
        for stream in self.STREAMS[1:]:
            out += self.streams[stream]
        return bytes(out + self.streams["text"])

    def write_service(self):
        metadata = self.service["metadata"]
        protocols = metadata.get("protocols", [metadata["protocol"]])
        self.number("service", len(protocols))
        for protocol in protocols:
            self.number("service", PROTOCOLS.index(protocol))
        self.number("service", SIGNATURES.index(metadata["signatureVersion"]))
        self.number("service", "awsQueryCompatible" in metadata)
        for field in ("apiVersion", "endpointPrefix", "serviceId"):
            self.text("service", metadata[field])
        self.text("service", metadata.get("signingName", metadata["endpointPrefix"]))
        for field in ("globalEndpoint", "jsonVersion", "targetPrefix", "xmlNamespace"):
            self.text("service", metadata.get(field, ""))
        operations = sorted(self.service["operations"].items())
        self.number("service", len(operations))
        for name, operation in operations:
            self.write_operation(name, operation)

    def write_operation(self, name, operation):
        self.text("name", name)
        http = operation["http"]
        self.text("operation", http["method"])
        self.text("operation", http["requestUri"])
        self.number("operation", http.get("responseCode", 200))
        checksum = operation.get("httpChecksum", {})
        flags = [
            operation.get("httpChecksumRequired", False) or checksum.get("requestChecksumRequired", False),
            operation.get("unsignedPayload", False),
            operation.get("endpointdiscovery", {}).get("required", False),
            "resultWrapper" in operation.get("output", {}),
        ]
        self.number("operation", bits(flags))
        self.number("operation", AUTHENTICATIONS.index(operation.get("authtype", "")))
        self.text("operation", operation.get("endpoint", {}).get("hostPrefix", ""))
        # CloudFront's wire names carry a version. No protocol that sends a name has such ones.
        if name != operation["name"]:
            assert self.service["metadata"]["protocol"] == "rest-xml", name
        wrapper = operation.get("output", {}).get("resultWrapper", f"{name}Result")
        assert wrapper == f"{name}Result", wrapper
        given = operation.get("input", {})
        for field in ("input", "output"):
            shape = operation.get(field, {}).get("shape")
            self.optional_shape("operation", shape)
        self.text("operation", given.get("locationName", ""))
        self.text("operation", given.get("xmlNamespace", {}).get("uri", ""))
        errors = [error["shape"] for error in operation.get("errors", [])]
        self.number("operation", len(errors))
        for error in errors:
            self.shape("operation", error)

    def write_shape(self, shape):
        kind = shape["type"]
        error = shape.get("error", {})
        flags = bits([shape.get(flag) for flag in SHAPE_FLAGS])
        traits = self.constraints(shape, error)
        self.number("shape", KINDS.index(kind) | bool(flags) << 4 | bool(traits) << 5)
        if flags:
            self.number("trait", flags)
        if traits:
            self.number("constraint", bits(traits))
            self.write_constraints(shape, error, traits)
        if kind == "structure":
            # Other shapes need no name on any wire.
            self.text("name", shape["name"])
            members = shape["members"].items()
            self.number("shape", len(members))
            for name, member in members:
                self.text("name", name)
                self.write_member(shape, name, member)
        elif kind == "list":
            self.write_member({}, "", shape["member"])
        elif kind == "map":
            self.write_member({}, "", shape["key"])
            self.write_member({}, "", shape["value"])

    def write_member(self, owner, name, member):
        self.shape("reference", member["shape"])
        target = self.service["shapes"][member["shape"]]
        wire_name = member.get("locationName", target.get("locationName", ""))
        location = LOCATIONS.index(member.get("location", ""))
        namespace = member.get("xmlNamespace", target.get("xmlNamespace", {}))
        flags = bits(
            [
                name in owner.get("required", []),
                *(member.get(flag, False) for flag in MEMBER_FLAGS[1:-1]),
                owner.get("payload") == name and name != "",
            ]
        )
        present = [flags, wire_name, location, namespace, member.get("queryName", "")]
        self.number("trait", bits(present))
        if flags:
            self.number("trait", flags)
        if wire_name:
            self.text("trait", wire_name)
        if location:
            self.number("trait", location)
        if namespace:
            self.text("trait", namespace["uri"])
            self.text("trait", namespace.get("prefix", ""))
        if "queryName" in member:
            self.text("trait", member["queryName"])

    def constraints(self, shape, error):
        """Which of the rarer things a shape has, in the order in which they are written."""
        return [
            "min" in shape,
            "max" in shape,
            "pattern" in shape,
            "enum" in shape,
            "timestampFormat" in shape,
            "code" in error,
            "httpStatusCode" in error,
        ]

    def write_constraints(self, shape, error, traits):
        low, high, pattern, enum, timestamp_format, code, status = traits
        if low:
            self.bound(shape["min"])
        if high:
            self.bound(shape["max"])
        if pattern:
            self.text("constraint", shape["pattern"])
        if enum:
            self.number("constraint", len(shape["enum"]))
            for value in shape["enum"]:
                self.text("name", value)
        if timestamp_format:
            self.number("constraint", TIMESTAMP_FORMATS.index(shape["timestampFormat"]))
        if code:
            self.text("constraint", error["code"])
        if status:
            self.number("constraint", error["httpStatusCode"])

    def bound(self, value):
        """A minimum or a maximum: whole ones as a zigzag number, others as a double."""
        if float(value).is_integer():
            number = int(value)
            assert -(1 << 63) <= number < 1 << 63, number
            self.number("constraint", 1 + (number << 1 if number >= 0 else (-number << 1) - 1))
        else:
            self.number("constraint", 0)
            self.streams["constraint"] += struct.pack("<d", value)

    def number(self, stream, number):
        write_number(self.streams[stream], number)

    def text(self, stream, text):
        """Names a text: 0 for the next new one."""
        if text in self.texts:
            self.number(stream, self.texts[text])
        else:
            self.texts[text] = len(self.texts) + 1
            self.number(stream, 0)
            write_text(self.streams["text"], text)

    def optional_shape(self, stream, name):
        """Names a shape or none."""
        self.number(stream, name is not None)
        if name is not None:
            self.shape(stream, name)

    def shape(self, stream, name):
        """Names a shape: 0 for the next new one."""
        shape = {**self.service["shapes"][name], "name": name}
        key = identity(shape)
        if key in self.shapes:
            self.number(stream, self.shapes[key])
        else:
            self.shapes[key] = len(self.shapes) + 1
            self.number(stream, 0)
            self.queue.append(shape)


def identity(shape):
    """What tells shapes apart. Simple ones that say the same are one."""
    if shape["type"] in ("structure", "list", "map"):
        return shape["name"]
    said = {
        field: value for field, value in shape.items() if field not in ("name", "documentation", "locationName", "box")
    }
    return json.dumps(said, sort_keys=True)


def class_name(service_id):
    """How the SDK for Java names a service's client, less `Client`."""
    return pascal_case(service_id).removeprefix("Amazon").removeprefix("Aws").removesuffix("Service")


def pascal_case(text):
    """How the SDK for Java makes a class's name of any name."""
    text = re.sub(r"[^A-Za-z0-9]+", " ", text)
    text = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", text)
    text = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z]([a-zA-Z]|[0-9]))", " ", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", text)
    return "".join(word[0].upper() + word[1:].lower() for word in text.split())


def bits(flags):
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def write_number(out, number):
    """Seven bits a byte, the lowest first; the eighth bit says that more follow."""
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def write_text(out, text):
    data = text.encode()
    write_number(out, len(data))
    out += data


if __name__ == "__main__":
    main(sys.argv[1])
