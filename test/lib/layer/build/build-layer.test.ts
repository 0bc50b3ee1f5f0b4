import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readLayerJson, type LayerJson } from '../../../../src/lib/layer/layer-json.ts'
import { LIMITS } from '../../../../src/lib/layer/limits.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { buildBench, buildDefaults } from '../../../support/layer/build.ts'
import { makeElf } from '../../../support/layer/make-elf.ts'
import { failure } from '../../../support/layer/resolve.ts'
import { smallDisk } from '../../../support/tmpfs.ts'

const SHOP = {
  name: 'shop',
  version: '1.0',
  files: { 'shop/__init__.py': 'x = 1\n', 'shop/tests/test_x.py': '', 'shop/py.typed': '' },
}

function namesIn(zip: string): string[] {
  const archive = ZipArchive.open(zip)
  try {
    return archive.entries.map(({ name }) => name)
  } finally {
    archive.close()
  }
}

function jsonOf(path: string): LayerJson {
  const layer = readLayerJson(path)
  if (layer === undefined) throw new Error(`there is no ${path}`)
  return layer
}

test('a layer of what was asked for and what that needs, with a file beside it that says how', async () => {
  const bench = await buildBench()
  bench.index.addWheel({ ...SHOP, metadata: ['Requires-Dist: till>=2', 'License-Expression: MIT'] })
  const till = bench.index.addWheel({ name: 'till', version: '2.1', files: { 'till.py': '' } })
  const result = await bench.build({ requirements: ['shop'] })
  expect(result).toMatchObject({
    outcome: 'built',
    name: 'shop-py313-arm64',
    zip: join(bench.folder, 'out/shop-py313-arm64.zip'),
    python: '3.13',
    arch: 'arm64',
    builder: 'wheels',
    resolvedBy: 'cruddur',
    pinned: false,
    needsS3: false,
    verdict: { ok: true },
  })
  expect(namesIn(result.zip)).toEqual([
    'python/shop-1.0.dist-info/METADATA',
    'python/shop-1.0.dist-info/RECORD',
    'python/shop-1.0.dist-info/WHEEL',
    'python/shop/__init__.py',
    'python/till-2.1.dist-info/METADATA',
    'python/till-2.1.dist-info/RECORD',
    'python/till-2.1.dist-info/WHEEL',
    'python/till.py',
  ])
  expect(bench.files()).toEqual(['shop-py313-arm64.layer.json', 'shop-py313-arm64.zip'])
  const json = jsonOf(result.layerJson)
  expect(json.codeSha256).toBe(result.codeSha256)
  expect(json.sizes.zip).toBe(statSync(result.zip).size)
  expect(json.wheels).toMatchObject([
    { name: 'shop', version: '1.0', fileName: 'shop-1.0-py3-none-any.whl', licence: 'MIT' },
    { name: 'till', url: bench.index.fileUrl(till), size: till.bytes.length },
  ])
  expect(
    bench.events.filter(({ type }) => type === 'end').map((event) => 'step' in event && event.step),
  ).toEqual(['resolve', 'download', 'assemble', 'verify'])
})

describe('nothing to do', () => {
  test('the same again asks nobody and leaves the zip alone', async () => {
    const bench = await buildBench({ 'requirements.txt': 'shop\n' })
    bench.index.addWheel(SHOP)
    const first = await bench.build()
    const [asked, time] = [bench.index.requests.length, statSync(first.zip, { bigint: true }).mtimeNs]
    bench.index.addWheel({ ...SHOP, version: '2.0' })
    const again = await bench.build()
    expect(again).toMatchObject({ outcome: 'unchanged', codeSha256: first.codeSha256, pinned: false })
    expect(again.packages).toEqual(first.packages)
    expect(bench.index.requests).toHaveLength(asked)
    expect(statSync(first.zip, { bigint: true }).mtimeNs).toBe(time)
    // A remark in the file changes nothing that is asked for.
    writeFileSync(join(bench.folder, 'requirements.txt'), '# ours\nshop\n')
    expect(await bench.build()).toMatchObject({ outcome: 'unchanged' })
    expect(await bench.build({ upgrade: true })).toMatchObject({
      outcome: 'built',
      wheels: [{ version: '2.0' }],
    })
    expect(await bench.build({ upgrade: true })).toMatchObject({ outcome: 'unchanged' })
  })

  test('a zip that was touched is read; one that was changed is built again', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const { zip, codeSha256 } = await bench.build({ requirements: ['shop'] })
    utimesSync(zip, new Date(), new Date())
    expect(await bench.build({ requirements: ['shop'] })).toMatchObject({ outcome: 'unchanged' })
    const bytes = readFileSync(zip)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(zip, bytes)
    expect(await bench.build({ requirements: ['shop'] })).toMatchObject({ outcome: 'built', codeSha256 })
  })

  test.each([
    ['Python', { python: '3.12' }],
    ['the architecture', { arch: 'x86_64' }],
    ['the layout', { layout: 'site-packages' }],
    ['pruning', { prune: false }],
    ['what is kept', { keep: ['py.typed'] }],
    ['the requirement', { requirements: ['shop==1.0'] }],
    ['cruddur', { tool: 'cruddur 99' }],
    ['the index', { index: { indexUrl: 'http://127.0.0.1:1/simple' } }],
  ] as const)('another build when %s is another', async (what, change) => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const usual = { requirements: ['shop'], name: 'shop' }
    await bench.build(usual)
    const other = bench.build({ ...usual, ...change })
    if (what === 'the index') expect(await failure(other)).toMatchObject({ code: 'INDEX_UNREACHABLE' })
    else expect(await other).toMatchObject({ outcome: 'built' })
  })

  test('versions stay while only the way of building changes', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    await bench.build({ requirements: ['shop'] })
    bench.index.addWheel({ ...SHOP, version: '2.0' })
    const kept = await bench.build({ requirements: ['shop'], prune: false })
    expect(kept).toMatchObject({ outcome: 'built', resolvedBy: undefined, wheels: [{ version: '1.0' }] })
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'skip', step: 'resolve' }))
    expect(await bench.build({ requirements: ['shop'], cache: false })).toMatchObject({
      wheels: [{ version: '2.0' }],
    })
  })

  test('a wheel in a folder is looked at each time: it may be another one', async () => {
    const bench = await buildBench()
    const offered = bench.index.addWheel(SHOP)
    writeFileSync(join(bench.folder, offered.file), offered.bytes)
    const local = { requirements: ['shop'], index: { findLinks: [bench.folder], noIndex: true } }
    const first = await bench.build(local)
    expect(jsonOf(first.layerJson).wheels[0]).not.toHaveProperty('url')
    const other = bench.index.addWheel({ ...SHOP, files: { 'shop/__init__.py': 'x = 2\n' } })
    writeFileSync(join(bench.folder, offered.file), other.bytes)
    const second = await bench.build(local)
    expect(second.codeSha256).not.toBe(first.codeSha256)
    expect(await bench.build(local)).toMatchObject({ outcome: 'unchanged' })
  })
})

describe('frozen', () => {
  test('makes the same bytes of the same wheels, whatever is newer by now', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const first = await bench.build({ requirements: ['shop'] })
    bench.index.addWheel({ ...SHOP, version: '2.0' })
    rmSync(first.zip)
    rmSync(join(bench.folder, 'cache'), { recursive: true })
    const again = await bench.build({ requirements: ['shop'], frozen: true, tool: 'cruddur 2' })
    expect(again).toMatchObject({
      outcome: 'reproduced',
      codeSha256: first.codeSha256,
      resolvedBy: undefined,
    })
    expect(existsSync(first.zip)).toBe(true)
  })

  test('fails when other bytes come out, and leaves what is there', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const { layerJson, zip } = await bench.build({ requirements: ['shop'] })
    const before = readFileSync(zip)
    const wrong = Buffer.alloc(32).toString('base64')
    writeFileSync(layerJson, JSON.stringify({ ...jsonOf(layerJson), codeSha256: wrong }))
    expect(await failure(bench.build({ requirements: ['shop'], frozen: true }))).toMatchObject({
      code: 'LAYER_NOT_REPRODUCED',
      kind: 'failed',
    })
    expect(readFileSync(zip).equals(before)).toBe(true)
    expect(bench.files()).toHaveLength(2)
  })

  test.each([
    ['nothing was built', {}, 'LAYER_NOT_RECORDED'],
    ['something else is asked for', { requirements: ['shop<9'] }, 'LAYER_OUTDATED'],
    ['it is asked for otherwise', { requirements: ['shop'], prune: false }, 'LAYER_OUTDATED'],
  ])('fails when %s', async (_, options, code) => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    if (code === 'LAYER_OUTDATED') await bench.build({ requirements: ['shop'], name: 'shop' })
    expect(await failure(bench.build({ ...options, name: 'shop', frozen: true }))).toMatchObject({ code })
  })
})

describe('what is asked for', () => {
  test('a dry run downloads and writes nothing', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const result = await bench.build({ requirements: ['shop'], dryRun: true })
    expect(result).toMatchObject({
      outcome: 'planned',
      wheels: [{ name: 'shop', version: '1.0' }],
      packages: [],
    })
    expect(bench.index.downloads).toEqual([])
    expect(existsSync(join(bench.folder, 'out'))).toBe(false)
  })

  test('named after the folder below layers/', async () => {
    const bench = await buildBench({ 'layers/till/requirements.txt': 'shop\n' })
    bench.index.addWheel(SHOP)
    expect(await bench.build({ project: 'town' })).toMatchObject({ name: 'till-py313-arm64' })
    expect(await bench.build({ project: 'town', requirements: ['shop', 'shop>0'] })).toMatchObject({
      name: 'town-py313-arm64',
    })
  })

  test('site-packages, without pruning, with a warning about an old runtime', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const { zip, warnings } = await bench.build({
      requirements: ['shop'],
      python: '3.10',
      layout: 'site-packages',
      prune: false,
    })
    expect(namesIn(zip)).toContain('python/lib/python3.10/site-packages/shop/tests/test_x.py')
    expect(warnings).toEqual([expect.stringContaining('python3.10 since 2026-10-31')])
  })

  test('what --keep names stays, and one that names nothing is told', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const { zip, warnings } = await bench.build({ requirements: ['shop'], keep: ['py.typed', 'nothing'] })
    expect(namesIn(zip)).toContain('python/shop/py.typed')
    expect(warnings).toEqual(['--keep "nothing" fits nothing that would be left out.'])
  })

  test('a newer version that does not fit is told', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    bench.index.addWheel({ ...SHOP, version: '2.0', tag: 'cp313-cp313-manylinux_2_39_aarch64' })
    const { passedOver, warnings } = await bench.build({ requirements: ['shop'] })
    expect(passedOver).toMatchObject([{ name: 'shop', version: '1.0', newer: '2.0' }])
    expect(warnings[0]).toContain(
      'shop 1.0 was taken instead of 2.0: no wheel of shop 2.0 is for python3.13 on arm64',
    )
  })

  test.each([
    [{ name: 'no spaces please' }, 'LAYER_NAME_INVALID'],
    [{ python: '2.7' }, 'UNKNOWN_RUNTIME'],
    [{ arch: 'riscv' }, 'UNKNOWN_ARCHITECTURE'],
    [{ files: ['missing.txt'] }, 'FILE_NOT_READABLE'],
  ])('%j is a mistake: %s', async (options, code) => {
    const bench = await buildBench()
    const error = await failure(bench.build(options))
    expect(error).toMatchObject({ code, kind: 'usage' })
    expect(bench.index.requests).toEqual([])
  })
})

describe('what does not become a layer', () => {
  test('nothing but sources, where only wheels may be taken', async () => {
    const bench = await buildBench()
    bench.index.add({ file: 'shop-1.0.tar.gz', bytes: Buffer.from('') })
    const error = await failure(bench.build({ requirements: ['shop'], builder: 'wheels' }))
    expect(error.code).toBe('NO_WHEEL')
    expect(error.message).toContain('shop 1.0')
    expect(error.hint).toContain('--builder docker')
  })

  test('one that is too large: the sizes by package, and no zip', async () => {
    const bench = await buildBench()
    const size = LIMITS.unzipped / 2
    for (const name of ['one', 'two'])
      bench.index.addWheel({ name, files: { [`${name}.bin`]: Buffer.alloc(size) } })
    const error = await failure(bench.build({ requirements: ['one', 'two'], name: 'large' }))
    expect(error).toMatchObject({ code: 'LAYER_TOO_LARGE', kind: 'failed' })
    expect(error.message).toMatch(/262,14\d,\d+ bytes unzipped, .* fewer than 262,144,000/)
    expect(error.context).toMatch(/^PACKAGE +VERSION +UNZIPPED[^\n]*\none +1\.0 +131,07[^\n]*\ntwo /)
    expect(error.hint).toContain('--strip')
    expect(bench.files()).toEqual([])
  }, 120_000)

  test('one that would fail in Lambda; without judging it is built', async () => {
    const bench = await buildBench()
    bench.index.addWheel({
      ...SHOP,
      tag: 'cp313-cp313-manylinux_2_17_aarch64',
      files: {
        'shop/_shop.cpython-313-aarch64-linux-gnu.so': makeElf({ machine: 62, needed: ['libc.so.6'] }),
      },
    })
    const error = await failure(bench.build({ requirements: ['shop'] }))
    expect(error).toMatchObject({ code: 'LAYER_NOT_SOUND', kind: 'failed' })
    expect(error.context).toContain('elf-machine: python/shop/_shop.cpython-313-aarch64-linux-gnu.so')
    expect(bench.files()).toEqual([])
    const built = await bench.build({ requirements: ['shop'], verify: false })
    expect(built).toMatchObject({ outcome: 'built', verdict: undefined })
    // Built without being judged is not good enough for who wants it judged.
    expect(await bench.build({ requirements: ['shop'], verify: false })).toMatchObject({
      outcome: 'unchanged',
    })
    expect(await failure(bench.build({ requirements: ['shop'] }))).toMatchObject({ code: 'LAYER_NOT_SOUND' })
  })
})

describe('when something goes wrong on the way', () => {
  const LARGE = { ...SHOP, files: { 'shop/data.bin': randomBytes(300_000) } }

  test('a connection that is cut is gone on with', async () => {
    const bench = await buildBench()
    const offered = bench.index.addWheel(LARGE)
    bench.index.faults.cut = { after: Math.floor(offered.bytes.length / 2), times: 1 }
    expect(await bench.build({ requirements: ['shop'] })).toMatchObject({ outcome: 'built' })
    expect(bench.index.downloads.map(({ range }) => range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-/),
    ])
  })

  test('cut for good: no zip, and the next build goes on', async () => {
    const bench = await buildBench()
    bench.index.addWheel(LARGE)
    let sent = 0
    // Something comes the first time, and then nothing any more.
    bench.index.faults.cut = {
      get after() {
        return sent++ === 0 ? 1000 : 0
      },
      times: 99,
    }
    expect(await failure(bench.build({ requirements: ['shop'] }))).toMatchObject({ kind: 'unreachable' })
    expect(existsSync(join(bench.folder, 'out'))).toBe(false)
    bench.index.faults.cut = { after: 0, times: 0 }
    expect(await bench.build({ requirements: ['shop'] })).toMatchObject({ outcome: 'built' })
    expect(bench.index.downloads.at(-1)?.range).toMatch(/^bytes=\d+-/)
  })

  test('other bytes than the index promises: no zip, and the old one stays', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const { zip } = await bench.build({ requirements: ['shop'] })
    const before = readFileSync(zip)
    bench.index.addWheel({ ...SHOP, version: '2.0' }, { sha256: '0'.repeat(64) })
    const error = await failure(bench.build({ requirements: ['shop'], upgrade: true }))
    expect(error.code).toBe('DOWNLOAD_CORRUPT')
    expect(readFileSync(zip).equals(before)).toBe(true)
    expect(bench.files()).toHaveLength(2)
  })

  test('a full disk: nothing half-written, and what was there stays', async ({ skip }) => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    bench.index.addWheel({ ...LARGE, version: '2.0' })
    const out = smallDisk(131_072, skip)
    const { zip } = await bench.build({ requirements: ['shop<2'], name: 'shop', out })
    const before = readFileSync(zip)
    const error = await failure(bench.build({ requirements: ['shop'], name: 'shop', out }))
    expect(error).toMatchObject({ code: 'ZIP_NOT_WRITTEN' })
    expect(error.message).toContain('the disk is full')
    expect(readFileSync(zip).equals(before)).toBe(true)
    rmSync(zip)
    rmSync(join(out, 'shop.layer.json'))
    expect(statSync(out).isDirectory()).toBe(true)
  })

  test.each(['resolve', 'download', 'assemble', 'verify'])(
    'Ctrl-C during %s leaves nothing behind',
    async (step) => {
      const bench = await buildBench()
      bench.index.addWheel(LARGE)
      bench.index.faults.slow = step === 'download' ? 20 : undefined
      const abort = new AbortController()
      const error = await failure(
        bench.build({
          requirements: ['shop'],
          signal: abort.signal,
          onProgress: (event) => {
            if (event.type === 'start' && event.step === step) abort.abort()
          },
        }),
      )
      expect(error.kind).toBe('interrupted')
      expect(existsSync(join(bench.folder, 'out')) ? bench.files() : []).toEqual([])
    },
  )

  test('a file that says nothing sensible counts as none', async () => {
    const bench = await buildBench()
    bench.index.addWheel(SHOP)
    const { layerJson } = await bench.build({ requirements: ['shop'] })
    writeFileSync(layerJson, '{')
    expect(await bench.build({ requirements: ['shop'] })).toMatchObject({ outcome: 'built' })
  })
})

test('a login of the index is in no file and in no result', async () => {
  const bench = await buildBench()
  bench.index.addWheel(SHOP)
  bench.index.faults.login = 'ana:s3cr%t'
  const index = { indexUrl: bench.index.url.replace('://', '://ana:s3cr%25t@') }
  const result = await bench.build({ requirements: ['shop'], index })
  rmSync(join(bench.folder, 'cache'), { recursive: true })
  // The versions of the last build are downloaded with the login as well.
  const again = await bench.build({ requirements: ['shop'], index, prune: false })
  expect(again).toMatchObject({ outcome: 'built', resolvedBy: undefined })
  expect(`${JSON.stringify([result, again])}${readFileSync(result.layerJson, 'utf8')}`).not.toMatch(/s3cr/)
})

test('.cruddur is nothing for git', async () => {
  const bench = await buildBench()
  bench.index.addWheel(SHOP)
  await bench.build({ ...buildDefaults(bench.folder), requirements: ['shop'], out: '.cruddur/layers' })
  expect(readFileSync(join(bench.folder, '.cruddur/.gitignore'), 'utf8')).toBe('*\n')
})
