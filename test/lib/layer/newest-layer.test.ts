import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newestLayer } from '../../../src/lib/layer/newest-layer.ts'
import { caught } from '../../support/layer/caught.ts'
import { withLayers } from '../../support/layer/verify.ts'

test('the zip that was built last, or whose build was the last to find nothing to do', async () => {
  await withLayers(async ({ path }) => {
    const write = (name: string, time: number) => {
      writeFileSync(join(path, name), '')
      utimesSync(join(path, name), time, time)
    }
    write('a.zip', 1000)
    write('b.zip', 2000)
    write('notes.txt', 9000)
    expect(newestLayer(path)).toBe(join(path, 'b.zip'))
    write('a.layer.json', 3000)
    expect(newestLayer(path)).toBe(join(path, 'a.zip'))
    await Promise.resolve()
  })
})

test('none at all', async () => {
  await withLayers(async ({ path }) => {
    expect(caught(() => newestLayer(path)).code).toBe('NO_LAYER_BUILT')
    expect(caught(() => newestLayer(join(path, 'nowhere'))).code).toBe('NO_LAYER_BUILT')
    await Promise.resolve()
  })
})
