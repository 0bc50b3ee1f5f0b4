import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { callerName } from '../../../src/lib/aws/caller.ts'
import { instanceStatus } from '../../../src/lib/rds/status/instance-status.ts'
import { testAwsSession } from '../../support/aws/session.ts'

/** A session with somebody on loopback who is not AWS. */
async function sessionWith(answer: RequestListener) {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => answer(request, response))
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return testAwsSession({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

const PAGE = '<html><body>Log in to the network \u001b[31m</body></html>'

test.each<[string, number, Record<string, string>, string]>([
  ['a captive portal', 200, { 'content-type': 'text/html' }, 'HTTP 200, text/html'],
  ['nothing', 200, {}, 'HTTP 200'],
  ['a redirect', 302, { location: 'http://127.0.0.1:1/' }, 'HTTP 302'],
  ['a proxy that refuses', 403, { 'content-type': 'text/html; \u009b31m' }, 'HTTP 403, text/html'],
])('%s is not taken for an answer of AWS', async (_, status, headers, said) => {
  const aws = await sessionWith((_request, response) => response.writeHead(status, headers).end(PAGE))
  const failure = {
    code: 'AWS_UNREACHABLE',
    kind: 'unreachable',
    message: expect.stringContaining(`(${said})`),
  }
  await expect(instanceStatus({ aws, id: 'cruddur-db' })).rejects.toMatchObject(failure)
  await expect(callerName(aws)).rejects.toMatchObject(failure)
})

test('an answer of AWS without what was asked for is none either', async () => {
  const aws = await sessionWith((_request, response) =>
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end('<DescribeDBInstancesResponse><DescribeDBInstancesResult/></DescribeDBInstancesResponse>'),
  )
  await expect(instanceStatus({ aws, id: 'cruddur-db' })).rejects.toMatchObject({ code: 'AWS_ERROR' })
})
