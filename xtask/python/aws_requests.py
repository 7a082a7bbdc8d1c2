"""Compares the requests and responses of `aws-protocols` with botocore's, for every operation of every service.

Each operation gets three inputs: the least one, one with all members, and one of awkward values. Each is given
to botocore's serialiser and, spelled as a state machine does, to the example `batch`. Outputs and errors are
written as a service would, and read by both. The other way round, `batch` reads botocore's requests as a service does and
writes outputs for botocore to read, of the services that are served. Never here: a network.

usage: python aws_requests.py BATCH [SERVICE …]
"""

import concurrent.futures
import json
import os
import subprocess
import sys
from collections import Counter
from urllib.parse import urlencode

import botocore.handlers
import botocore.httpchecksum
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
from botocore.awsrequest import HeadersDict
from botocore.utils import percent_encode_sequence

import wire_values
from models import class_name, pascal_case
from wire_responses import ErrorWriter, ResponseWriter

PROTOCOLS = ["json", "rest-json", "rest-xml", "query", "ec2"]
# The services that are built in, or may be.
SERVED = [
    "apigateway", "apigatewayv2", "dynamodb", "dynamodbstreams", "events", "lambda", "scheduler", "sns", "sqs",
]  # fmt: skip
TOKEN = "7f3a2c1e-0000-4000-8000-00000000c0de"
SOURCE_REGION = "botocore alone has SourceRegion: it is a wish for a signed URL, and not sent"
TWO_MEMBERS = "the model gives the list Events and the old text Event one element; botocore cannot read the text"

# Where we differ, and why. Any other difference is a failure.
KNOWN = {
    "docdb.CopyDBClusterSnapshot": SOURCE_REGION,
    "docdb.CreateDBCluster": SOURCE_REGION,
    "neptune.CopyDBClusterSnapshot": SOURCE_REGION,
    "neptune.CreateDBCluster": SOURCE_REGION,
    "rds.CopyDBClusterSnapshot": SOURCE_REGION,
    "rds.CopyDBSnapshot": SOURCE_REGION,
    "rds.CreateDBCluster": SOURCE_REGION,
    "rds.CreateDBInstanceReadReplica": SOURCE_REGION,
    "rds.StartDBInstanceAutomatedBackupsReplication": SOURCE_REGION,
    "s3.GetBucketNotification": TWO_MEMBERS,
}
SHOWN_MAX = 50


def main(batch, services):
    services = services or botocore.loaders.Loader().list_available_services("service-2")
    totals, disagreements = Counter(), []
    with concurrent.futures.ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for counts, wrong in pool.map(compare_service, [batch] * len(services), services, chunksize=4):
            totals.update(counts)
            disagreements += wrong
    return report(totals, disagreements)


def report(totals, disagreements):
    """Prints what agreed and what did not; whether all that did not is known."""
    print(f"{totals['operations']} operations, and {totals['stream']} that stream events and are refused")
    for kind in ("request", "output", "error", "received request", "written output"):
        operations = totals[kind, "operations"]
        whole = operations - len({wrong["operation"] for wrong in disagreements if wrong["kind"] == kind})
        agreed, compared = totals[kind, "agreed"], totals[kind, "compared"]
        print(f"{kind}s: {agreed:,} of {compared:,} agree, all those of {whole:,} of {operations:,} operations")
        for protocol in PROTOCOLS:
            if totals[kind, "compared", protocol]:
                print(f"  {protocol}: {totals[kind, 'agreed', protocol]:,} of {totals[kind, 'compared', protocol]:,}")
    known = {wrong["operation"] for wrong in disagreements} & KNOWN.keys()
    for operation in sorted(known):
        print(f"known: {operation}: {KNOWN[operation]}")
    unknown = [wrong for wrong in disagreements if wrong["operation"] not in KNOWN]
    for wrong in unknown[:SHOWN_MAX]:
        print(f"{wrong['kind']} of {wrong['operation']} ({wrong['case']}): {wrong['difference']}")
    print(f"{len(unknown)} differences that are not known")
    return not unknown


def compare_service(batch, service):
    """The counts of a service and its disagreements."""
    document = botocore.loaders.Loader().load_service_model(service, "service-2")
    model = botocore.model.ServiceModel(document, service)
    comparer = Comparer(service, model)
    for name in model.operation_names:
        comparer.operation(name, model.operation_model(name))
    lines = "".join(json.dumps(task) + "\n" for task, *_ in comparer.tasks)
    answers = subprocess.run([batch], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    return comparer.compare([json.loads(line) for line in answers.splitlines()])


class Comparer:
    """All that is compared of one service."""

    def __init__(self, service, model):
        self.service = service
        self.model = model
        protocols = model.metadata.get("protocols", [model.metadata["protocol"]])
        self.protocol = next(protocol for protocol in protocols if protocol != "smithy-rpc-v2-cbor")
        self.serializer = botocore.serialize.create_serializer(self.protocol, include_validation=False)
        self.parser = botocore.parsers.create_parser(self.protocol)
        self.tasks = []
        self.counts = Counter()

    def operation(self, name, operation):
        if operation.has_event_stream_input or operation.has_event_stream_output:
            self.counts["stream"] += 1
            self.add(name, "stream", "any", {"input": {}}, {"refusal": "the operation streams events"})
            return
        self.counts["operations"] += 1
        for style in wire_values.STYLES:
            self.request(name, operation, style)
            self.output(name, operation, style)
            if self.service in SERVED:
                self.served(name, operation, style)
                self.answer(name, operation, style)
        self.errors(name, operation)

    def add(self, name, kind, case, task, expected):
        action = name[0].lower() + name[1:]
        self.tasks.append(({"service": self.service, "action": action, **task}, name, kind, case, expected))

    def request(self, name, operation, style):
        shape = operation.input_shape
        value = wire_values.structure(shape, style) if shape is not None else {}
        spelled = wire_values.spelled(value, shape, blob_text=False) if shape is not None else {}
        for member in operation.idempotent_members:
            value.setdefault(member, TOKEN)
        value = wire_values.streamed(value, shape) if shape is not None else {}
        if self.service == "glacier" and "accountId" not in value and shape and "accountId" in shape.members:
            botocore.handlers.inject_account_id(value)
        built = self.serializer.serialize_to_request(value, operation)
        if self.service == "glacier":
            botocore.handlers.add_glacier_version(self.model, built)
        if self.service == "apigateway":
            botocore.handlers.add_accept_header(self.model, built)
        add_checksum(built, operation, value)
        self.add(name, "request", style, {"input": spelled, "token": TOKEN}, built)

    def served(self, name, operation, style):
        """botocore's request, read as a service reads it."""
        shape = operation.input_shape
        value = wire_values.structure(shape, style) if shape is not None else {}
        for member in operation.idempotent_members:
            value.setdefault(member, TOKEN)
        built = self.serializer.serialize_to_request(value, operation)
        path, _, query = built["url_path"].partition("?")
        asked = percent_encode_sequence(built["query_string"]) if built["query_string"] else ""
        headers = {str(header): str(text) for header, text in built["headers"].items()}
        task = {
            "served": True, "method": built["method"], "path": path, "query": "&".join(part for part in (query, asked) if part),
            "headers": headers, "body": body_of(built["body"]).hex(),
        }
        meant = wire_values.modelled(value, shape) if shape is not None else {}
        self.add(name, "received request", style, task, {"operation": name, "input": self.told_by_wire(meant, shape)})

    def answer(self, name, operation, style):
        """A service's output, which botocore reads."""
        shape = operation.output_shape
        value = wire_values.structure(shape, style, is_output=True) if shape is not None else {}
        payload = shape.serialization.get("payload") if shape is not None else None
        if isinstance(value.get(payload), bytes):
            # botocore reads such a body as a text.
            value[payload] = b"some bytes"
        meant = wire_values.modelled(value, shape) if shape is not None else {}
        self.add(name, "written output", style, {"output": meant}, (shape, self.told_by_wire(meant, shape)))

    def told_by_wire(self, value, shape):
        """Forms, XML and what is no body cannot tell what has nothing in it from what is not there, and a status is always
        there.
        """
        if self.protocol == "query":
            return wire_values.without_empty(value)
        if self.protocol == "rest-json":
            payload = shape.serialization.get("payload") if shape is not None else None
            locations = {name: shape.members[name].serialization.get("location") for name in value}
            places = {name: location or name == payload for name, location in locations.items()}
            empty = {name for name in value if places[name] and value[name] in ({}, [], "")}
            return {
                name: inner for name, inner in value.items() if name not in empty and locations[name] != "statusCode"
            }
        return value

    def read_by_botocore(self, answer, shape):
        response = {
            "status_code": answer["status"], "headers": HeadersDict(answer["headers"]),
            "body": bytes.fromhex(answer["body"]), "context": {},
        }
        parsed = self.parser.parse(response, shape)
        parsed.pop("ResponseMetadata", None)
        return self.told_by_wire(wire_values.modelled(parsed, shape) if shape is not None else {}, shape)

    def output(self, name, operation, style):
        shape = operation.output_shape
        value = wire_values.structure(shape, style, is_output=True) if shape is not None else {}
        status, headers, body = ResponseWriter(self.protocol, self.model).response(value, operation)
        task = {"status": status, "headers": headers, "body": body.hex()}
        parsed = self.parser.parse(
            {"status_code": status, "headers": HeadersDict(headers), "body": body, "context": {}}, shape
        )
        parsed.pop("ResponseMetadata", None)
        expected = wire_values.spelled(parsed, shape, blob_text=True) if shape is not None else {}
        self.add(name, "output", style, task, {"output": expected})

    def errors(self, name, operation):
        client = class_name(self.model.metadata["serviceId"])
        writer = ErrorWriter(self.protocol)
        for shape in [*operation.error_shapes[:2], None]:
            code = shape.error_code if shape is not None else "SomethingElse"
            status, headers, body = writer.response(code, "Fire & <flames> ä")
            task = {"status": status, "headers": headers, "body": body.hex()}
            response = {"status_code": status, "headers": HeadersDict(headers), "body": body, "context": {}}
            parsed = self.parser.parse(response, operation.output_shape)
            java = f"{exception_class(shape.name)}" if shape is not None else f"{client}Exception"
            expected = {
                "name": f"{client}.{java}",
                "code": parsed["Error"]["Code"],
                "message": parsed["Error"]["Message"],
                "request_id": parsed["ResponseMetadata"]["RequestId"],
            }
            self.add(name, "error", code, task, expected)

    def compare(self, answers):
        assert len(answers) == len(self.tasks), (self.service, len(answers), len(self.tasks))
        wrong, seen = [], set()
        for answer, (task, name, kind, case, expected) in zip(answers, self.tasks):
            if kind == "written output":
                shape, expected = expected
                answer = self.read_by_botocore(answer, shape)
            if kind == "received request" and "input" in answer:
                shape = self.model.operation_model(name).input_shape
                answer["input"] = self.told_by_wire(answer["input"], shape)
            differs = difference(answer, expected, self.protocol, kind)
            for key in ((kind, "compared"), (kind, "compared", self.protocol)):
                self.counts[key] += 1
            for key in ((kind, "agreed"), (kind, "agreed", self.protocol)):
                self.counts[key] += differs is None
            self.counts[kind, "operations"] += (name, kind) not in seen
            seen.add((name, kind))
            if differs is not None:
                operation = f"{self.service}.{name}"
                wrong.append({"kind": kind, "operation": operation, "case": case, "difference": differs})
        return self.counts, wrong


def add_checksum(built, operation, value):
    """As botocore does before it sends something over plain HTTP."""
    config = type("Config", (), {"request_checksum_calculation": "when_supported", "signature_version": "s3v4"})
    built["context"] = {"client_config": config}
    built["url"] = "http://localhost/"
    botocore.httpchecksum.resolve_request_checksum_algorithm(built, operation, value)
    botocore.httpchecksum.apply_request_checksum(built)


def difference(answer, expected, protocol, kind):
    """Where ours is another one than botocore's, or None."""
    if kind != "request" or "refusal" in answer or "refusal" in expected:
        return told(answer, expected) if exact(answer) != exact(expected) else None
    path, _, query = expected["url_path"].partition("?")
    asked = percent_encode_sequence(expected["query_string"]) if expected["query_string"] else ""
    wanted = {
        "method": expected["method"],
        "host_prefix": expected.get("host_prefix", ""),
        "path": path,
        "query": "&".join(part for part in (query, asked) if part),
        "headers": {str(name): str(value) for name, value in expected["headers"].items()},
        "body": body_of(expected["body"]),
    }
    ours = {**answer, "headers": dict(map(tuple, answer["headers"])), "body": bytes.fromhex(answer["body"])}
    # Two things that botocore does not say: that XML is XML, as AWS's protocol definitions ask for; and that a
    # stream is a text, as Step Functions was recorded to say.
    if "Content-Type" not in wanted["headers"] and wanted["body"]:
        if ours["headers"].get("Content-Type") in ("application/xml", "text/plain; charset=UTF-8"):
            del ours["headers"]["Content-Type"]
    if protocol in ("json", "rest-json"):
        # botocore writes spaces and escapes that nobody needs. The order of members counts.
        wanted["body"], ours["body"] = ordered(wanted["body"]), ordered(ours["body"])
    for field, value in wanted.items():
        if ours[field] != value:
            return f"{field}: {told(ours[field], value)}"
    return None


def told(ours, theirs):
    """Two values that differ; of objects only the members that do."""
    while isinstance(ours, dict) and isinstance(theirs, dict) and len(ours.keys() & theirs.keys()) == 1 == len(theirs):
        ours, theirs = next(iter(ours.values())), next(iter(theirs.values()))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        same = [name for name in ours if name in theirs and exact(ours[name]) == exact(theirs[name])]
        ours = {name: value for name, value in ours.items() if name not in same}
        theirs = {name: value for name, value in theirs.items() if name not in same}
    return f"{short(ours)} is not {short(theirs)}"


def body_of(body):
    if isinstance(body, dict):
        return urlencode([(name.encode(), str(value).encode()) for name, value in body.items()]).encode()
    return body.encode() if isinstance(body, str) else bytes(body)


def ordered(body):
    """JSON with the order of its members, or what is no JSON as it is."""
    try:
        return json.dumps(json.loads(body, object_pairs_hook=lambda pairs: {"pairs": [list(pair) for pair in pairs]}))
    except ValueError:
        return body


def exact(value):
    """A text that tells 1 from true, but not the order of members."""
    return json.dumps(value, sort_keys=True, default=repr)


def short(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 400 else text[:400] + "…"


def exception_class(name):
    """The class of an exception in the SDK for Java."""
    if name.endswith("Fault"):
        name = name.removesuffix("Fault") + "Exception"
    return pascal_case(name if name.endswith("Exception") else name + "Exception")


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1], sys.argv[2:]) else 1)
