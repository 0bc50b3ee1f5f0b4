#!/var/lang/bin/python3
"""The stand-in's runtime. `bootstrap HANDLER EVENT` runs the handler once, its answer is the last line of stdout (so the AWS
emulator calls it); without arguments it serves POST /2015-03-31/functions/function/invocations on port 8080, as the
emulator that is in the real image does."""
import contextlib
import importlib
import json
import os
import sys
import traceback
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

OPT = "/opt/python/lib/python%d.%d/site-packages" % sys.version_info[:2]
for folder in ("/opt/python", OPT, "/var/task"):
    if folder not in sys.path:
        sys.path.insert(0, folder)


class Context:
    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "function")
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")

    def __init__(self):
        self.aws_request_id = str(uuid.uuid4())

    def get_remaining_time_in_millis(self):
        return int(os.environ.get("AWS_LAMBDA_FUNCTION_TIMEOUT", "3")) * 1000


def failure(kind, message, error=None):
    trace = traceback.format_tb(error.__traceback__) if error else []
    return False, {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": trace}


def call(handler, event):
    """Returns whether it went well, and the answer, or the error as Lambda words it. What the handler prints goes to stderr."""
    module, _, name = handler.rpartition(".")
    with contextlib.redirect_stdout(sys.stderr):
        try:
            function = getattr(importlib.import_module(module.replace("/", ".")), name)
        except ImportError as error:
            traceback.print_exc()
            return failure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module, error))
        try:
            return True, json.loads(json.dumps(function(event, Context())))
        except Exception as error:
            traceback.print_exc()
            return failure(type(error).__name__, str(error), error)


class Invocations(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"
        answer = json.dumps(call(os.environ["_HANDLER"], json.loads(body))[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


if len(sys.argv) == 3:
    succeeded, answer = call(sys.argv[1], json.loads(sys.argv[2]))
    sys.stderr.flush()
    print(json.dumps(answer), flush=True)
    sys.exit(0 if succeeded else 1)
HTTPServer(("", 8080), Invocations).serve_forever()
