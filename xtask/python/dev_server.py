"""A `stepwell dev` of its own in a temporary folder, and a count of what was checked, for the scripts
that drive a real server.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


class DevServer:
    """`with DevServer(program) as server:` its `folder`, and the `env` that points AWS clients at it."""

    def __init__(self, program, settings="", files=(), flags=()):
        self.program = os.path.abspath(program)
        self.flags = flags
        self.files = {"stepwell.toml": settings, **dict(files)}

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-"))
        for name, text in self.files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text)
        self.process = start([self.program, "dev", *self.flags], self.folder)
        text = subprocess.run([self.program, "env"], cwd=self.folder, capture_output=True, text=True, check=True).stdout
        self.env = dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def address(self):
        return self.env["AWS_ENDPOINT_URL_SFN"].removeprefix("http://")


def start(command, folder, port=0):
    """Starts the server, on any free port if none is given: `stepwell env` finds it. Returns when it says that it is
    ready.
    """
    server = subprocess.Popen([*command, "--port", str(port)], cwd=folder, stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "AWS_DISABLE_HOST_PREFIX_INJECTION" in line:
            return server
    sys.exit("failed: the server did not start")


def clean_environment():
    """Nothing of the caller's own setting may lead the clients elsewhere."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "STEPWELL_")):
            del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


class Count:
    """What passed and failed. A failure is told and the rest goes on."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, what, problem=None):
        if problem:
            self.failed += 1
            print(f"FAILED: {what}: {problem}")
        else:
            self.passed += 1

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)
