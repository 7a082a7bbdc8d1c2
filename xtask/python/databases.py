"""Real databases for scripts: PostgreSQL and MariaDB, each in a temporary folder on a free port, gone with the script.

`postgres()` and `mariadb()` answer with a URL, or None if the database is not installed, and say so.
"""

import atexit
import glob
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

USER, PASSWORD, PASSWORD_IN_URL = "ada", "p@ss:word", "p%40ss:word"


def postgres():
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if not folders:
        print("PostgreSQL is not installed (apt-get install postgresql): left out")
        return None
    programs, folder, port = pathlib.Path(folders[-1]), Folder(), free_port()
    folder.write("password", PASSWORD)
    folder.run(programs / "initdb", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--username", USER,
               "--pwfile", folder.path / "password", "--pgdata", folder.path / "data")
    folder.start("ready to accept connections", programs / "postgres", "-D", folder.path / "data", "-p", port,
                 "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
    return f"postgres://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{port}/postgres"


def mariadb():
    if not os.path.exists(program := "/usr/sbin/mariadbd"):
        print("MariaDB is not installed (apt-get install mariadb-server): left out")
        return None
    folder, port = Folder(), free_port()
    folder.run("mariadb-install-db", "--no-defaults", f"--datadir={folder.path}/data", "--skip-test-db", "--skip-name-resolve",
               "--auth-root-authentication-method=normal")
    folder.write("init.sql", f"CREATE DATABASE {USER};\nCREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}';\n"
                             f"GRANT ALL ON *.* TO {USER}@'%';\n")
    folder.start("ready for connections", program, "--no-defaults", f"--datadir={folder.path}/data", f"--port={port}",
                 f"--init-file={folder.path}/init.sql", f"--socket={folder.path}/socket", f"--pid-file={folder.path}/pid",
                 "--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin", "--innodb-buffer-pool-size=16M",
                 "--character-set-server=utf8mb4")
    return f"mysql://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{port}/{USER}"


class Folder:
    """A temporary folder of somebody who may run a database: they refuse to run as root."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-database-"))
        atexit.register(shutil.rmtree, self.path, ignore_errors=True)
        # Two that are made at the same time would take each other's temporary tables.
        self.who = {"env": os.environ | {"TMPDIR": str(self.path)}}
        if os.getuid() == 0:
            names = {user.pw_name: user for user in pwd.getpwall()}
            user = names.get("postgres") or names["nobody"]
            self.who |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.path, user.pw_uid, user.pw_gid)

    def write(self, name, text):
        path = self.path / name
        path.write_text(text)
        if "user" in self.who:
            os.chown(path, self.who["user"], self.who["group"])

    def run(self, *command):
        done = subprocess.run([str(part) for part in command], cwd=self.path, capture_output=True, text=True, **self.who)
        if done.returncode:
            sys.exit(f"failed: {command[0]}:\n{done.stdout}{done.stderr}")

    def start(self, ready, *command):
        server = subprocess.Popen([str(part) for part in command], cwd=self.path, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, **self.who)
        atexit.register(lambda: (server.kill(), server.wait()))
        said = []
        for line in server.stderr:
            said.append(line)
            if ready in line:
                # What nobody reads would hold it up.
                threading.Thread(target=lambda: [None for _ in server.stderr], daemon=True).start()
                return
        sys.exit("failed: the database did not start:\n" + "".join(said))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
