"""A service around workflows, by an unmodified client: service_scenario.py PATH_OF_STEPWELL SERVICE

What is called and what must come of it stands in SERVICE_steps.py, in the way of scenario_steps.py. A step whose `call` names
another one (`stepfunctions:StartExecution`) calls that, or what stands in the module's CALLS under that name; a step `http`
sends a request of its own. SERVICE in the module is what boto3 calls the service, if that is another name. boto3 goes through all of it on a server of its own.
"""

import http.client
import importlib
import json
import sys
import time

import boto3
import botocore
import botocore.config
import botocore.exceptions

from dev_server import Count, DevServer, clean_environment
from scenario import PATIENCE_SECONDS, Refused, at, filled, fits, go


class Boto3:
    def __init__(self, server, service, calls):
        self.service = service
        self.address = server.address
        self.calls = calls
        self.clients = {}
        self.common = {
            "endpoint_url": f"http://{server.address}", "region_name": "us-east-1", "aws_access_key_id": "any",
            "aws_secret_access_key": "any", "config": botocore.config.Config(retries={"total_max_attempts": 1}),
        }

    def call(self, operation, body):
        service, _, operation = operation.rpartition(":")
        service = service or self.service
        if service in self.calls:
            return self.calls[service](self.address, operation, body)
        if service not in self.clients:
            self.clients[service] = boto3.client(service, **self.common)
        try:
            output = getattr(self.clients[service], botocore.xform_name(operation))(**body)
        except botocore.exceptions.ClientError as error:
            told = error.response
            raise Refused(told["Error"]["Code"], told["Error"].get("Message", "")) from None
        del output["ResponseMetadata"]
        return output


def send(address, step, names):
    """Sends the request of a step; returns what is wrong, if anything is."""
    method, path = filled(step["http"], names).split(" ", 1)
    headers = {"Content-Type": "application/json"} if "body" in step else {}
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)
    connection.request(method, path, step.get("body"), headers | filled(step.get("headers", {}), names))
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != step["status"]:
        return f"{answer.status} {text}, expected {step['status']}"
    said = json.loads(text) if text.startswith("{") else {}
    for place, wanted in step.get("gives", {}).items():
        if not fits(wanted, value := at(said, place)):
            return f"{place} is {value!r}, expected {wanted!r}; all: {text}"
    for name, place in step.get("keep", {}).items():
        names[name] = at(said, place)
    return None


def main():
    clean_environment()
    program, service = sys.argv[1:]
    steps = importlib.import_module(f"{service}_steps")
    count, names = Count(), dict(getattr(steps, "NAMES", {}))
    settings, files = getattr(steps, "SETTINGS", ""), getattr(steps, "FILES", {})
    with DevServer(program, settings=settings, files=files) as server:
        driver = Boto3(server, getattr(steps, "SERVICE", service), getattr(steps, "CALLS", {}))
        begun = time.monotonic()
        for number, step in enumerate(steps.STEPS, 1):
            started = time.monotonic()
            do = (lambda: send(server.address, step, names)) if "http" in step else (lambda: go(driver, step, names))
            problem = do()
            while problem and step.get("until") and time.monotonic() - started < PATIENCE_SECONDS:
                problem = do()
            count.check(f"step {number}: {step['what']}", problem)
        print(f"{service}: {len(steps.STEPS)} steps in {time.monotonic() - begun:.1f} s")
    count.finish()


if __name__ == "__main__":
    main()
