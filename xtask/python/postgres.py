"""A PostgreSQL in a temporary folder, on a free port, with the programs that this machine has."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import time


class Postgres:
    """`Postgres.start(folder)`; nothing if there are no such programs here."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder / "postgres"
        self.folder.mkdir()
        # initdb and the server refuse to be run by root.
        self.user = next((name for name in ("postgres", "nobody") if os.getuid() == 0 and known(name)), None)
        if self.user:
            os.chmod(folder, 0o755)
            shutil.chown(self.folder, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        data = self.folder / "data"
        self.call("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync", "--encoding", "UTF8")
        command = [f"{programs}/postgres", "-D", data, "-p", str(self.port), "-k", self.folder, "-h", "127.0.0.1", "-c", "fsync=off"]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, user=self.user, cwd=self.folder)
        for _ in range(300):
            if self.psql("select 1", "postgres").returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text())

    @staticmethod
    def start(folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
        on_path = shutil.which("initdb")
        programs = found[0] if found else on_path and os.path.dirname(on_path)
        return Postgres(programs, folder) if programs else None

    def url(self, database):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def run(self, sql, database):
        done = self.psql(sql, database)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def psql(self, sql, database):
        connection = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        command = [f"{self.programs}/psql", *connection, "-v", "ON_ERROR_STOP=1", "-q", "-c", sql]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.folder)

    def call(self, program, *arguments):
        command = [f"{self.programs}/{program}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, user=self.user, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")

    def close(self):
        self.process.terminate()
        self.process.wait()


def known(name):
    try:
        pwd.getpwnam(name)
        return True
    except KeyError:
        return False
