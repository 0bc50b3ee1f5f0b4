import { readdirSync, readFileSync } from 'node:fs'

/** How often the processes are looked at, in milliseconds: the programs that tests look for live longer. */
const INTERVAL = 20

/** The command line of a process, as everybody on the machine can read it; empty when it is gone, or on no Linux. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** The command lines of all processes that this user may see. */
export function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(Number(pid)))
}

/** The processes that a process has started and not yet ended (proc(5), `children`). */
function childrenOf(pid: number): number[] {
  try {
    const texts = readdirSync(`/proc/${pid}/task`).map((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'),
    )
    return texts.join(' ').split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid)
  return [...children, ...children.flatMap(descendantsOf)]
}

/**
 * Watches a process, which may give itself another command line, and what it starts; the returned function ends that and tells all
 * command lines that there were.
 */
export function watchDescendants(pid: number): () => string[] {
  const seen = new Set<string>()
  const look = () => [pid, ...descendantsOf(pid)].forEach((child) => seen.add(commandLine(child)))
  const timer = setInterval(look, INTERVAL)
  return () => {
    clearInterval(timer)
    return [...seen]
  }
}
