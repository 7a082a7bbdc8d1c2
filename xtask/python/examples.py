"""The examples that need clients, by the commands of their READMEs and unmodified: examples.py PATH_OF_STEPWELL

The activity's worker is a program with boto3; the approval is given by the command that its function prints.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from dev_server import Count, clean_environment, start

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def blocks(example):
    """What a README has its readers paste, block by block."""
    return re.findall(r"^```\n(.*?)^```$", (EXAMPLES / example / "README.md").read_text(), re.S | re.M)


def paste(text, folder):
    """What the commands printed. They end at the first that fails."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"failed: {text}\n{done.stdout}{done.stderr}")
    return done.stdout


def last_document(text):
    """The last of the JSON documents that the AWS CLI printed one after the other."""
    return json.loads(text[text.rindex("\n{\n") if "\n{\n" in text else 0:])


def activity(root, count):
    serve, work = blocks("activity")
    server = start(serve.split(), root)
    try:
        described = last_document(paste(work, root))
        count.check("the worker is heard", None if described["status"] == "SUCCEEDED" else described)
        output = json.loads(described.get("output", "null"))
        count.check("it translates", None if output == {"text": "good morning", "translation": "bonum mane"} else output)
    finally:
        server.kill()
        server.wait()


def approval(root, count):
    serve, order, describe, cheap = blocks("approval")
    said = root / "said"
    server = start(["sh", "-c", f"exec {serve.strip()} \"$@\" 2>{said}", "sh"], root)
    enter = "\n".join(order.splitlines()[:2])
    try:
        paste(order, root)
        # The function has printed its question as soon as the Task waits for its token.
        history = f"{enter}\nuntil grep -q send-task-failure {said}; do sleep 0.1; done; cat {said}"
        command = re.search(r"yes: (aws stepfunctions send-task-success .*)", paste(history, root))[1]
        described = last_document(paste(f"{enter}\n{command}\n{describe}", root))
        output = json.loads(described.get("output", "null"))
        expected = {"item": "a dragon", "price": 900, "approvedBy": "me", "placed": True}
        count.check("the order is placed", None if output == expected else described)
        count.check("a cheap one needs nobody", None if '"placed": true' in paste(cheap, root) else "it is not placed")
    finally:
        server.kill()
        server.wait()


def main():
    root = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-examples-"))
    try:
        shutil.copytree(EXAMPLES, root / "examples", ignore=shutil.ignore_patterns(".stepwell", "__pycache__"))
        (root / "bin").mkdir()
        (root / "bin/stepwell").symlink_to(os.path.abspath(sys.argv[1]))
        clean_environment()
        os.environ["PATH"] = f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        count = Count()
        activity(root, count)
        approval(root, count)
        count.finish()
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
