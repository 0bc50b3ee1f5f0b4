/**
 * Packages that Lambda's Python runtimes bring, in /var/runtime (AWS, "Building Lambda functions with Python", "Runtime-included SDK
 * versions", and the Dockerfiles of the base images).
 */
export const RUNTIME_PACKAGES = [
  'boto3',
  'botocore',
  's3transfer',
  'jmespath',
  'urllib3',
  'python-dateutil',
  'six',
  'awslambdaric',
]

/** What these are imported as. */
export const RUNTIME_MODULES: ReadonlySet<string> = new Set(
  RUNTIME_PACKAGES.map((name) => (name === 'python-dateutil' ? 'dateutil' : name)),
)

/** The two halves of the SDK: each works with the versions of the other that were released with it. */
export const BOTO_PAIR = ['boto3', 'botocore'] as const

/** Pythons whose botocore takes no urllib3 of version 2 (botocore, setup.cfg: `urllib3<1.27; python_version<"3.10"`). */
export const URLLIB3_1_PYTHONS: ReadonlySet<string> = new Set(['3.9'])

/**
 * Modules of the standard library that packages of the index bring under the same name, for Pythons that lacked them (`enum34`,
 * `typing`, `pathlib`, `dataclasses`, `uuid`, `asyncio`, `futures`, …). Layers come before the standard library in `sys.path`, and these are older than
 * what the interpreter expects.
 */
export const STANDARD_MODULES = [
  'argparse',
  'asyncio',
  'concurrent',
  'contextvars',
  'dataclasses',
  'enum',
  'functools',
  'ipaddress',
  'json',
  'logging',
  'pathlib',
  'queue',
  're',
  'selectors',
  'ssl',
  'statistics',
  'typing',
  'unittest',
  'uuid',
  'zoneinfo',
]
