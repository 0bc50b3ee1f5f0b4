import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type CliOptions, cruddur } from './cli.ts'
import { commandLine, watchDescendants } from './descendants.ts'

/** A command that has run, and everything that anybody could have seen of it. */
export interface TracedRun {
  code: number | null
  /** Texts by where they stood: `stdout`, `stderr`, `programs`, `ownArguments`, `files`. */
  traces: Record<'stdout' | 'stderr' | 'programs' | 'ownArguments' | 'files', string>
  /** Command lines of the programs that were started. */
  programs: string[]
}

export interface TracedRunOptions extends CliOptions {
  /** The project's folder. */
  directory: string
  /** Whether secrets stand on the command line itself, as somebody typed it: that is no trace then. */
  secretsOnArgv?: boolean
  /** Names of the files whose matter it is to hold secrets. */
  secretFiles: readonly string[]
}

/** Runs a command in a project and looks at it from all sides. */
export async function tracedRun(
  words: readonly string[],
  { secretsOnArgv = false, secretFiles, ...options }: TracedRunOptions,
): Promise<TracedRun> {
  let watch: (() => string[]) | undefined
  let own = ''
  const { code, stdout, stderr } = await cruddur(words, {
    ...options,
    onStart: (pid, kill) => {
      own = commandLine(pid)
      watch = watchDescendants(pid)
      options.onStart?.(pid, kill)
    },
  })
  // Between fork and exec a program still bears our own command line.
  const programs = (watch?.() ?? []).filter((line) => line !== own)
  const traces = {
    stdout,
    stderr,
    programs: programs.join('\n'),
    ownArguments: secretsOnArgv ? '' : own,
    files: filesIn(options.directory, secretFiles),
  }
  return { code, traces, programs }
}

/** Everything that stands in the files of a folder, but for some. */
function filesIn(folder: string, except: readonly string[]): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !except.includes(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

/**
 * Fails with the line in which a secret stands.
 * @param secrets texts that nothing but a secret holds, and that look the same however it is encoded
 */
export function expectNoSecret({ traces }: TracedRun, secrets: readonly string[], what: string): void {
  for (const [where, text] of Object.entries(traces)) {
    const leak = text.split('\n').find((line) => secrets.some((secret) => line.includes(secret)))
    expect(leak, `${what}: ${where}`).toBeUndefined()
  }
}
