"""The README's tour, word for word, by unmodified AWS clients: tour.py PATH_OF_STEPWELL

The blocks of its second terminal are taken out of the README and given to a shell. Between them the
server is killed and started again, as the README says one may.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import boto3

from dev_server import clean_environment, start

README = pathlib.Path(__file__).parents[2] / "README.md"
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:greeting:first"

passed = 0


def check(what, true):
    global passed
    if not true:
        sys.exit(f"failed: {what}")
    passed += 1
    print(f"ok: {what}")


def blocks():
    """Those of the tour: how the server is started, and what is pasted into the other terminals."""
    text = README.read_text().split("## Five minutes with the AWS CLI")[1].split("\n## ")[0]
    first, *pasted = re.findall(r"^```\n(.*?)^```$", text, re.S | re.M)
    start = next(line for line in first.splitlines() if line.endswith("stepwell dev") or "stepwell dev " in line)
    return start, pasted


def paste(block, folder):
    """What the block printed. It ends at the first command that fails."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"failed: {block}\n{done.stdout}{done.stderr}")
    return done.stdout


def documents(text):
    """The JSON documents that the AWS CLI printed one after the other."""
    decoder, found = json.JSONDecoder(), []
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def main():
    root = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-tour-"))
    program = root / "target/release/stepwell"
    program.parent.mkdir(parents=True)
    program.symlink_to(os.path.abspath(sys.argv[1]))
    folder = root / "tour"
    folder.mkdir()
    clean_environment()
    command, (create, follow, work) = blocks()
    server = start(command.split(), folder)
    tail = server
    try:
        activity, machine, execution = documents(paste(create, folder))
        check("an activity is created", activity["activityArn"].endswith(":activity:shout"))
        check("a state machine is created", machine["stateMachineArn"].endswith(":stateMachine:greeting"))
        check("an execution is started", execution["executionArn"] == EXECUTION)
        # As its default port does, this one stays.
        port = json.loads((folder / ".stepwell/server.json").read_text())["endpoint"].rsplit(":", 1)[1]
        tail = subprocess.Popen(follow.split(), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        check("tail shows where it is", "greeting" in tail.stderr.readline())
        for how in (signal.SIGKILL, signal.SIGTERM):
            server.send_signal(how)
            check(f"{how.name} ends the server", server.wait(30) == (0 if how == signal.SIGTERM else -how))
            server = start(command.split(), folder, port)
        env = create.splitlines()[0]
        described, history = documents(paste(f"{env}\n{work}", folder))
        check("the worker is heard", (described["status"], described["output"]) == ("SUCCEEDED", '"HELLO, YOU"'))
        told, shown = tail.communicate(timeout=60)
        check("tail goes on until the execution ends", tail.returncode == 0 and "HELLO, YOU" in told + shown)
        types = [event["type"] for event in history["events"]]
        check("the history says how", types == [
            "ExecutionStarted", "PassStateEntered", "PassStateExited", "TaskStateEntered", "ActivityScheduled",
            "ActivityStarted", "ActivitySucceeded", "TaskStateExited", "ExecutionSucceeded",
        ])
        by_boto3(folder)
        server.terminate()
        check("the server ends in order", server.wait(30) == 0)
    finally:
        server.kill()
        tail.kill()
        shutil.rmtree(root, ignore_errors=True)
    print(f"{passed} passed, 0 failed")


def by_boto3(folder):
    place = json.loads((folder / ".stepwell/server.json").read_text())
    sfn = boto3.client(
        "stepfunctions", endpoint_url=place["endpoint"], region_name=place["region"],
        aws_access_key_id="any", aws_secret_access_key="any",
    )
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:greeting"
    listed = sfn.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
    check("boto3 lists it", [row["executionArn"] for row in listed] == [EXECUTION])
    try:
        sfn.describe_state_machine(stateMachineArn=machine + "x")
        check("an unknown machine is refused", False)
    except sfn.exceptions.StateMachineDoesNotExist:
        check("an unknown machine is refused", True)


if __name__ == "__main__":
    main()
