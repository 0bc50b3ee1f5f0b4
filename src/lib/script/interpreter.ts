import { dirname, isAbsolute, join, normalize } from 'node:path'
import { throwIfAborted } from '../errors.ts'
import type { InterpreterOptions, ScriptHost } from './host.ts'
import { ScriptFailure } from './script-failure.ts'
import { ScriptRun } from './script-run.ts'
import type { PENDING, ScriptSession } from './session.ts'
import type { ScriptFile } from './source.ts'
import type { Frame } from './statement.ts'
import type { Variables } from './variables.ts'
import { Window } from './window.ts'

/** How deep scripts may include each other; psql has no limit but its memory, and a script may include itself. */
const MAX_DEPTH = 100

/** Runs scripts: statements go to the session, backslash commands are carried out here. */
export class Interpreter implements ScriptHost {
  readonly options: InterpreterOptions
  directory: string
  readonly environment: Map<string, string>
  /** The variables of the environment that the script has asked for, with what it got. */
  readonly environmentRead: Record<string, string | null> = {}
  restrictKey: string | undefined
  #depth = 0

  constructor(options: InterpreterOptions) {
    this.options = options
    this.directory = options.directory
    const given = Object.entries(options.environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    )
    this.environment = new Map(given)
  }

  get session(): ScriptSession {
    return this.options.session
  }

  get variables(): Variables {
    return this.options.variables
  }

  /**
   * Runs a script to its end.
   * @throws {ScriptFailure} where it stops
   */
  async run(file: ScriptFile, folder: string, includedAt?: Frame['includedAt']): Promise<void> {
    if (this.#depth >= MAX_DEPTH)
      throw new ScriptFailure(`scripts include each other more than ${MAX_DEPTH} deep`, {
        kind: 'refused',
        code: 'INCLUDES_TOO_DEEP',
        hint: 'Does a script include itself?',
        position: includedAt,
      })
    this.#depth += 1
    const reader = file.read(this.options.onBytes)
    try {
      const window = new Window({
        next: (atLeast, memory) => {
          throwIfAborted(this.options.signal)
          return reader.next(atLeast, memory)
        },
        close: () => reader.close(),
      })
      await window.open()
      await new ScriptRun(this, window, { name: file.name, file, folder, includedAt }).run()
    } finally {
      this.#depth -= 1
      await reader.close()
    }
  }

  async include(path: string, relative: boolean, from: Frame, offset: number): Promise<void> {
    const base = relative ? from.folder : this.directory
    const absolute = isAbsolute(path) ? path : join(base, path)
    const name = isAbsolute(path) || !relative ? path : normalize(join(dirname(from.name), path))
    await this.run(await this.options.open(absolute, name), dirname(absolute), { frame: from, offset })
  }

  getenv(name: string): string | undefined {
    const value = this.environment.get(name)
    this.environmentRead[name] = value ?? null
    return value
  }

  write(stream: 'stdout' | 'stderr', bytes: string): void {
    this.options.onProgress?.({ type: 'output', stream, text: Buffer.from(bytes, 'latin1').toString() })
  }

  warn(frame: Frame, text: string): void {
    this.options.onProgress?.({
      type: 'note',
      level: 'warning',
      text: `${frame.name}: ${Buffer.from(text, 'latin1').toString()}`,
    })
  }

  variable(name: string): string | undefined | typeof PENDING {
    const own = this.variables.get(name)
    return own === undefined ? (this.session.variable(name) ?? undefined) : own
  }
}
