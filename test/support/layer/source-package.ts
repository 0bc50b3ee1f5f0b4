import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The backend of a package's build (PEP 517) that is in the package itself, so that nothing has to be downloaded: it calls gcc for
 * what is in BUILD, and puts the results into a wheel.
 */
const BACKEND = `
import base64, json, os, subprocess, sys, sysconfig, zipfile

def metadata(build):
    return ("Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (build["name"], build["version"])).encode()

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    build = json.load(open("build.json"))
    info = "%s-%s.dist-info" % (build["name"], build["version"])
    os.mkdir(os.path.join(folder, info))
    open(os.path.join(folder, info, "METADATA"), "wb").write(metadata(build))
    return info

def build_wheel(folder, config_settings=None, metadata_directory=None):
    build = json.load(open("build.json"))
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    files = {}
    for library in build["libraries"]:
        subprocess.run(["gcc", "-shared", "-fPIC", "-Wl,-soname," + library, "-o", library, "library.c"], check=True)
    for name, needed in build["modules"].items():
        subprocess.run(["gcc", "-shared", "-fPIC", "-I" + sysconfig.get_paths()["include"], "-o", "module.so", "module.c", *needed], check=True)
        files[name + suffix] = open("module.so", "rb").read()
    for name, text in build["files"].items():
        files[name] = base64.b64decode(text)
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    python = "cp%d%d" % sys.version_info[:2]
    tag = build["tag"] or "%s-%s-%s" % (python, python, platform)
    name = "%s-%s" % (build["name"], build["version"])
    info = name + ".dist-info/"
    files[info + "METADATA"] = metadata(build)
    files[info + "WHEEL"] = ("Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: false\\nTag: %s\\n" % tag).encode()
    files[info + "RECORD"] = b""
    wheel = "%s-%s.whl" % (name, tag)
    with zipfile.ZipFile(os.path.join(folder, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return wheel
`

const MODULE = `
#include <Python.h>
static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, "NAME", NULL, -1, NULL };
PyMODINIT_FUNC PyInit_NAME(void) {
  PyObject *module = PyModule_Create(&definition);
  PyModule_AddIntConstant(module, "answer", 42);
  return module;
}
`

export interface SourcePackage {
  name: string
  version?: string
  /** Libraries, beside the source, against which `modules` may be linked: `libown.so.1`. */
  libraries?: readonly string[]
  /** What gcc gets besides, e.g. `-lm` or a library. */
  link?: readonly string[]
  /** Whether it has a module that has to be compiled; true by default. */
  compiled?: boolean
  /** Files that go into the wheel as they are. */
  files?: Readonly<Record<string, Buffer>>
  /** The wheel's tag; by default that of the Python that builds. */
  tag?: string
}

/**
 * Writes an archive of sources as it is on the package index: `NAME-1.0.tar.gz`.
 * @returns its path
 */
export function writeSourcePackage(folder: string, options: SourcePackage): string {
  const { name, version = '1.0', libraries = [], link = [], compiled = true, files = {}, tag } = options
  const root = join(folder, `${name}-${version}`)
  mkdirSync(root, { recursive: true })
  const write = (file: string, text: string) => writeFileSync(join(root, file), text)
  write('backend.py', BACKEND)
  write('module.c', MODULE.replaceAll('NAME', name))
  write('library.c', 'int own_library(void) { return 7; }\n')
  write('PKG-INFO', `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`)
  write(
    'pyproject.toml',
    `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "${name}"\nversion = "${version}"\n`,
  )
  write(
    'build.json',
    JSON.stringify({
      name,
      version,
      libraries,
      modules: compiled ? { [name]: link } : {},
      files: Object.fromEntries(
        Object.entries(files).map(([path, bytes]) => [path, bytes.toString('base64')]),
      ),
      tag: tag ?? null,
    }),
  )
  const archive = join(folder, `${name}-${version}.tar.gz`)
  execFileSync('tar', ['-C', folder, '-czf', archive, `${name}-${version}`])
  return archive
}
