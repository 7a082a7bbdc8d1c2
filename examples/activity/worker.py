"""Does the work of the activity `translate`: one piece of it, or --forever."""

import json
import sys

import boto3
from botocore.config import Config

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:translate"
WORDS = {"good": "bonum", "morning": "mane", "night": "noctem"}

# A poll is answered after a minute if there is no work; the client must have more patience than that.
client = boto3.client("stepfunctions", config=Config(read_timeout=70))


def translate(text):
    return " ".join(WORDS[word] for word in text.split())


def work():
    """Whether there was something to do."""
    task = client.get_activity_task(activityArn=ACTIVITY, workerName="worker.py")
    token = task.get("taskToken")
    if not token:
        return False
    client.send_task_heartbeat(taskToken=token)
    try:
        output = translate(json.loads(task["input"])["text"])
    except KeyError as unknown:
        client.send_task_failure(taskToken=token, error="UnknownWord", cause=str(unknown))
    else:
        client.send_task_success(taskToken=token, output=json.dumps(output))
    return True


while not work() or "--forever" in sys.argv:
    pass
