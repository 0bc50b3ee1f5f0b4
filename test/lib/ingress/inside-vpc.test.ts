import { expect, test } from 'vitest'
import { privateAddressOf } from '../../../src/lib/ingress/inside-vpc.ts'

const HOST = 'cruddur-db.c0ffee.eu-central-1.rds.amazonaws.com'

const fails = () => Promise.reject(new Error('ENOTFOUND'))
const hangs = () => new Promise<string[]>(() => undefined)

test.each([
  ['a VPC', ['10.0.1.5'], '10.0.1.5'],
  ['a VPC of the range of carriers', ['100.64.3.4'], '100.64.3.4'],
  ['a network with both families', ['172.31.0.7', 'fd00::7'], '172.31.0.7'],
  ['the internet', ['18.184.1.2'], undefined],
  ['an answer with both kinds', ['10.0.1.5', '18.184.1.2'], undefined],
  ['the end of a tunnel', ['127.0.0.1'], undefined],
  ['a name server that hides it', ['0.0.0.0'], undefined],
  ['an answer that is none', ['nonsense'], undefined],
  ['an empty answer', [], undefined],
])('%s', async (_, addresses, found) => {
  const asked: string[] = []
  const resolve = async (host: string) => {
    asked.push(host)
    return addresses
  }
  expect(await privateAddressOf(HOST, { resolve })).toBe(found)
  expect(asked).toEqual([HOST])
})

test('a name server that fails, or says nothing, keeps nobody', async () => {
  expect(await privateAddressOf(HOST, { resolve: fails })).toBeUndefined()
  expect(await privateAddressOf(HOST, { resolve: hangs, timeout: 20 })).toBeUndefined()
})

test('the machine itself is asked unless another way is given', async () => {
  expect(await privateAddressOf('10.1.2.3')).toBe('10.1.2.3')
  expect(await privateAddressOf('localhost')).toBeUndefined()
})
