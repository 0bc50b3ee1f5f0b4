import { CruddurError } from '../../errors.ts'

/** An error of a function, as Lambda tells it to who called it. */
export interface FunctionError {
  errorType: string
  errorMessage: string
  stackTrace: string[]
}

/** What to do about errors that are not of the function's code but of how it was packed. */
const HINTS: readonly (readonly [words: RegExp, hint: string])[] = [
  [
    /No module named '[^']*\._|cannot open shared object file|invalid ELF header|GLIBC|wrong ELF class/,
    'A compiled file is missing, or not for this Python or processor: cruddur layer verify says which.',
  ],
  [/No module named/, 'Build a layer with the package (cruddur layer build), and give it with --layer.'],
]

/** The error of a function that failed. */
export function functionFailed(handler: string, error: FunctionError): CruddurError {
  const { errorType, errorMessage, stackTrace } = error
  return new CruddurError(`${handler} failed: ${errorType}: ${errorMessage}`, {
    code: 'FUNCTION_FAILED',
    hint: HINTS.find(([words]) => words.test(errorMessage))?.[1],
    context: stackTrace.map((frame) => frame.trimEnd()).join('\n'),
    details: { ...error },
  })
}

/** The error of a function that was ended because its time was over, in Lambda's words. */
export function functionTimedOut(handler: string, seconds: number): CruddurError {
  return new CruddurError(`${handler} failed: Task timed out after ${seconds.toFixed(2)} seconds`, {
    code: 'FUNCTION_TIMED_OUT',
    hint: 'Give it longer with --timeout, and with --network a way to what it waits for.',
    details: {
      errorType: 'Sandbox.Timedout',
      errorMessage: `Task timed out after ${seconds.toFixed(2)} seconds`,
    },
  })
}

/** The error of a function that did not get as far as its handler. */
export function functionNotLoaded(handler: string, seconds: number): CruddurError {
  return new CruddurError(`${handler} was not loaded within ${seconds} s.`, {
    code: 'FUNCTION_TIMED_OUT',
    hint: 'Its module does something at import that waits. Lambda allows 10 s for it.',
    details: { errorType: 'Sandbox.Timedout', errorMessage: 'The module was not loaded in time' },
  })
}

/** The error of a function whose process was gone before it had answered. */
export function functionDied(handler: string, code: number, outOfMemory: boolean): CruddurError {
  const reason = outOfMemory ? 'it used up its memory' : `its process ended with ${code}`
  return new CruddurError(`${handler} gave no answer: ${reason}.`, {
    code: outOfMemory ? 'FUNCTION_OUT_OF_MEMORY' : 'FUNCTION_DIED',
    hint: outOfMemory
      ? 'Give it more with --memory.'
      : 'What it wrote before stands above. 139 is a crash in a compiled file.',
    details: {
      errorType: outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError',
      errorMessage: `Runtime exited with error: exit status ${code}`,
    },
  })
}
