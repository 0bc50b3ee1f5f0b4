import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { TestProjectFolder } from '../cli.ts'

/** What tests do with events: `do` says what, and the rest is what it does it with. */
const APP = `
import ctypes, logging, os, subprocess, sys, time

def handler(event, context):
    return globals()["do_" + event["do"]](event, context)

def do_echo(event, context):
    return event

def do_noise(event, context):
    print("by print")
    sys.stdout.write("without an end of line")
    sys.stdout.flush()
    subprocess.run(["sh", "-c", "echo by a child"])
    ctypes.CDLL(None).puts(b"by C")
    ctypes.CDLL(None).fflush(None)
    logging.getLogger().warning("by a logger")
    logging.basicConfig(level=logging.DEBUG)
    logging.getLogger().debug("not shown")
    return "quiet"

def do_look(event, context):
    import mine
    return {
        "mine": mine.VALUE,
        # A folder that is not there is in it twice, as it is in Lambda.
        "path": [path for path in dict.fromkeys(sys.path) if path.startswith(("/opt", "/var/task", "/cruddur"))],
        "folder": os.getcwd(),
        "variables": {name: os.environ.get(name) for name in event["names"]},
        "cruddur": [name for name in os.environ if name.startswith("CRUDDUR")],
        "machine": os.uname().machine,
        "user": os.getuid(),
    }

def do_context(event, context):
    time.sleep(0.2)
    return {
        "remaining": context.get_remaining_time_in_millis(),
        "id": context.aws_request_id,
        "name": context.function_name,
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "version": context.function_version,
    }

def do_write(event, context):
    result = {}
    for folder in ("/var/task", "/opt", "/tmp"):
        try:
            open(folder + "/x", "w").close()
            result[folder] = True
        except OSError:
            result[folder] = False
    return result

def do_fail(event, context):
    raise ValueError("no such thing: " + event["thing"])

def do_sleep(event, context):
    print("going to sleep")
    time.sleep(event["seconds"])

def do_unmarshal(event, context):
    return {"set": {1}}

def do_exit(event, context):
    sys.exit(4)

def do_crash(event, context):
    os.kill(os.getpid(), 11)

def do_eat(event, context):
    return len(bytearray(600 << 20))
`

/** Files of a function, and of a layer that it needs, below a folder; `layer.zip` is the same layer. */
export function writeFunction(project: TestProjectFolder): { folder: string; layer: string; zip: string } {
  project.write('function/app.py', APP)
  project.write('function/nested/deep.py', 'def run(event, context):\n    return "deep"\n')
  project.write('function/broken.py', 'def handler(:\n')
  project.write('function/needy.py', 'import psycopg2\n')
  project.write('function/stops.py', 'raise RuntimeError("at import")\n')
  project.write('layer/python/mine.py', 'VALUE = "of the layer"\n')
  const layer = join(project.path, 'layer')
  const zip = join(project.path, 'layer.zip')
  execFileSync('python3', [
    '-c',
    'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])',
    zip.slice(0, -4),
    layer,
  ])
  return { folder: join(project.path, 'function'), layer, zip }
}
