"""Compares where AWS's services are by `aws-models` with where botocore's own clients send their requests.

A client of each service in some regions makes the first operation, and one of each kind of operation that the
endpoint rules tell apart; what it would send is caught. Never here: a network.

usage: python aws_hosts.py HOSTS [SERVICE …]
"""

import concurrent.futures
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import botocore.config
import botocore.exceptions
import botocore.loaders
import botocore.model
import botocore.session

import wire_values

REGIONS = [
    "us-east-1", "us-west-2", "eu-central-1", "ap-southeast-5", "cn-north-1", "us-gov-west-1", "us-iso-east-1",
    "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1",
]  # fmt: skip

# Members whose values botocore looks at.
NAMES = {"AccountId": "123456789012", "Bucket": "bucket"}

# Where we differ, and why. Any other difference is a failure.
KNOWN = {
    "cloudfront-keyvaluestore": "signed by Signature Version 4A for all regions, which is not supported: refused",
    "codecatalyst": "a token instead of a signature: refused",
}


class Caught(Exception):
    """A request that was about to be sent."""

    def __init__(self, request):
        self.request = request


def main(hosts, services):
    services = services or botocore.loaders.Loader().list_available_services("service-2")
    with concurrent.futures.ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        asked = [row for rows in pool.map(ask, services, chunksize=4) for row in rows]
    lines = "".join(f"{service} {action[0].lower()}{action[1:]} {region}\n" for service, action, region, _ in asked)
    answers = subprocess.run([hosts], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(answers) == len(asked)
    wrong = [(*row, answer) for row, answer in zip(asked, answers) if row[3] != answer]
    share = 100 * (len(asked) - len(wrong)) / len(asked)
    print(f"hosts: {len(asked) - len(wrong):,} of {len(asked):,} agree ({share:.2f} %), of {len(services)} services")
    for service in sorted({row[0] for row in wrong} & KNOWN.keys()):
        print(f"known: {service}: {KNOWN[service]}")
    unknown = [row for row in wrong if row[0] not in KNOWN]
    for service, action, region, theirs, ours in unknown:
        print(f"host of {service}.{action} in {region}: {ours} is not {theirs}")
    print(f"{len(unknown)} differences that are not known")
    return not unknown


def ask(service):
    """What botocore does with some operations of a service in all regions."""
    clients = botocore.session.get_session()
    clients.set_credentials("AKIDEXAMPLE", "secret")
    document = clients.get_component("data_loader").load_service_model(service, "service-2")
    model = botocore.model.ServiceModel(document, service)
    kinds = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        if not operation.has_event_stream_input and not operation.has_event_stream_output:
            # botocore takes some of the prefixes out of its models when it calls.
            prefix = (operation.endpoint or {}).get("hostPrefix", "")
            kinds.setdefault(str(operation.static_context_parameters), (name, prefix))
    s3 = {"addressing_style": "path", "us_east_1_regional_endpoint": "regional"}
    config = botocore.config.Config(parameter_validation=False, s3=s3)
    return [
        (service, name, region, sent(clients.create_client(service, region, config=config), name, prefix))
        for region in REGIONS
        for name, prefix in kinds.values()
    ]


def sent(client, name, prefix):
    """`HOST[/PATH] SIGNING-REGION SIGNING-NAME` of what a client would send, as `aws-models` has it; `-` if it
    refuses."""
    operation = client.meta.service_model.operation_model(name)
    def catch(request, **_):
        raise Caught(request)

    client.meta.events.register("before-send", catch)
    shape = operation.input_shape
    arguments = wire_values.structure(shape, "least") if shape is not None else {}
    arguments |= {member: value for member, value in NAMES.items() if member in arguments}
    # What the operation puts before the host is not the endpoint's.
    prefix = prefix.format(**arguments)
    try:
        client._make_api_call(name, arguments)
        raise AssertionError(f"{name} was not sent")
    except botocore.exceptions.BotoCoreError as error:
        return f"- {error}"[:200]
    except Caught as caught:
        request = caught.request
    scope = re.search(r"Credential=[^/]*/\d*/([^/]*)/([^/]*)/", str(request.headers.get("Authorization", "")))
    region, signing_name = scope.groups() if scope else (client.meta.region_name, client.meta.service_model.signing_name)
    parts = urlsplit(request.url)
    host = parts.netloc.removeprefix(prefix)
    # The path without what the operation adds, up to where that is the same for all.
    path = parts.path[: parts.path.index(re.split("[{?]", operation.http["requestUri"])[0])].rstrip("/")
    return f"{host}{path} {region} {signing_name}"


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1], sys.argv[2:]) else 1)
