"""Every shape of the public service model, violated at every depth: shapes.py PATH_OF_STEPWELL

The model is botocore's, read where pip has put it. For each member of each operation's input, requests
are made that break one constraint (and one that breaks several), and others that just keep them. A
broken one must be refused with the service's text; nothing may answer 5xx, hang or succeed wrongly.
"""

import http.client
import json
import random
import re
import sys

import botocore.loaders

import service_rules
from dev_server import Count, DevServer, clean_environment

MODEL = botocore.loaders.Loader().load_service_model("stepfunctions", "service-2")
SHAPES = MODEL["shapes"]
TARGET = MODEL["metadata"]["targetPrefix"]

# An answer that takes longer hangs. Nothing here waits for anything.
PATIENCE_SECONDS = 20
# A request may have no more, as on AWS.
BODY_BYTES_MAX = 1 << 20
NUMBERS = ("integer", "long", "float", "double")
# Errors that any operation may answer, whether or not the model names them.
COMMON_ERRORS = ("ValidationException", "SerializationException", "UnknownOperationException")
# Values that break a pattern and nothing else.
BREAKS_PATTERN = {
    r"\p{ASCII}*": ["é"],
    "[!-~]+": ["a b", "é"],
    r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$": ["a b", "123"],
}
# So many times half of an operation's members are wrong at once, drawn with a fixed seed.
HALVES = 8
# What the protocol's parser calls the values that it meets.
TOKENS = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}
WANTED = {"string": "a String", "boolean": "a Boolean", "integer": "an Integer", "long": "a Long", "float": "a Float"}
OF_EACH_TYPE = ["x", True, 7, 1.5, [], {}]

count = Count()


class Client:
    """Raw HTTP on one connection, so that nothing is checked before it is sent."""

    def __init__(self, address):
        self.address = address
        self.connection = None
        self.requests = 0

    def call(self, operation, body):
        """Status, error code (empty if none), and the answer's JSON."""
        self.requests += 1
        text = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{TARGET}.{operation}"}
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=PATIENCE_SECONDS)
        try:
            self.connection.request("POST", "/", text, headers)
            answer = self.connection.getresponse()
            value = json.loads(answer.read())
            wrong = wrong_form(operation, answer, value)
            count.check(f"{operation} {text[:60]}", wrong) if wrong else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.connection = None
            return 0, type(error).__name__, {"message": str(error)}
        return answer.status, value.get("__type", "").split("#")[-1], value


def wrong_form(operation, answer, value):
    """What no answer may lack, whatever it says."""
    if answer.getheader("Content-Type") != "application/x-amz-json-1.0" or not answer.getheader("x-amzn-RequestId"):
        return f"the headers are {answer.getheaders()}"
    if answer.status == 200 or operation not in MODEL["operations"]:
        return None
    code = value["__type"].split("#")[-1]
    known = [error["shape"] for error in MODEL["operations"][operation].get("errors", [])]
    known += service_rules.BEYOND_MODEL.get(operation, ())
    return None if code in (*known, *COMMON_ERRORS) else f"{code} is no error of this operation: {value}"


def members(shape_name, path=()):
    """Every member at every depth: its path, its shape, whether it is required."""
    shape = SHAPES[shape_name]
    if shape["type"] == "structure":
        required = required_of(shape_name)
        inner = [(name, member["shape"], name in required) for name, member in shape["members"].items()]
    elif shape["type"] == "list":
        inner = [(0, shape["member"]["shape"], False)]
    else:
        inner = []
    for step, name, required in inner:
        yield (*path, step), name, required
        yield from members(name, (*path, step))


def required_of(shape_name):
    return (*SHAPES[shape_name].get("required", ()), *service_rules.REQUIRED.get(shape_name, ()))


def good(shape_name, member, goods):
    """A value without fault, with no more in it than is required."""
    shape = SHAPES[shape_name]
    if member in goods:
        return goods[member]
    if shape["type"] == "structure":
        inner = shape["members"]
        return {name: good(inner[name]["shape"], name, goods) for name in required_of(shape_name)}
    if shape["type"] == "list":
        return [good(shape["member"]["shape"], member, goods)]
    if "enum" in shape:
        return shape["enum"][0]
    return {"string": "x", "boolean": False}.get(shape["type"], shape.get("min", 0))


def request(operation, goods, path=(), value=None):
    """A request without fault, but for `value` at `path`; `...` leaves the member out."""
    body = good(input_of(operation), None, goods) | service_rules.also(operation, goods)
    if path:
        put_deep(body, input_of(operation), goods, path, value)
    return body


def input_of(operation):
    return MODEL["operations"][operation]["input"]["shape"]


def put_deep(place, shape_name, goods, path, value):
    """Puts a value at a path, making what is on the way."""
    for step in path[:-1]:
        shape_name = inside(shape_name, step)
        # A copy: nothing that is good may be changed for the requests after this.
        known = place[step] if step in place or step == 0 and place else good(shape_name, step, goods)
        put(place, step, json.loads(json.dumps(known)))
        place = place[step]
    if value is not ...:
        put(place, path[-1], value)
    elif path[-1] in place:
        del place[path[-1]]


def inside(shape_name, step):
    shape = SHAPES[shape_name]
    return (shape["members"][step] if shape["type"] == "structure" else shape["member"])["shape"]


def put(place, step, value):
    if isinstance(place, list) and not place:
        place.append(value)
    else:
        place[step] = value


def spelled(path):
    """How the service names a member: tags.1.member.key"""
    return ".".join(step if isinstance(step, str) else f"{step + 1}.member" for step in path)


def problems(path, shape, value):
    """What the service says of a value, one sentence for each constraint that it breaks."""
    rules = []
    if value is None:
        rules.append("Member must not be null")
    elif shape["type"] in NUMBERS:
        if value < shape.get("min", value):
            rules.append(f"Member must have value greater than or equal to {shape['min']}")
        if value > shape.get("max", value):
            rules.append(f"Member must have value less than or equal to {shape['max']}")
    elif "enum" in shape:
        if value not in shape["enum"]:
            rules.append(f"Member must satisfy enum value set: [{', '.join(sorted(shape['enum']))}]")
    else:
        if len(value) < shape.get("min", 0):
            rules.append(f"Member must have length greater than or equal to {shape['min']}")
        if len(value) > shape.get("max", len(value)):
            rules.append(f"Member must have length less than or equal to {shape['max']}")
        if "pattern" in shape and not re.fullmatch(shape["pattern"].replace(r"\p{ASCII}", r"[\x00-\x7f]"), value):
            rules.append(f"Member must satisfy regular expression pattern: {shape['pattern']}")
    shown = " null" if value is None else "" if shape.get("sensitive") else f" '{value}'"
    # How a list is shown is not known.
    shown = " …" if isinstance(value, list) else shown
    return [f"Value{shown} at '{spelled(path)}' failed to satisfy constraint: {rule}" for rule in rules]


def bad_values(shape):
    """Values that break a constraint of the shape."""
    if shape["type"] in NUMBERS:
        return [shape[bound] + step for bound, step in (("min", -1), ("max", 1)) if bound in shape]
    if "enum" in shape:
        return ["NO_SUCH_VALUE", shape["enum"][0].lower(), ""]
    if shape["type"] == "string":
        values = ["x" * (shape["min"] - 1)] if shape.get("min") else []
        values += ["x" * (shape["max"] + 1)] if "max" in shape else []
        return values + (BREAKS_PATTERN[shape["pattern"]] if "pattern" in shape else [])
    return []


def kept_values(shape):
    """Values that just keep every constraint of the shape."""
    if shape["type"] in NUMBERS:
        return [shape[bound] for bound in ("min", "max") if bound in shape]
    if "enum" in shape:
        return shape["enum"]
    if shape["type"] == "string" and "max" in shape:
        # Lengths are counted in characters, not bytes.
        wide = [] if "pattern" in shape or shape["max"] > BODY_BYTES_MAX // 2 else ["é" * shape["max"]]
        return ["x" * shape.get("min", 0)] * ("pattern" not in shape) + ["x" * shape["max"]] + wide
    return [False, True] if shape["type"] == "boolean" else []


def said_problems(message):
    """The sentences of a constraint error, in an order of their own, and whether its count is right."""
    head, _, rest = message.partition(" detected: ")
    sentences = rest.split("; ")
    # The order of an enum's values is not known either, except where it is recorded.
    order = lambda found: f"[{', '.join(sorted(found[1].split(', ')))}]"
    sentences = [re.sub(r"(?<=enum value set: )\[(.*)\]", order, sentence) for sentence in sentences]
    sentences = [re.sub(r"^Value '\[.*\]' at", "Value … at", sentence, flags=re.S) for sentence in sentences]
    plural = "" if len(sentences) == 1 else "s"
    return sorted(sentences), head == f"{len(sentences)} validation error{plural}"


def wrong_output(operation, value):
    """What a successful answer has that the model does not know, or lacks."""
    def look(name, value, path):
        shape = SHAPES[name]
        if shape["type"] == "structure":
            if not isinstance(value, dict):
                return [path]
            found = [f"{path}.{lacks} is missing" for lacks in shape.get("required", ()) if lacks not in value]
            for member, inner in value.items():
                known = shape["members"].get(member)
                found += look(known["shape"], inner, f"{path}.{member}") if known else [f"{path}.{member} is unknown"]
            return found
        if shape["type"] == "list" and isinstance(value, list):
            return [wrong for item in value for wrong in look(shape["member"]["shape"], item, path)]
        if shape["type"] == "map" and isinstance(value, dict):
            return [wrong for item in value.values() for wrong in look(shape["value"]["shape"], item, path)]
        if shape["type"] in ("string", "boolean", "timestamp", *NUMBERS):
            kind = "float" if shape["type"] == "timestamp" else shape["type"]
            wrong = not fits(kind, value) or value not in shape.get("enum", [value])
            return [f"{path} = {value!r}"] if wrong else []
        return [f"{path} is no {shape['type']}"]

    return look(MODEL["operations"][operation]["output"]["shape"], value, operation)


def shown(answer):
    status, code, value = answer
    text = json.dumps(value, ensure_ascii=False)
    return f"{status} {code} {text if len(text) < 600 else text[:600] + '…'}"


def must_break(what, answer, expected):
    status, code, value = answer
    said, counted = said_problems(value.get("message", ""))
    right = (status, code) == (400, "ValidationException") and counted and said == sorted(expected)
    count.check(what, None if right else f"{shown(answer)}, expected {'; '.join(expected)[:600]}")


def must_keep(operation, what, answer):
    status, code, value = answer
    if status == 200:
        wrong = wrong_output(operation, value)
        return count.check(what, f"the answer is not as the model has it: {wrong}" if wrong else None)
    kept = status == 400 and code != "SerializationException" and "validation error" not in value.get("message", "")
    count.check(what, None if kept else shown(answer))


def must_refuse(what, answer, code, message=None):
    right = answer[0] == 400 and answer[1] == code and message in (None, answer[2].get("message"))
    count.check(what, None if right else f"{shown(answer)}, expected {code} {message}")


def check_member(client, operation, goods, path, shape, required):
    ask = lambda value: client.call(operation, request(operation, goods, path, value))
    what = lambda value: f"{operation} {spelled(path)} = {json.dumps(value)[:60]}"
    in_list = path[-1] == 0
    if required:
        must_break(f"{operation} without {spelled(path)}", ask(...), problems(path, shape, None))
        must_break(what(None), ask(None), problems(path, shape, None))
    elif in_list:
        must_refuse(what(None), ask(None), "SerializationException")
    else:
        must_keep(operation, what(None), ask(None))
    for value in bad_values(shape):
        must_break(what(value), ask(value), problems(path, shape, value))
    if shape["type"] == "list" and "max" in shape:
        item = good(shape["member"]["shape"], path[-1], goods)
        for items in ([], [item] * (shape["max"] + 1)):
            must_break(what(items), ask(items), problems(path, shape, items))
    for value in kept_values(shape):
        must_keep(operation, what(value), ask(value))
    for value in OF_EACH_TYPE:
        if not fits(shape["type"], value):
            must_refuse(what(value), ask(value), "SerializationException", wrong_type(shape["type"], value))
    if shape["type"] in ("integer", "long"):
        # No shape has numbers of more than 64 bits, so there is no right answer but a refusal.
        for value in (2**63, -(2**63) - 1, 10**30) + ((2**31, -(2**31) - 1) if shape["type"] == "integer" else ()):
            status, code, _ = answer = ask(value)
            refused = status == 400 and code in ("SerializationException", "ValidationException")
            count.check(what(value), None if refused else shown(answer))


def fits(kind, value):
    kinds = {"string": str, "boolean": bool, "structure": dict, "list": list}
    if kind in kinds:
        return type(value) is kinds[kind]
    return type(value) is int or type(value) is float and kind in ("float", "double")


def wrong_type(kind, value):
    """What the protocol's parser says where a value of another type is expected."""
    if type(value) in TOKENS and kind in WANTED:
        return f"{TOKENS[type(value)]} can not be converted to {WANTED[kind]}"
    starts = {list: "Start of list found where not expected", dict: "Start of structure or map found where not expected."}
    return starts.get(type(value))


def check_together(client, operation, goods, flat):
    """Requests in which everything at the top is wrong, everything at every depth, and any half of it."""
    breakable = [(path, shape, required) for path, shape, required in flat if bad_values(shape)]
    dice = random.Random(operation)
    top = [member for member in breakable if len(member[0]) == 1]
    halves = [dice.sample(breakable, len(breakable) // 2 + 1) for _ in range(HALVES)] if len(breakable) > 2 else []
    for broken in (top, breakable, *halves):
        body, expected = request(operation, goods), []
        for path, shape, required in broken:
            # One value alone could be as long as a whole request may be.
            values = [value for value in bad_values(shape) if not isinstance(value, str) or len(value) < BODY_BYTES_MAX]
            value = dice.choice([*values, None] if required else values)
            put_deep(body, input_of(operation), goods, path, value)
            expected += problems(path, shape, value)
        if expected:
            must_break(f"{operation}, all of these", client.call(operation, body), expected)


def check_bodies(client, operation, goods):
    """What is no request at all, and a member that nobody knows."""
    for body in (b"{", b"[]", b"null", b'"x"', b"7", b"\xff", b'{"a":' * 2000, b"{} {}", b"{'a':1}"):
        must_refuse(f"{operation} {body[:20]}", client.call(operation, body), "SerializationException")
    unknown = {**request(operation, goods), "noSuchMember": [1]}
    must_keep(operation, f"{operation} with an unknown member", client.call(operation, unknown))


def check_operation(client, operation, world):
    goods = service_rules.goods(operation, world)
    flat = [(path, SHAPES[name], required) for path, name, required in members(input_of(operation))]
    for path, shape, required in flat:
        check_member(client, operation, goods, path, shape, required)
    check_together(client, operation, goods, flat)
    check_bodies(client, operation, goods)
    for path, value, code, message in service_rules.refusals(operation, world, [path for path, *_ in flat]):
        answer = client.call(operation, request(operation, goods, path, value))
        must_refuse(f"{operation} {spelled(path)} = {value!r}"[:120], answer, code, message)


def main():
    clean_environment()
    with DevServer(sys.argv[1]) as server:
        client = Client(server.address)
        world = service_rules.World(client)
        missing = []
        for operation in sorted(MODEL["operations"]):
            _, code, value = client.call(operation, request(operation, service_rules.goods(operation, world)))
            if code == "UnknownOperationException" and "does not support" in value["message"]:
                missing.append(operation)
            else:
                check_operation(client, operation, world)
        for target in ("NoSuchAction", "", "createActivity"):
            must_refuse(f"the target {target!r}", client.call(target, {}), "UnknownOperationException")
        operations = len(MODEL["operations"])
        print(f"{client.requests} requests, {operations - len(missing)} of {operations} operations")
        if missing:
            print(f"left out, as they are not supported yet: {', '.join(missing)}")
    count.finish()


if __name__ == "__main__":
    main()
