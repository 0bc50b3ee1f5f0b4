import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from './emulator.ts'

/**
 * Gives the tests of a file (or of a `describe`) an emulator of AWS of their own: it is started before the first, emptied
 * before each, and stopped after the last. What is returned is it, from the moment it has been started; hooks that need it
 * stand below the call.
 */
export function withEmulator(): AwsEmulator {
  let emulator: AwsEmulator | undefined
  const running = (): AwsEmulator => {
    if (emulator) return emulator
    throw new Error('The AWS emulator is used before it was started: in a hook or a test it is there.')
  }
  beforeAll(async () => {
    emulator = await startAwsEmulator()
  }, EMULATOR_START_TIMEOUT)
  afterAll(() => emulator?.stop())
  beforeEach(() => running().reset())
  return {
    get url() {
      return running().url
    },
    get environment() {
      return running().environment
    },
    fault: (fault) => running().fault(fault),
    calls: () => running().calls(),
    strict: (on) => running().strict(on),
    reset: () => running().reset(),
    stop: () => running().stop(),
  }
}
