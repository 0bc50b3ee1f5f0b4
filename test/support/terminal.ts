import { execFile, execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** How long to wait for something to appear, in milliseconds, and how often to look. */
const TIMEOUT = 30_000
const INTERVAL = 40

export interface TerminalOptions {
  /** The program and its arguments; no shell comes in between. */
  command: readonly string[]
  cwd?: string
  /** The whole environment of the program, besides PATH and what tmux sets (TERM, TMUX); ours when not given. */
  env?: Record<string, string>
  columns?: number
  rows?: number
}

/** Why there is no terminal to test in, or `undefined` when there is one. In CI its absence is a failure, not a reason. */
export const terminalMissing: string | undefined = findTmux()

function findTmux(): string | undefined {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' })
    return undefined
  } catch {
    return process.env['CI'] ? undefined : 'tmux is not installed (Debian: apt-get install tmux)'
  }
}

/** Settings of the server: the pane stays when its program has ended, so that its status can be read. */
const CONFIGURATION = `set -g remain-on-exit on
set -g history-limit 50000
set -g default-terminal screen-256color
set -sg escape-time 0
set -g status off
`

/** A program in a terminal of its own: a window of a tmux server that nobody else uses. */
export class Terminal {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Starts a program; whoever starts it stops it.
   * @throws when there is no tmux
   */
  static async start(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(await mkdtemp(join(tmpdir(), 'cruddur-terminal-')))
    const configuration = join(terminal.#folder, 'tmux.conf')
    await writeFile(configuration, CONFIGURATION)
    const size = ['-x', String(options.columns ?? 100), '-y', String(options.rows ?? 40)]
    const place = ['-c', options.cwd ?? process.cwd()]
    // The program inherits the environment of the tmux server, which this command starts; secrets stay out of argv.
    await terminal.#tmux(
      ['-f', configuration, 'new-session', '-d', ...size, ...place, '--', ...options.command],
      options.env && { PATH: process.env['PATH'] ?? '', ...options.env },
    )
    return terminal
  }

  async #tmux(args: readonly string[], env?: Record<string, string>): Promise<string> {
    const { stdout } = await run('tmux', ['-S', join(this.#folder, 'socket'), ...args], env ? { env } : {})
    return stdout
  }

  /** Types a text as it is. A semicolon at the end would separate commands of tmux. */
  async type(text: string): Promise<void> {
    await this.#tmux(['send-keys', '-l', '--', text.replace(/;$/, '\\;')])
  }

  /** Types a line and presses Enter. */
  async enter(line: string): Promise<void> {
    if (line !== '') await this.type(line)
    await this.press('Enter')
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `C-d`, `Tab`, `Up`, … */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux(['send-keys', ...keys])
  }

  /** Pastes a text of several lines in one go, as the mouse does. */
  async paste(text: string): Promise<void> {
    // tmux 3.3 itself dies of pasting into a pane whose program has ended.
    if (await this.#ended()) throw new Error(`The program has ended:\n${await this.screen()}\n`)
    const file = join(this.#folder, 'paste')
    await writeFile(file, text)
    await this.#tmux(['load-buffer', file])
    await this.#tmux(['paste-buffer'])
  }

  /** Everything that has been shown, also what has scrolled away; blanks at line ends and empty lines at the end left out. */
  async screen(): Promise<string> {
    const text = await this.#tmux(['capture-pane', '-p', '-J', '-S', '-'])
    return text.replaceAll(/[ \t]+$/gm, '').trimEnd()
  }

  /** The same with the escape sequences for colours. */
  async colouredScreen(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-e', '-S', '-'])
  }

  /**
   * Waits until the screen matches.
   * @returns the screen
   * @throws an error that shows the screen when it does not in time
   */
  async waitFor(what: string | RegExp | ((screen: string) => boolean), timeout = TIMEOUT): Promise<string> {
    const deadline = Date.now() + timeout
    for (;;) {
      const screen = await this.screen()
      if (matches(screen, what)) return screen
      if (Date.now() > deadline)
        throw new Error(`The terminal does not show ${String(what)} but:\n${screen}\n`)
      await pause(INTERVAL)
    }
  }

  /** Changes the size of the window; when this resolves the program can know it. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)])
    const path = (await this.#tmux(['display-message', '-p', '#{pane_tty}'])).trim()
    const tty = openSync(path, 'r')
    try {
      // tmux tells the program a while later.
      while (!isSize(tty, columns, rows)) await pause(INTERVAL)
    } finally {
      closeSync(tty)
    }
  }

  /** The process id of the program. */
  async pid(): Promise<number> {
    return Number(await this.#tmux(['display-message', '-p', '#{pane_pid}']))
  }

  async #ended(): Promise<boolean> {
    return (await this.#tmux(['display-message', '-p', '#{pane_dead}'])).trim() === '1'
  }

  /** Waits until the program has ended; for one that a signal ended, 128 and its number. */
  async exitCode(timeout = TIMEOUT): Promise<number> {
    const deadline = Date.now() + timeout
    for (;;) {
      // The terminal may be closed for a moment before the status is known.
      const state = await this.#tmux([
        'display-message',
        '-p',
        '#{pane_dead_status}:#{pane_dead_signal}:#{pane_dead}:#{pid}',
      ])
      const [status, signal, dead, server] = state.trim().split(':')
      if (status) return Number(status)
      if (signal) return 128 + Number(signal)
      // tmux 3.3 misses the end of a program now and then, and leaves it a zombie; told again, it looks.
      if (dead === '1') process.kill(Number(server), 'SIGCHLD')
      if (Date.now() > deadline) throw new Error(`The program goes on:\n${await this.screen()}\n`)
      await pause(INTERVAL)
    }
  }

  /** Ends the program and takes the terminal away. */
  async stop(): Promise<void> {
    await this.#tmux(['kill-server']).catch(() => undefined)
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function isSize(tty: number, columns: number, rows: number): boolean {
  const size = execFileSync('stty', ['size'], { stdio: [tty, 'pipe', 'ignore'] })
  return size.toString().trim() === `${rows} ${columns}`
}

function matches(screen: string, what: string | RegExp | ((screen: string) => boolean)): boolean {
  if (typeof what === 'function') return what(screen)
  return typeof what === 'string' ? screen.includes(what) : what.test(screen)
}

/** Runs the work with a program in a terminal, which is taken away afterwards. */
export async function withTerminal<T>(
  options: TerminalOptions,
  work: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const terminal = await Terminal.start(options)
  try {
    return await work(terminal)
  } finally {
    await terminal.stop()
  }
}
