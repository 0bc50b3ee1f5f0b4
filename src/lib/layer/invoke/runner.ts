import { PRELUDE } from './prelude.ts'

/**
 * The program that runs a function inside the image. The real images bring an emulator of Lambda's API, which wants a port, a request
 * and an answer to be waited for, and tells function errors from answers only by their looks; images that people make themselves may
 * have none. This works in all of them and needs only their Python. It does what AWS' own client of the runtime API does
 * (aws-lambda-python-runtime-interface-client, `bootstrap.py`): the search path, how a handler is found, what errors are called.
 *
 * What it tells us goes to the stdout it was started with, one JSON document per line: `{"phase": "ready"}` when the handler has been
 * imported, then `{"answer": …}` or `{"error": …}`. Everything that the function itself writes, also from C, goes to stderr.
 */
export const RUNNER = String.raw`
import importlib, logging, time, traceback
${PRELUDE}
def fail(kind, message, trace=()):
    tell({"error": {"errorType": kind, "errorMessage": message, "stackTrace": list(trace)}})
    logging.shutdown()
    sys.stdout.flush()
    os._exit(1)

def trace_of(error):
    # Not what is above the function: the frames of this program and of importlib.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if frame.filename != __file__ and "<frozen importlib" not in frame.filename
              and "/importlib/" not in frame.filename]
    return traceback.format_list(frames)

class Formatter(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        record.aws_request_id = request_id
        return super().format(record)

request_id = os.environ.pop("CRUDDUR_REQUEST_ID")
timeout = float(os.environ.pop("CRUDDUR_TIMEOUT"))
handler_name = os.environ["_HANDLER"]

log_handler = logging.StreamHandler(sys.stderr)
log_handler.setFormatter(Formatter(
    "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"))
logging.getLogger().addHandler(log_handler)

class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None

class Context:
    aws_request_id = request_id
    function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
    memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
    log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
    invoked_function_arn = "arn:aws:lambda:%s:123456789012:function:%s" % (
        os.environ.get("AWS_REGION", "us-east-1"), os.environ["AWS_LAMBDA_FUNCTION_NAME"])
    identity = Identity()
    client_context = None
    tenant_id = None

    def __init__(self, deadline):
        self._deadline = deadline

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, text):
        sys.stderr.write(str(text))

try:
    module_name, function_name = handler_name.rsplit(".", 1)
except ValueError as error:
    fail("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (handler_name, error))
try:
    module = importlib.import_module(module_name.replace("/", "."))
except ImportError as error:
    fail("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error), trace_of(error))
except SyntaxError as error:
    place = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, (error.text or "").strip())]
    fail("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), place)
except SystemExit as error:
    fail("Runtime.ExitError", "The module '%s' ended the process with %s" % (module_name, error.code), trace_of(error))
except BaseException as error:
    fail(type(error).__name__, str(error), trace_of(error))
try:
    function = getattr(module, function_name)
except AttributeError as error:
    fail("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))

with open("/cruddur/event.json", encoding="utf-8") as file:
    event = json.load(file)
tell({"phase": "ready"})
try:
    answer = function(event, Context(time.time() + timeout))
except SystemExit as error:
    fail("Runtime.ExitError", "The function ended the process with %s" % error.code, trace_of(error))
except BaseException as error:
    fail(type(error).__name__, str(error), trace_of(error))
try:
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
except Exception as error:
    fail("Runtime.MarshalError", "Unable to marshal response: %s" % error)
logging.shutdown()
sys.stdout.flush()
tell({"answer": text})
# Not waiting for threads that the function has left: Lambda freezes them.
os._exit(0)
`
