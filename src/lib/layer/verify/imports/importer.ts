import { PRELUDE } from '../../invoke/prelude.ts'

/** What the importer is told, in `imports.json`. */
export interface ImportPlan {
  /** Seconds that a module may take. */
  limit: number
  /** Each with the module without which it cannot be imported. */
  modules: readonly (readonly [module: string, root: string])[]
}

/** What the importer tells first. */
export interface ImporterStart {
  /** `3.13`. */
  python: string
  /** `aarch64`. */
  machine: string
  /** `2.34`; empty where it is no glibc. */
  glibc: string
}

/** What the importer tells of each module, in the order of the plan. */
export interface ImportOutcome {
  module: string
  error?: {
    /** `ModuleNotFoundError`. */
    type: string
    message: string
    /** The messages of the errors that it came of, the latest first. */
    causes: string[]
    /** Whether Lambda calls it `Runtime.ImportModuleError`. */
    isImport: boolean
    /** The module that is not there, when it is that. */
    missing: string | null
    /** The innermost frames. */
    trace: string[]
  }
  /** The number of the signal that ended Python, or minus its exit code. */
  died?: number
  /** Seconds after which it was given up. */
  late?: number
  /** It was not tried: the module without which it cannot be imported had failed. */
  skipped?: true
}

/**
 * The program that imports modules inside the image, and tells the outcome of each as a line of JSON; see `ImporterStart` and
 * `ImportOutcome`. All is done by one interpreter, in a fork of it: one that crashes or hangs takes no others with it, and what comes
 * after a failure begins afresh, as half-loaded modules fail for reasons of their own (numpy: "cannot load module more than once").
 */
export const IMPORTER = String.raw`
import importlib, platform, select, signal, time, traceback
${PRELUDE}
# The rest of the environment is as a function has it.
for name in ("CRUDDUR_REQUEST_ID", "CRUDDUR_TIMEOUT"):
    os.environ.pop(name, None)

with open("/cruddur/imports.json", encoding="utf-8") as file:
    plan = json.load(file)
modules = plan["modules"]

def glibc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION").split()[-1]
    except (AttributeError, OSError, ValueError):
        return ""

tell({"python": "%d.%d" % sys.version_info[:2], "machine": platform.machine(), "glibc": glibc()})

def text_of(error):
    try:
        return str(error)[:4000]
    except Exception:
        return ""

def causes_of(error):
    # numpy and pandas wrap what has happened in errors of their own.
    causes = []
    while len(causes) < 5:
        error = error.__cause__ or error.__context__
        if error is None:
            break
        causes.append(text_of(error))
    return causes

def attempt(module):
    try:
        importlib.import_module(module)
    except BaseException as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__)
                  if frame.filename != __file__ and "<frozen importlib" not in frame.filename
                  and "/importlib/" not in frame.filename]
        return {"module": module, "error": {
            "type": type(error).__name__,
            "message": text_of(error),
            "causes": causes_of(error),
            "isImport": isinstance(error, ImportError),
            "missing": str(error.name or "") or None if isinstance(error, ModuleNotFoundError) else None,
            "trace": [line[:500] for line in traceback.format_list(frames[-3:])],
        }}
    return {"module": module}

def work(todo, out):
    for module in todo:
        outcome = attempt(module)
        os.write(out, (json.dumps(outcome) + "\n").encode())
        if "error" in outcome:
            break
    os._exit(0)

def lines_of(pid, source):
    # Each line that comes in time; None when there is none.
    rest = b""
    deadline = time.monotonic() + plan["limit"]
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([source], [], [], left)[0]:
            yield None
            return
        read = os.read(source, 65536)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            deadline = time.monotonic() + plan["limit"]
            yield line

def run(todo):
    # The outcomes of the first modules, up to the first one that fails.
    source, out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(source)
        work(todo, out)
    os.close(out)
    outcomes = []
    late = False
    for line in lines_of(pid, source):
        if line is None:
            late = True
            break
        outcomes.append(json.loads(line))
        tell(outcomes[-1])
        # Not waiting for the end of the pipe: a process that a module has left behind may hold it.
        if "error" in outcomes[-1] or len(outcomes) == len(todo):
            break
    if late:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    os.close(source)
    if len(outcomes) < len(todo) and not (outcomes and "error" in outcomes[-1]):
        outcome = {"module": todo[len(outcomes)]}
        by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)
        outcome.update({"late": plan["limit"]} if late and by == signal.SIGKILL else {"died": by})
        outcomes.append(outcome)
        tell(outcome)
    return outcomes

todo = [module for module, root in modules]
roots = dict(modules)
while todo:
    outcomes = run(todo)
    todo = todo[len(outcomes):]
    last = outcomes[-1]["module"]
    if roots[last] == last:
        skipped = [module for module in todo if roots[module] == last]
        for module in skipped:
            tell({"module": module, "skipped": True})
        todo = [module for module in todo if roots[module] != last]
channel.flush()
os._exit(0)
`
