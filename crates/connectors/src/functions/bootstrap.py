"""Runs a Python handler behind the Lambda Runtime API, with nothing but the standard library.

Python 3.8 or newer. Errors, logging and JSON follow AWS's own runtime client.
"""

import importlib
import json
import logging
import os
import socket
import sys
import threading
import time
import traceback

INVOCATIONS = "/2018-06-01/runtime/invocation/"
TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
# Older runtimes of AWS escape what is not ASCII.
ENSURE_ASCII = os.environ.get("AWS_EXECUTION_ENV", "").endswith(("3.8", "3.9", "3.10", "3.11"))


def main():
    die_with_the_server()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    sys.stdout.reconfigure(line_buffering=True)
    sys.path.insert(0, TASK_ROOT)
    log = set_up_logging()
    try:
        handler = find_handler(os.environ["_HANDLER"])
    except Fault as fault:
        give_up(api, fault.as_error(""))
    except Exception as error:
        print_trace(error)
        give_up(api, described(error, ""))
    while True:
        headers, body = api.request("GET", INVOCATIONS + "next")
        request_id = headers["lambda-runtime-aws-request-id"]
        log.request_id = request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        kind, answer = invoke(handler, headers, body, request_id)
        sys.stdout.flush()
        sys.stderr.flush()
        api.request("POST", INVOCATIONS + request_id + kind, answer)


def invoke(handler, headers, body, request_id):
    try:
        result = handler(parsed(body), Context(headers, request_id))
        return "/response", marshalled(result)
    except Fault as fault:
        error = fault.as_error(request_id)
    except Exception as caught:
        print_trace(caught)
        error = described(caught, request_id)
    return "/error", to_json(error).encode()


class RuntimeApi:
    """One kept connection. The server is the only reason to live: without it the process ends."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address = address
        try:
            self.socket = socket.create_connection((host, int(port)))
        except OSError:
            os._exit(1)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")

    def request(self, method, path, body=b""):
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.address}\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            self.socket.sendall(head.encode() + body)
            status = self.reader.readline()
            headers = {}
            while True:
                line = self.reader.readline()
                if line in (b"\r\n", b""):
                    break
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            body = self.reader.read(int(headers["content-length"]))
        except (OSError, KeyError):
            os._exit(1)
        if not status.startswith(b"HTTP/1.1 2"):
            # A result that is too large is the caller's news; everything else is ours, and final.
            if status.split(b" ")[1:2] != [b"413"]:
                os._exit(1)
        return headers, body


class Fault(Exception):
    """A failure around the handler, as AWS's runtime names it."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, list(trace)

    def as_error(self, request_id):
        return {
            "errorMessage": self.message,
            "errorType": self.kind,
            "requestId": request_id,
            "stackTrace": self.trace,
        }


def find_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)",
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            f"Cannot use built-in module {module_name} as a handler module",
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        print_trace(error)
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        print_trace(error)
        trace = ['  File "%s" Line %s\n    %s' % (as_on_aws(error.filename or ""), error.lineno, error.text)]
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {as_on_aws(str(error))}",
            trace,
        )
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
        )


def give_up(api, error):
    print(f"[ERROR] {error['errorType']}: {error['errorMessage']}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    api.request("POST", "/2018-06-01/runtime/init/error", to_json(error).encode())
    os._exit(1)


def print_trace(error):
    """The trace without the frames that lie before the user's code: ours, and those of the import."""
    trace = error.__traceback__
    while trace and not is_users(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)


def is_users(filename):
    return filename != __file__ and "importlib" not in filename


def described(error, request_id):
    """An exception as its invoker sees it: the frames of the user's code, as if in /var/task."""
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename == __file__:
        frames.pop(0)
    frames = [(as_on_aws(frame.filename), frame.lineno, frame.name, frame.line) for frame in frames]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def as_on_aws(path):
    return path.replace(TASK_ROOT + "/", "/var/task/", 1)


def parsed(body):
    try:
        return json.loads(body)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}")


def marshalled(result):
    if isinstance(result, bytes):
        return result
    try:
        return to_json(result).encode()
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}")


def to_json(value):
    return json.dumps(value, ensure_ascii=ENSURE_ASCII, default=number_or_refuse)


def number_or_refuse(value):
    decimal = sys.modules.get("decimal")
    if decimal and isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class Bag:
    """Attributes; the ones that were not given are None."""

    def __init__(self, names, values):
        for name in names:
            setattr(self, name, (values or {}).get(name))


class Context:
    """What AWS's runtime passes as second argument."""

    def __init__(self, headers, request_id):
        self.aws_request_id = request_id
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = client_context(headers.get("lambda-runtime-client-context"))
        self.identity = Bag(("cognito_identity_id", "cognito_identity_pool_id"), None)
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


def client_context(text):
    if not text:
        return None
    try:
        values = json.loads(text)
    except ValueError as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse Client Context JSON: {error}")
    context = Bag(("custom", "env", "client"), values)
    if context.client is not None:
        names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
        context.client = Bag(names, context.client)
    return context


def set_up_logging():
    class WithRequestId(logging.Filter):
        request_id = ""

        def filter(self, record):
            record.aws_request_id = self.request_id
            return True

    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    with_request_id = WithRequestId()
    handler.addFilter(with_request_id)
    logging.getLogger().addHandler(handler)
    return with_request_id


def die_with_the_server():
    """The server holds the other end of standard input. When it closes, by whatever death, we end,
    even in the middle of a handler."""
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def watch():
        try:
            while os.read(lifeline, 1):
                pass
        finally:
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


main()
