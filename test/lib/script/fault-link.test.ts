import { expect, test } from 'vitest'
import { withDatabase } from '../../support/database.ts'
import { copyScript, insertScript } from '../../support/generated-script.ts'
import { failureOf, loadText } from '../../support/load.ts'
import { Proxy, withProxy } from '../../support/proxy.ts'
import { expectUnchanged } from '../../support/unchanged.ts'

/** Loads over a link that is cut once the client has sent so many bytes. */
async function loadOverCutLink(url: string, script: string, bytes: number) {
  const links: Proxy[] = []
  let done = 0
  const onClientBytes = (total: number) => {
    if (total > bytes) links[0]?.cut()
  }
  const error = await withProxy(url, { onClientBytes }, (proxyUrl, proxy) => {
    links.push(proxy)
    return failureOf(
      loadText(proxyUrl, script, {
        onProgress: (event) => {
          if (event.type === 'bytes') done = event.done
        },
      }),
    )
  })
  return { error, done }
}

test.for([
  { name: 'INSERTs', script: insertScript(50_000) },
  { name: 'a COPY', script: copyScript(100_000) },
])('a link that is cut in the middle of $name leaves the database as it was', async ({ script }) => {
  await withDatabase(async (url) => {
    const { error } = await expectUnchanged(url, () => loadOverCutLink(url, script, script.length / 2))
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', kind: 'unreachable' })
  })
})

test.for([
  { name: 'INSERTs', script: insertScript(200_000) },
  { name: 'a COPY', script: copyScript(400_000) },
])(
  'behind a link that was cut in the middle of $name, nothing more of the script is read',
  async ({ script }) => {
    await withDatabase(async (url) => {
      const { done } = await loadOverCutLink(url, script, 1_000_000)
      expect(done).toBeLessThan(script.length / 2)
    })
  },
)

/** Loads over a link that is cut a moment after the script says something. */
function loadUntilCut(url: string, script: string, moment = 200) {
  return withProxy(url, {}, (proxyUrl, proxy) => {
    const onProgress = (event: { type: string }) => {
      if (event.type === 'output') setTimeout(() => proxy.cut(), moment)
    }
    return failureOf(loadText(proxyUrl, script, { onProgress }))
  })
}

test('a link that is cut while a statement runs leaves the database as it was', async () => {
  await withDatabase(async (url) => {
    const script = 'CREATE TABLE t ();\n\\echo now\nSELECT pg_sleep(1) AS done \\gset\n'
    const error = await expectUnchanged(url, () => loadUntilCut(url, script))
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', kind: 'unreachable' })
    expect(error.hint).toContain('The transaction is rolled back by the server.')
  })
})

test('when the link is cut with the COMMIT on its way, that the outcome is not known is said', async () => {
  await withDatabase(async (url) => {
    const error = await loadUntilCut(url, 'CREATE TABLE t ();\n\\echo now\nSELECT pg_sleep(1);\n')
    expect(error.code).toBe('CONNECTION_LOST')
    expect(error.hint).toContain('see whether it took effect')
  })
})

test('a link that is cut while statements run by themselves keeps those that have run', async () => {
  await withDatabase(async (url) => {
    await withProxy(url, {}, async (proxyUrl, proxy) => {
      const onProgress = (event: { type: string }) => {
        if (event.type === 'output') proxy.cut()
      }
      const script = 'CREATE TABLE kept ();\nVACUUM;\n\\echo now\nCREATE TABLE lost ();\n'
      const error = await failureOf(loadText(proxyUrl, script, { transaction: 'none', onProgress }))
      expect(error.code).toBe('CONNECTION_LOST')
      expect(error.hint).toContain('What had been committed before stays')
    })
    await loadText(url, 'SELECT * FROM kept;\nCREATE TABLE lost ();\n')
  })
})

test('over a slow link everything arrives', async () => {
  await withDatabase(async (url) => {
    await withProxy(url, { delay: 20 }, async (proxyUrl) => {
      expect(await loadText(proxyUrl, copyScript(100_000))).toMatchObject({ statements: 3 })
    })
  })
})
