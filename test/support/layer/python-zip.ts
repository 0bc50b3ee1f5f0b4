import { execFileSync } from 'node:child_process'

/** An entry as Python's zipfile sees it. */
export interface PythonEntry {
  name: string
  /** All bits of the mode, in octal. */
  mode: string
  /** Year, month, day, hour, minute, second. */
  date: number[]
  size: number
  sha256: string
}

const PROGRAM = `
import hashlib, json, sys, zipfile
entries = []
with zipfile.ZipFile(sys.argv[1]) as archive:
    for info in archive.infolist():
        content = archive.read(info)
        entries.append({
            'name': info.filename,
            'mode': oct(info.external_attr >> 16),
            'date': list(info.date_time),
            'size': len(content),
            'sha256': hashlib.sha256(content).hexdigest(),
        })
print(json.dumps(entries))
`

/** What is missing to have zips read by others; `undefined` when nothing is. */
export function missingZipTools(): string | undefined {
  for (const [program, argument] of [
    ['python3', '--version'],
    ['unzip', '-v'],
  ] as const)
    try {
      execFileSync(program, [argument], { stdio: 'pipe' })
    } catch {
      return `there is no ${program}`
    }
  return undefined
}

/** What Python's zipfile finds in a zip, all contents read and their CRCs checked. */
export function pythonZip(path: string): PythonEntry[] {
  const text = execFileSync('python3', ['-c', PROGRAM, path], { encoding: 'utf8', maxBuffer: 1 << 28 })
  return JSON.parse(text) as PythonEntry[]
}

/** Lets Info-ZIP test a zip; throws when it has something against it. */
export function unzipTest(path: string): void {
  // In the locale C it cannot read names that are not ASCII.
  execFileSync('unzip', ['-tqq', path], { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
}
