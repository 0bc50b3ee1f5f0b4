import { CruddurError, type ErrorKind } from '../../errors.ts'
import { HEADER_PACKAGES, KNOWN_FAILURES } from './known-failures.ts'

/** Why pip could not make a wheel. */
interface BuildFailure {
  code: string
  /** What is missing or wrong. */
  reason: string
  remedy: string
  kind: ErrorKind
  /** Whether the build image may have what is missing. */
  inBuildImage: boolean
}

/** Finds out from what pip said why it failed; `undefined` for what is not known. */
export function recogniseFailure(output: string): BuildFailure | undefined {
  for (const { words, code, reason, remedy, kind = 'failed', inBuildImage = false } of KNOWN_FAILURES) {
    const match = words.exec(output)
    if (!match) continue
    const found = match.slice(1).find((part) => part !== undefined) ?? ''
    const packageName = HEADER_PACKAGES.find(([header]) => header.test(found))?.[1]
    const fill = (text: string) =>
      text.replaceAll('$1', () => found).replace('$package', packageName ?? 'with the package that has it')
    return { code, reason: fill(reason), remedy: fill(remedy), kind, inBuildImage }
  }
  return undefined
}

/** Lines of pip's output that an error shows. */
const LINES = 12

/**
 * The error of a build that failed.
 * @param what what was built, for the message
 * @param output what pip said, without secrets
 */
export function buildFailed(what: string, image: string, output: string): CruddurError {
  const known = recogniseFailure(output)
  return new CruddurError(`${what} could not be built in ${image}: ${known?.reason ?? 'pip failed'}.`, {
    code: known?.code ?? 'BUILD_FAILED',
    kind: known?.kind,
    hint: known?.remedy ?? "pip's last words are above; --image names another image to build in.",
    context: lastLines(output),
    details: { image, ...(known && { reason: known.reason }) },
  })
}

/** pip's own words around what a build said; they are no help. */
const FRAME =
  /^(?:note: |hint: |\[\d+ lines of output\]|\[end of output\]|error: subprocess-exited|× |exit code: |See above for output|WARNING: Running pip|$)/

function lastLines(output: string): string {
  const lines = output.split('\n').map((line) => line.replace(/^ {0,6}(?:[│╰]─?>?\s?)?/u, '').trimEnd())
  return lines
    .filter((line) => !FRAME.test(line.trimStart()))
    .slice(-LINES)
    .join('\n')
}
