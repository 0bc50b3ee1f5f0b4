/**
 * What every program of ours that runs in the image begins with, after its own imports, which a layer must not be able to hide:
 * `tell(document)`, which writes a line of JSON to the stdout it was started with, and the search path as the managed runtime has it
 * (aws-lambda-python-runtime-interface-client, `bootstrap.py`). Everything else that is written, also from C, goes to stderr.
 */
export const PRELUDE = String.raw`
import json, os, site, sys

# The function's own stdout is stderr; ours is one that it does not know of.
channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
# Line by line, in the order of what goes to stderr; nothing is lost when the time is over.
sys.stdout.reconfigure(line_buffering=True)

def tell(document):
    channel.write(json.dumps(document) + "\n")
    channel.flush()

task = os.environ["LAMBDA_TASK_ROOT"]
sites = "/opt/python/lib/python%d.%d/site-packages" % sys.version_info[:2]
# A PYTHONPATH of the function's own switches the layer's folders off, as in Lambda.
with_layer = "PYTHONPATH" not in os.environ
sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)]
if with_layer:
    sys.path.insert(0, "/opt/python")
    sys.path.insert(0, sites)
sys.path.insert(0, task)
runtime = os.environ["LAMBDA_RUNTIME_DIR"]
if runtime not in sys.path:
    sys.path.append(runtime)
site.addsitedir(task)
if with_layer:
    site.addsitedir(sites)
    site.addsitedir("/opt/python")
`
