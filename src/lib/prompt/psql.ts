import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CruddurError } from '../errors.ts'
import { machineTlsSources } from '../postgres/connect.ts'
import { planTls, type TlsPlan, type TlsSources } from '../postgres/tls.ts'
import type { Target } from '../target/connection-url.ts'
import { psqlEnvironment } from './psql-environment.ts'
import { leaveSignalsTo, type SignalReceiver } from './terminal-signals.ts'

export interface PsqlOptions {
  /** Path of the program, as `findPsql` finds it. */
  psql: string
  target: Target
  /** Further arguments, e.g. `['-c', 'SELECT 1']`; none of them about the connection. */
  arguments?: readonly string[] | undefined
  /** The environment psql inherits; libpq's variables in it do not change the target. */
  environment: Readonly<Record<string, string | undefined>>
  /** Our process: its signals are left to psql meanwhile. */
  parent: SignalReceiver
  /** Whether SIGINT is passed on: where no terminal sends it to psql too. */
  passInterrupt?: boolean | undefined
  /** Stands in red before psql's prompt, e.g. `PRODUCTION`, unless the user's psqlrc has a prompt of its own. */
  label?: string | undefined
  /** Where the trusted roots are kept for psql while it runs; the system's own place by default. */
  temporaryDirectory?: string | undefined
  tlsSources?: TlsSources | undefined
}

/** How psql ended: its exit code (0; 1 fatal; 2 connection lost; 3 script error), or the signal that ended it. */
export interface PsqlEnd {
  code: number | null
  signal: NodeJS.Signals | null
  /** Ctrl-C was pressed while it ran: in a script that ends it, at its prompt it does not. */
  interrupted: boolean
}

/**
 * Hands the terminal over to psql until it ends. All about the connection goes through the environment, never through
 * the arguments, and TLS means what it means to cruddur itself (`planTls`).
 * @throws {UsageError} `NO_ROOT_CERTIFICATE`
 * @throws {CruddurError} `PSQL_FAILED` when psql cannot be started
 */
export async function runPsql(options: PsqlOptions): Promise<PsqlEnd> {
  const plan = await planTls(options.target, options.tlsSources ?? machineTlsSources(undefined))
  const roots = await writeRoots(plan, options.temporaryDirectory ?? tmpdir())
  try {
    const environment = psqlEnvironment(options.target, plan, options.environment, roots?.file)
    return await handOver(options, environment)
  } finally {
    if (roots) await rm(roots.folder, { recursive: true, force: true })
  }
}

/**
 * Writes the trusted roots to a file for libpq. For the machine's own they are those that Node trusts, as in our own
 * connections: libpq has `sslrootcert=system` only since version 16.
 */
async function writeRoots(
  plan: TlsPlan,
  temporaryDirectory: string,
): Promise<{ folder: string; file: string } | undefined> {
  if (plan.roots === 'none') return undefined
  const roots = plan.roots === 'system' ? await trustedByNode() : plan.roots
  const folder = await mkdtemp(join(temporaryDirectory, 'cruddur-roots-'))
  const file = join(folder, 'root.crt')
  await writeFile(file, `${roots.join('\n')}\n`, { mode: 0o600 })
  return { folder, file }
}

/** `getCACertificates` (since Node 22.15) also knows NODE_EXTRA_CA_CERTS. */
async function trustedByNode(): Promise<readonly string[]> {
  const tls = await import('node:tls')
  const { getCACertificates }: Partial<Pick<typeof tls, 'getCACertificates'>> = tls
  return getCACertificates?.('default') ?? tls.rootCertificates
}

/** psql's default prompt with the label before it; `%[` and `%]` enclose what takes no columns. */
function promptArguments(label: string | undefined): string[] {
  if (label === undefined) return []
  const marked = `%[%033[1;31m%]${label.replaceAll('%', '%%')}%[%033[0m%] `
  return [1, 2].map((number) => `--set=PROMPT${number}=${marked}%/%R%x%# `)
}

function handOver(options: PsqlOptions, environment: Record<string, string>): Promise<PsqlEnd> {
  const args = [...promptArguments(options.label), ...(options.arguments ?? [])]
  return new Promise((resolve, reject) => {
    // Before the start: Ctrl-C in between must not end us and leave psql behind.
    const restore = leaveSignalsTo(options.parent, (signal) => child.kill(signal))
    let interrupted = false
    options.parent.on('SIGINT', () => {
      interrupted = true
      if (options.passInterrupt) child.kill('SIGINT')
    })
    const child = spawn(options.psql, args, { stdio: 'inherit', env: environment })
    child.once('error', (error) => {
      restore()
      reject(startFailure(options.psql, error))
    })
    child.once('close', (code, signal) => {
      restore()
      resolve({ code, signal, interrupted })
    })
  })
}

function startFailure(psql: string, error: Error): CruddurError {
  return new CruddurError(`psql could not be started: ${error.message}.`, {
    code: 'PSQL_FAILED',
    hint: `Check the file ${psql}, or use the built-in prompt.`,
    cause: error,
  })
}
