import type { Architecture } from '../architectures.ts'
import type { MarkerEnvironment } from '../python/marker.ts'
import type { PythonVersion, Runtime } from '../runtimes.ts'
import { supportedTags, TagRanking } from '../wheel/tags.ts'

/** The machine that wheels are chosen for: a runtime on an architecture. */
export interface Target {
  runtime: Runtime
  architecture: Architecture
  /** e.g. `3.13.0`: what `requires-python` and markers are held against. */
  python: string
  /** Which wheels it can import, and which of these it prefers. */
  tags: TagRanking
  environment: MarkerEnvironment
}

/**
 * Patch releases that Lambda's runtimes have at least: those that were out in October 2024, or when the runtime came. Lambda
 * updates patch releases by itself, so the right one is not known; but some packages leave out a series' first ones
 * (`!=3.9.0,!=3.9.1`), which no function meets.
 */
const OLDEST_PATCH: Readonly<Record<PythonVersion, number>> = {
  '3.9': 20,
  '3.10': 15,
  '3.11': 10,
  '3.12': 7,
  '3.13': 0,
  '3.14': 0,
}

/** Describes a runtime on an architecture as packages ask for it. */
export function targetOf(runtime: Runtime, architecture: Architecture): Target {
  const python = `${runtime.python}.${OLDEST_PATCH[runtime.python]}`
  return {
    runtime,
    architecture,
    python,
    tags: new TagRanking(supportedTags(runtime, architecture)),
    environment: {
      implementation_name: 'cpython',
      implementation_version: python,
      os_name: 'posix',
      platform_machine: architecture.wheel,
      platform_python_implementation: 'CPython',
      // Names of kernels: what Lambda runs today is no promise, and no package that is known asks.
      platform_release: '',
      platform_system: 'Linux',
      platform_version: '',
      python_full_version: python,
      python_version: runtime.python,
      sys_platform: 'linux',
    },
  }
}

/** A target for people: `python3.11 on arm64 (glibc 2.26)`. */
export function describeTarget({ runtime, architecture }: Pick<Target, 'runtime' | 'architecture'>): string {
  return `${runtime.name} on ${architecture.name} (glibc ${runtime.glibc.join('.')})`
}
