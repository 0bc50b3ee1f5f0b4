import { createGunzip } from 'node:zlib'
import type { Readable } from 'node:stream'
import { CruddurError } from '../../errors.ts'
import type { HttpAnswer } from './http-client.ts'

/**
 * The whole body of an answer, unpacked.
 * @param limit the most bytes that it may have
 * @throws what a connection that is cut throws
 * @throws {CruddurError} `INDEX_ANSWER_INVALID` when it is larger
 */
export async function readBody({ url, headers, body }: HttpAnswer, limit: number): Promise<Buffer> {
  let stream: Readable = body
  if (headers['content-encoding'] === 'gzip') {
    const unpacked = createGunzip()
    // A stream does not pass its failure on.
    body.on('error', (error) => unpacked.destroy(error))
    body.on('aborted', () => unpacked.destroy(new Error('the connection was cut')))
    stream = body.pipe(unpacked)
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limit) {
      body.destroy()
      throw new CruddurError(`${url.host} sends more than ${limit} bytes where few are expected.`, {
        code: 'INDEX_ANSWER_INVALID',
        hint: 'Check the address of the index (PIP_INDEX_URL).',
        details: { host: url.host },
      })
    }
  }
  return Buffer.concat(chunks)
}
