import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * @typedef {object} Run a process that has ended
 * @property {number} ms wall time in milliseconds, from before its start until it is gone
 * @property {number | undefined} peakBytes the most memory that was resident, if asked for and the system tells (Linux)
 * @property {string} stdout what it printed, if asked for
 *
 * @typedef {object} Way one of several ways to do the same
 * @property {string} name
 * @property {() => Promise<Run>} run
 * @property {number} [runs] how often, if it is too slow for all rounds
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {number} median milliseconds, as are `min` and `max`
 * @property {number} min
 * @property {number} max
 * @property {number} runs
 * @property {number | undefined} peakBytes the greatest of all runs
 */

/** How often a process is asked for its peak, in milliseconds: what it needs in its very last moments may be missed. */
const MEMORY_INTERVAL = 20

/** The high-water mark of a process' resident memory in bytes, or `undefined` when it is gone or there is no /proc. */
function peakMemory(pid) {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}

/**
 * Runs a process to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, memory?: boolean, capture?: boolean }} [options] `memory`: watch its memory; `capture`: keep its stdout
 * @returns {Promise<Run>}
 * @throws {Error} when it fails, with the end of what it said
 */
export function timeProcess(command, args, { cwd, memory = false, capture = false } = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(command, args, { cwd, stdio: ['ignore', capture ? 'pipe' : 'ignore', 'pipe'] })
    let [stdout, stderr, peakBytes, ms] = ['', '', undefined, 0]
    const watch = memory
      ? setInterval(() => (peakBytes = peakMemory(child.pid) ?? peakBytes), MEMORY_INTERVAL)
      : undefined
    child.stdout?.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.once('error', reject)
    child.once('exit', () => {
      ms = performance.now() - started
      clearInterval(watch)
    })
    child.once('close', (code, signal) => {
      if (code === 0) resolve({ ms, peakBytes, stdout })
      else
        reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}: ${stderr.slice(-2000)}`))
    })
  })
}

/** The middle of some numbers, of the two in the middle their mean. */
export function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other)
  const half = sorted.length / 2
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2
}

/**
 * Measures several ways to do the same, in turn (A B C, B C A …), so that what else the machine does hits all alike.
 * @param {Way[]} ways
 * @param {object} options
 * @param {number} options.rounds
 * @param {boolean} [options.warmUp] whether each runs once before, unmeasured, e.g. to fill Node's compile cache
 * @param {(name: string) => Promise<void>} [options.prepare] brings everything to the same beginning before each run, unmeasured
 * @param {(run: Run, name: string) => unknown} [options.check] tells what the run has brought about; when
 *   that is not the same for all, the comparison is void
 * @param {(name: string, ms: number) => void} options.onRun
 * @returns {Promise<Result[]>}
 */
export async function compare(ways, { rounds, warmUp = false, prepare, check, onRun }) {
  const all = new Map(ways.map(({ name }) => [name, []]))
  let expected
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    // Another one begins each time: who comes first meets what a server or a disk does when work begins anew.
    const first = Math.max(round, 0) % ways.length
    for (const { name, run, runs = rounds } of [...ways.slice(first), ...ways.slice(0, first)]) {
      if (round >= runs) continue
      await prepare?.(name)
      const result = await run()
      const found = JSON.stringify(await check?.(result, name))
      expected ??= found
      if (found !== expected) throw new Error(`${name} brought about ${found}, ${ways[0].name} ${expected}`)
      if (round >= 0) all.get(name).push(result)
      onRun(round < 0 ? `${name} (warm-up)` : name, result.ms)
    }
  }
  return ways.map(({ name }) => summarize(name, all.get(name)))
}

/** @returns {Result} */
function summarize(name, runs) {
  const times = runs.map(({ ms }) => ms)
  const peaks = runs.flatMap(({ peakBytes }) => peakBytes ?? [])
  return {
    name,
    median: median(times),
    min: Math.min(...times),
    max: Math.max(...times),
    runs: runs.length,
    peakBytes: peaks.length > 0 ? Math.max(...peaks) : undefined,
  }
}
