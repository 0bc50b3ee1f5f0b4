import { expect, test } from 'vitest'
import { connect } from '../../../../src/lib/postgres/connect.ts'
import { CruddurError } from '../../../../src/lib/errors.ts'
import {
  type Answer,
  answering,
  AUTHENTICATION_OK,
  authenticationRequest,
  fakeServer,
  READY,
} from '../../../support/fake-server.ts'
import { ScramServer } from '../../../support/scram-server.ts'

const OFFER = ScramServer.offer('SCRAM-SHA-256')
const ENTRANCE = Buffer.concat([AUTHENTICATION_OK, READY])
const WRONG_SIGNATURE = authenticationRequest(12, `v=${Buffer.alloc(32).toString('base64')}`)

type Answers = readonly Answer[]

/** The error that a server with these answers leads to; none of it may hold the password. */
async function failure(answers: Answers, parameters?: string): Promise<CruddurError> {
  const server = await fakeServer(answering(...answers))
  const error = await connect(server.target(parameters)).then(
    async (connection) => connection.close(),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CruddurError)) throw new Error(`was let in, or: ${String(error)}`)
  expect(JSON.stringify([error, error.message, error.hint])).not.toContain('the-password')
  return error
}

/** A server that knows the password, up to what it says in the end. */
function scram(last: Buffer | ((final: Buffer) => Buffer), iterations?: number): Answers {
  const server = new ScramServer('the-password', iterations)
  return [
    OFFER,
    (received) => server.challenge(received),
    (received) => {
      const final = server.finish(received)
      return typeof last === 'function' ? last(final) : last
    },
  ]
}

function continued(text: (nonce: string) => string): Answers {
  return [OFFER, (received) => authenticationRequest(11, text(ScramServer.clientNonce(received)))]
}

test('a server that knows the password is believed', async () => {
  const server = await fakeServer(answering(...scram((final) => Buffer.concat([final, ENTRANCE]))))
  const connection = await connect(server.target())
  expect(connection.transactionStatus).toBe('I')
  await connection.close()
})

test.each<[string, Answers, string]>([
  ['a nonce of its own', continued(() => 'r=other,s=c2FsdA==,i=4096'), 'a wrong nonce'],
  ['no nonce', continued(() => 's=c2FsdA==,i=4096'), 'a wrong nonce'],
  ['our nonce alone', continued((nonce) => `r=${nonce},s=c2FsdA==,i=4096`), 'a wrong nonce'],
  ['no salt', continued((nonce) => `r=${nonce}x,i=4096`), 'without a salt'],
  ['no iterations', continued((nonce) => `r=${nonce}x,s=c2FsdA==`), 'unreasonable number'],
  ['0 iterations', continued((nonce) => `r=${nonce}x,s=c2FsdA==,i=0`), 'unreasonable number'],
  ['-1 iterations', continued((nonce) => `r=${nonce}x,s=c2FsdA==,i=-1`), 'unreasonable number'],
  [
    '2147483647 iterations',
    continued((nonce) => `r=${nonce}x,s=c2FsdA==,i=2147483647`),
    'unreasonable number',
  ],
  ['1e99 iterations', continued((nonce) => `r=${nonce}x,s=c2FsdA==,i=1e99`), 'unreasonable number'],
  ['an empty challenge', continued(() => ''), 'a wrong nonce'],
])('a challenge with %s is not answered', async (_, answers, reason) => {
  const error = await failure(answers)
  expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', kind: 'unreachable' })
  expect(error.message).toContain(reason)
})

test.each<[string, Buffer | ((final: Buffer) => Buffer)]>([
  ['a wrong signature', WRONG_SIGNATURE],
  ['a wrong signature, and lets us in in the same breath', Buffer.concat([WRONG_SIGNATURE, ENTRANCE])],
  ['no signature', Buffer.concat([authenticationRequest(12, 'v='), ENTRANCE])],
  ['an error in its place', Buffer.concat([authenticationRequest(12, 'e=other-error'), ENTRANCE])],
  [
    'half a signature',
    (final) => Buffer.concat([authenticationRequest(12, final.subarray(9, 31)), ENTRANCE]),
  ],
])('a server that ends with %s is not believed', async (_, last) => {
  await expect(failure(scram(last))).resolves.toMatchObject({ kind: 'unreachable' })
})

test('the reason is that it could not prove anything', async () => {
  const error = await failure(scram(Buffer.concat([WRONG_SIGNATURE, ENTRANCE])))
  expect(error.message).toBe('The server could not prove that it knows the password.')
  expect(error.hint).toContain('verify-full')
})

test.each<[string, Answers]>([
  ['in place of its challenge', [OFFER, ENTRANCE]],
  ['together with its offer', [Buffer.concat([OFFER, ENTRANCE])]],
  ['in place of its signature', scram(ENTRANCE)],
])('a server that begins SCRAM and lets us in %s is not believed', async (_, answers) => {
  const error = await failure(answers)
  expect(error.message).toBe(
    'The server ended the SCRAM exchange without proving that it knows the password.',
  )
})

test.each<[string, Answers]>([
  ['a challenge without an offer', [authenticationRequest(11, 'r=x,s=c2FsdA==,i=1')]],
  ['a signature without a challenge', [OFFER, authenticationRequest(12, 'v=AAAA')]],
  ['a second offer', [OFFER, OFFER]],
  ['a second challenge', scram(authenticationRequest(11, 'r=x,s=c2FsdA==,i=1'))],
  ['a second signature', scram((final) => Buffer.concat([final, final, ENTRANCE]))],
  [
    'a request for the bare password after all',
    scram((final) => Buffer.concat([final, authenticationRequest(3)])),
  ],
  ['a request for the bare password instead of a challenge', [OFFER, authenticationRequest(3)]],
])('%s is out of order', async (_, answers) => {
  const error = await failure(answers)
  expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', kind: 'unreachable' })
  expect(error.message).toContain('does not keep to the order')
})

test('the bare password is not sent when SCRAM has begun', async () => {
  const received: string[] = []
  const server = await fakeServer((socket) => {
    const answers = [OFFER, authenticationRequest(3)]
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk.toString('latin1'))
      const answer = answers.shift()
      if (answer) socket.write(answer)
    })
  })
  await expect(connect(server.target())).rejects.toThrow('does not keep to the order')
  expect(received.join('')).not.toContain('the-password')
})

test.each<[string, Answers, string]>([
  ['Kerberos', [authenticationRequest(2)], 'request 2'],
  ['GSSAPI', [authenticationRequest(7)], 'request 7'],
  ['a method that nobody knows', [authenticationRequest(-1)], 'request -1'],
  ['SASL without SCRAM', [ScramServer.offer('OAUTHBEARER', 'SCRAM-SHA-1')], 'no SASL mechanism'],
  ['SASL without anything', [ScramServer.offer()], 'no SASL mechanism'],
  ['only channel binding, without TLS', [ScramServer.offer('SCRAM-SHA-256-PLUS')], 'no SASL mechanism'],
])('a server that asks for %s is told apart', async (_, answers, reason) => {
  const error = await failure(answers)
  expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', kind: 'unreachable' })
  expect(error.message).toContain(reason)
})

test.each<[string, Answers]>([
  ['lets us in without more', [ENTRANCE]],
  ['asks for the bare password', [authenticationRequest(3), ENTRANCE]],
  ['asks for a hash of it', [authenticationRequest(5, 'salt'), ENTRANCE]],
  ['offers SCRAM without channel binding', [OFFER]],
])('channel_binding=require: a server that %s is refused', async (_, answers) => {
  const error = await failure(answers, 'sslmode=disable&channel_binding=require')
  expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', kind: 'unreachable' })
  expect(error.message).toContain('channel_binding=require')
})
