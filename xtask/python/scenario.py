"""One scenario, by three unmodified AWS clients: scenario.py PATH_OF_STEPWELL [FOLDER_OF_THE_JAVASCRIPT_SDK]

What is called and what must come of it stands in scenario_steps.py. boto3, the AWS CLI and the AWS SDK
for JavaScript each go through all of it, on a server of their own. Without Node the third is left out.
"""

import datetime
import json
import os
import re
import subprocess
import sys
import time

import boto3
import botocore
import botocore.config
import botocore.exceptions

import scenario_steps
from dev_server import Count, DevServer, clean_environment

# What is waited for comes within milliseconds.
PATIENCE_SECONDS = 20


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Boto3:
    name = "boto3"

    def __init__(self, server):
        os.environ.update(server.env)
        self.client = boto3.client("stepfunctions", config=botocore.config.Config(retries={"total_max_attempts": 1}))

    def call(self, operation, body):
        try:
            output = getattr(self.client, botocore.xform_name(operation))(**body)
        except botocore.exceptions.ClientError as error:
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None
        del output["ResponseMetadata"]
        return output

    def close(self):
        pass


class CommandLine:
    name = "the AWS CLI"

    def __init__(self, server):
        self.env = os.environ | server.env | {"AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}

    def call(self, operation, body):
        command = ["aws", "stepfunctions", botocore.xform_name(operation, "-"), "--no-paginate", "--output", "json"]
        command += ["--cli-input-json", json.dumps(body)]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        refused = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation: (.*)", done.stderr, re.S)
        if refused:
            raise Refused(refused[1], refused[2].rstrip("\n"))
        if done.returncode != 0:
            raise Refused("", f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout or "{}")

    def close(self):
        pass


class JavaScript:
    name = "the AWS SDK for JavaScript"

    def __init__(self, server, folder):
        self.node = subprocess.Popen(
            ["node", "driver.mjs"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | server.env | {"NODE_NO_WARNINGS": "1"},
        )

    def call(self, operation, body):
        self.node.stdin.write(json.dumps({"operation": operation, "body": body}) + "\n")
        self.node.stdin.flush()
        outcome = json.loads(self.node.stdout.readline() or '{"code": "", "message": "node has ended"}')
        if "output" not in outcome:
            raise Refused(outcome["code"], outcome["message"])
        return outcome["output"]

    def close(self):
        self.node.stdin.close()
        self.node.wait(PATIENCE_SECONDS)


def filled(value, names):
    """The value with each ${name} replaced by what was kept under it."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda found: names.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {key: filled(inner, names) for key, inner in value.items()}
    return [filled(inner, names) for inner in value] if isinstance(value, list) else value


def at(value, path):
    """What is at a path: names, numbers, `*` for each item, `json` for what a text says."""
    for depth, step in enumerate(steps := path.split(".") if path else []):
        if step == "*":
            return [at(item, ".".join(steps[depth + 1 :])) for item in value]
        if step == "json":
            value = json.loads(value) if isinstance(value, str) else None
        elif isinstance(value, list):
            value = value[int(step)] if -len(value) <= int(step) < len(value) else None
        else:
            value = (value or {}).get(step)
    return value


def fits(wanted, value):
    if wanted is datetime.datetime:
        # What boto3 makes a time of is seconds for the AWS CLI and a text for the third.
        return isinstance(value, datetime.datetime | float) or re.match(r"\d{4}-\d\d-\d\dT", str(value))
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and wanted.fullmatch(value)
    return isinstance(value, wanted) if isinstance(wanted, type) else wanted == value


def go(driver, step, names):
    """Does one step; returns what is wrong, if anything is."""
    operation, body = step["call"], filled(step.get("with", {}), names)
    code, message = filled(list(step.get("refused", ("", ""))), names)
    try:
        output = driver.call(operation, body)
    except Refused as error:
        start, dots, _ = message.partition("…")
        said = error.message.startswith(start) if dots else error.message == message
        return None if said and error.code == code else f"{error}, expected {code or 'no error'} {message}"
    if code:
        return f"{output}, expected {code}"
    for path, wanted in step.get("gives", {}).items():
        wanted = filled(wanted, names)
        if not fits(wanted, value := at(output, path)):
            return f"{path} is {value!r}, expected {wanted!r}; all: {output}"
    for name, path in step.get("keep", {}).items():
        names[name] = at(output, path)
    return None


def run(driver, count):
    names = dict(scenario_steps.NAMES)
    for number, step in enumerate(scenario_steps.STEPS, 1):
        begun = time.monotonic()
        problem = go(driver, step, names)
        while problem and step.get("until") and time.monotonic() - begun < PATIENCE_SECONDS:
            problem = go(driver, step, names)
        count.check(f"{driver.name}, step {number}: {step['what']}", problem)


def main():
    clean_environment()
    count = Count()
    drivers = [Boto3, CommandLine]
    if len(sys.argv) > 2:
        drivers.append(lambda server: JavaScript(server, sys.argv[2]))
    for make in drivers:
        with DevServer(sys.argv[1], settings=scenario_steps.SETTINGS, files=scenario_steps.FILES) as server:
            driver, begun, before = make(server), time.monotonic(), count.passed
            run(driver, count)
            driver.close()
            print(f"{driver.name}: {count.passed - before} steps in {time.monotonic() - begun:.1f} s")
    if len(sys.argv) <= 2:
        print("left out: no node and npm, so the AWS SDK for JavaScript did not take part")
    count.finish()


if __name__ == "__main__":
    main()
