"""The README's tour by unmodified AWS clients: tour.py PATH_OF_STEPWELL"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import boto3

MACHINE = {
    "StartAt": "Greet",
    "States": {
        "Greet": {
            "Type": "Pass",
            "Parameters": {"text.$": "States.Format('hello, {}', $.name)"},
            "ResultPath": "$.greeting",
            "Next": "Shout",
        },
        "Shout": {
            "Type": "Task",
            "Resource": "arn:aws:states:us-east-1:123456789012:activity:shout",
            "TimeoutSeconds": 60,
            "End": True,
        },
    },
}

passed = 0


def check(what, true):
    global passed
    if not true:
        sys.exit(f"failed: {what}")
    passed += 1
    print(f"ok: {what}")


def worker(done):
    sfn = boto3.client("stepfunctions")
    arn = "arn:aws:states:us-east-1:123456789012:activity:shout"
    while not done.is_set():
        task = sfn.get_activity_task(activityArn=arn, workerName="tour")
        if task.get("taskToken"):
            greeting = json.loads(task["input"])["greeting"]["text"]
            sfn.send_task_success(taskToken=task["taskToken"], output=json.dumps(greeting.upper()))


def aws(*words):
    output = subprocess.run(
        [sys.executable, "-m", "awscli", "stepfunctions", *words], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(output) if output.strip() else {}


def main():
    stepwell = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="stepwell-tour-")
    server = subprocess.Popen([stepwell, "dev", folder, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        for line in server.stdout:
            words = line.strip().split(" ", 1)
            if words[0] == "export":
                name, value = words[1].split("=", 1)
                os.environ[name] = value
                if name == "AWS_DISABLE_HOST_PREFIX_INJECTION":
                    break
        tour(pathlib.Path(folder))
        server.send_signal(signal.SIGTERM)
        check("SIGTERM ends the server in order", server.wait(30) == 0)
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, 0 failed")


def tour(folder):
    definition = folder / "greeting.json"
    definition.write_text(json.dumps(MACHINE))
    aws("create-activity", "--name", "shout")
    machine = aws(
        "create-state-machine", "--name", "greeting", "--definition", f"file://{definition}",
        "--role-arn", "arn:aws:iam::123456789012:role/any",
    )["stateMachineArn"]
    check("create-state-machine", machine.endswith(":stateMachine:greeting"))
    done = threading.Event()
    threading.Thread(target=worker, args=(done,), daemon=True).start()
    execution = aws("start-execution", "--state-machine-arn", machine, "--input", '{"name": "you"}')["executionArn"]
    deadline = time.time() + 30
    while (described := aws("describe-execution", "--execution-arn", execution))["status"] == "RUNNING":
        if time.time() > deadline:
            sys.exit("failed: the execution does not end")
    check("describe-execution", described["status"] == "SUCCEEDED" and described["output"] == '"HELLO, YOU"')
    events = aws("get-execution-history", "--execution-arn", execution)["events"]
    types = [event["type"] for event in events]
    check("get-execution-history", types == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "TaskStateEntered", "ActivityScheduled",
        "ActivityStarted", "ActivitySucceeded", "TaskStateExited", "ExecutionSucceeded",
    ])
    done.set()
    sfn = boto3.client("stepfunctions")
    listed = sfn.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
    check("boto3 lists it", [row["executionArn"] for row in listed] == [execution])
    try:
        sfn.describe_state_machine(stateMachineArn=machine + "x")
        check("an unknown machine is refused", False)
    except sfn.exceptions.StateMachineDoesNotExist:
        check("an unknown machine is refused", True)


if __name__ == "__main__":
    main()
