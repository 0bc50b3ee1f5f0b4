import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readLayerJson, writeLayerJson } from '../../../src/lib/layer/layer-json.ts'
import { caught } from '../../support/layer/caught.ts'
import { describedAs, testFolder } from '../../support/layer/layer-files.ts'

const LAYER = describedAs(Buffer.from('zip'), {
  image: { reference: 'public.ecr.aws/lambda/python:3.13', digest: 'sha256:0' },
})

test('what is written is read, and two builds write the same', () => {
  const folder = testFolder()
  const path = join(folder, 'shop.layer.json')
  writeLayerJson(path, LAYER)
  expect(readLayerJson(path)).toEqual(LAYER)
  const text = readFileSync(path, 'utf8')
  expect(Object.keys(JSON.parse(text) as object).slice(0, 3)).toEqual(['name', 'python', 'arch'])
  const { codeSha256, ...rest } = LAYER
  writeLayerJson(path, { codeSha256, ...rest })
  expect(readFileSync(path, 'utf8')).toBe(text)
  expect(readdirSync(folder)).toEqual(['shop.layer.json'])
})

test('there need not be one', () => {
  expect(readLayerJson(join(testFolder(), 'shop.layer.json'))).toBeUndefined()
})

test.each([
  ['no JSON', '{', 'not JSON'],
  ['no object', '[]', 'not an object'],
  ...Object.entries({
    name: '',
    python: '2.7',
    arch: 'sparc',
    builder: 'magic',
    wheels: [{ ...LAYER.wheels[0], sha256: 'x' }],
    image: {},
    options: null,
    sizes: { zip: -1, unzipped: 3 },
    codeSha256: 'abc',
  }).map(([field, value]) => [field, JSON.stringify({ ...LAYER, [field]: value }), `"${field}"`]),
])('%s is an error that names it', (_, text, reason) => {
  const path = join(testFolder(), 'shop.layer.json')
  writeFileSync(path, text)
  const error = caught(() => readLayerJson(path))
  expect(error.code).toBe('LAYER_JSON_INVALID')
  expect(error.message).toContain(reason)
})
