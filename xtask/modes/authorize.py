"""Lets in by tokens that say themselves what is to be answered, and keeps what it was told, a line for each call."""

import json
import os

ANSWERS = {
    "custom-plain": {"isAuthorized": True, "resolverContext": {"name": "plain", "number": 7, "yes": True}},
    "custom-nothing": {"isAuthorized": True},
    "custom-denied": {
        "isAuthorized": True,
        "deniedFields": ["Note.secret", "arn:aws:appsync:us-east-1:123456789012:apis/API_ID/types/Query/fields/whoInVtl"],
        "resolverContext": {"name": "denied"},
    },
    "custom-each-time": {"isAuthorized": True, "ttlOverride": 0},
    "custom-for-two-seconds": {"isAuthorized": True, "ttlOverride": 2},
    "custom-no": {"isAuthorized": False},
    "custom-odd": {"isAuthorized": "yes"},
    "custom-nested": {"isAuthorized": True, "resolverContext": {"groups": ["staff"]}},
}


def handler(event, _):
    with open(os.environ["TOLD"], "a") as told:
        told.write(json.dumps(event) + "\n")
    answer = ANSWERS[event["authorizationToken"].removesuffix("-socket")]
    return json.loads(json.dumps(answer).replace("API_ID", event["requestContext"]["apiId"]))
