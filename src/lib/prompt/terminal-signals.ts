/** The part of `process` that receives signals. */
export type SignalReceiver = Pick<NodeJS.Process, 'on' | 'rawListeners' | 'removeAllListeners'>

/** Ctrl-C and Ctrl-\\ reach every process of the terminal: the program that has it deals with them, not we. */
const IGNORED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
/** Signals meant for us alone: whoever sends them wants the whole to end. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP']

/**
 * Leaves the terminal's signals to a child that has the terminal: ours are ignored, or passed on. (SIGWINCH, SIGTSTP
 * and SIGCONT the system delivers to both; their default is right.)
 * @param pass sends a signal to the child
 * @returns how to put the listeners back that were there before
 */
export function leaveSignalsTo(receiver: SignalReceiver, pass: (signal: NodeJS.Signals) => void): () => void {
  const before = [...IGNORED, ...PASSED_ON].map((signal) => ({
    signal,
    listeners: receiver.rawListeners(signal),
  }))
  for (const signal of IGNORED) receiver.removeAllListeners(signal).on(signal, ignore)
  for (const signal of PASSED_ON) receiver.removeAllListeners(signal).on(signal, pass)
  return () => {
    for (const { signal, listeners } of before) {
      receiver.removeAllListeners(signal)
      for (const listener of listeners) receiver.on(signal, listener as NodeJS.SignalsListener)
    }
  }
}

function ignore(): void {}
