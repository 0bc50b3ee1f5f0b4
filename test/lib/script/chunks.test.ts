import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadCases } from '../../conformance/harness/case.ts'
import { chunkedScript } from '../../support/chunked-script.ts'
import { interpret, type InterpretOptions } from '../../support/interpret.ts'
import { RANDOM_VARIABLES, randomSql } from '../../support/random-sql.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

const CONFORMANCE = join(import.meta.dirname, '../../conformance')
/** Without those whose script is written only when they are run. */
const CASES = ['cases', 'own']
  .flatMap((folder) => loadCases(join(CONFORMANCE, folder)))
  .filter(({ folder }) => existsSync(join(folder, 'script.sql')))

const CHUNK_BYTES = [1, 2, 3, 7, 64]
/** Reading a long statement by small chunks copies it again and again; what takes longer than this is left out. */
const MOST_COPIED_BYTES = 500_000_000

function whatItDoes(script: Buffer, options: InterpretOptions): Promise<unknown[]> {
  return interpret(chunkedScript('script.sql', script, options.chunkBytes), options)
}

/** Runs a script with each size of chunks and compares what it does with what it does when read at once. */
async function expectIndependence(script: Buffer, options: Omit<InterpretOptions, 'chunkBytes'>) {
  const atOnce = await whatItDoes(script, { ...options, chunkBytes: script.length + 1 })
  for (const chunkBytes of CHUNK_BYTES) {
    if (script.length ** 2 / chunkBytes > MOST_COPIED_BYTES) continue
    const inChunks = await whatItDoes(script, { ...options, chunkBytes })
    expect(inChunks, `in chunks of ${chunkBytes} bytes`).toEqual(atOnce)
  }
}

test.for(CASES)('$name reads the same in chunks of any size', async ({ folder }) => {
  const script = readFileSync(join(folder, 'script.sql'))
  await expectIndependence(script, { folder })
})

test.for([1, 2, 3, 4, 5, 6, 7, 8])(
  'random text, seed %i, reads the same in chunks of any size',
  async (seed) => {
    const random = new SeededRandom(seed)
    for (let index = 0; index < 250; index++) {
      const text = randomSql(random, 2 + random.below(60))
      const options = {
        folder: CONFORMANCE,
        variables: RANDOM_VARIABLES,
        standardStrings: random.below(3) > 0,
        copyTerminator: random.below(2) > 0,
      }
      await expectIndependence(Buffer.from(text), options).catch((error: Error) => {
        throw new Error(`${JSON.stringify(text)}\n${JSON.stringify(options)}\n${error.message}`, {
          cause: error,
        })
      })
    }
  },
)
