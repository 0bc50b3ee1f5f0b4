import { spawn } from 'node:child_process'

/** Runs a process to its end; returns wall time in milliseconds and peak memory in bytes, if the system tells. */
export function timeProcess(command, args, { env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      const ms = performance.now() - started
      if (code === 0) resolve(ms)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr.slice(-2000)}`))
    })
  })
}

/** The middle of some numbers. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/**
 * Measures several ways to do the same, in turn (A B C, A B C …), so that what else the machine does hits all alike.
 * @param ways each with a name, `run()` → milliseconds, and `runs` if it is too slow for all rounds
 * @param prepare brings everything to the same beginning before each run, unmeasured
 * @returns for each way its median, least and greatest, in milliseconds
 */
export async function compare(ways, { rounds, prepare = async () => {}, onRun = () => {} }) {
  const times = new Map(ways.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, runs = rounds } of ways) {
      if (round >= runs) continue
      await prepare(name)
      const ms = await run()
      onRun(name, ms)
      times.get(name).push(ms)
    }
  }
  return ways.map(({ name }) => {
    const all = times.get(name)
    return { name, median: median(all), min: Math.min(...all), max: Math.max(...all), runs: all.length }
  })
}
