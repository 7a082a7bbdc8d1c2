"""A backend that Amplify's construct has made, and aws-amplify as its client: amplify_backend.py PATH_OF_STEPWELL CLIENTS BACKEND

CLIENTS and BACKEND are folders with what xtask/node and xtask/node/backend describe. The template is not changed: what CDK
writes is what `[appsync.NAME] template` reads.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from dev_server import Count, clean_environment, start

SETTINGS = '[appsync.todos]\ntemplate = "cdk.out/Todos.template.json"\n'


def run(command, folder, **variables):
    done = subprocess.run(command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300)
    print(done.stdout if done.stdout.count("\n") == 1 else "", end="")
    return done.stdout, None if done.returncode == 0 else f"{done.stdout}\n{done.stderr}"


def main():
    stepwell = os.path.abspath(sys.argv[1])
    clients, backend = [pathlib.Path(folder).resolve() for folder in sys.argv[2:4]]
    clean_environment()
    root = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-backend-"))
    count = Count()
    try:
        _, problem = run(["node", "synthesise.mjs", str(root / "cdk.out")], backend)
        count.check("CDK makes the template", problem)
        (root / "stepwell.toml").write_text(SETTINGS)
        # A second start finds everything as it shall be, and the same client goes on.
        for attempt in ["at first", "after a restart"]:
            server = start([stepwell, "dev", "--tls"], root)
            try:
                env = json.loads(run([stepwell, "env", "--output", "json"], root)[0])
                outputs = root / "amplify_outputs.json"
                outputs.write_text(run([stepwell, "amplify-outputs"], root)[0])
                command = ["node", "todos.mjs", str(outputs)]
                _, problem = run(command, clients, NODE_EXTRA_CA_CERTS=env["NODE_EXTRA_CA_CERTS"])
                count.check(attempt, problem)
            finally:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    count.finish()


if __name__ == "__main__":
    main()
