// Records what psql does with the cases below the given folders, or compares it with what is recorded.
// usage: node test/conformance/record.ts [--check] [--only NNN,NNN…] FOLDER…
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadCases, type ConformanceCase } from './harness/case.ts'
import { Cluster } from './harness/cluster.ts'
import { handwrittenFaults, recordCase } from './harness/psql-record.ts'
import { startConformanceServer } from './harness/server.ts'

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' }, only: { type: 'string' } },
  allowPositionals: true,
})

/** Writes the record, or says what differs from it; returns whether all is well. */
async function handle(cluster: Cluster, testCase: ConformanceCase): Promise<boolean> {
  const path = join(testCase.folder, 'expect.json')
  const record = await recordCase(cluster, testCase)
  const faults = handwrittenFaults(record)
  for (const fault of faults) console.log(`${testCase.name}: ${fault}`)
  const text = `${JSON.stringify(record, null, 1)}\n`
  if (!values.check) writeFileSync(path, text)
  else if (text !== readFileSync(path, 'utf8')) {
    const [old, found] = [testCase.record, record].map((value) => new Map(Object.entries(value)))
    for (const key of new Set([...(old?.keys() ?? []), ...(found?.keys() ?? [])])) {
      const [was, is] = [JSON.stringify(old?.get(key)), JSON.stringify(found?.get(key))]
      if (was !== is) console.log(`${testCase.name}: ${key} differs\n  was ${was}\n  is  ${is}`)
    }
    return false
  }
  return faults.length === 0
}

const numbers = values.only?.split(',')
const server = await startConformanceServer(15)
const cluster = new Cluster(server.url)
try {
  for (const testCase of positionals.flatMap((folder) => loadCases(folder))) {
    if (numbers && !numbers.includes(testCase.name.slice(0, 3))) continue
    if (!(await handle(cluster, testCase))) process.exitCode = 1
  }
} finally {
  await cluster.close()
  await server.stop()
}
