import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connect } from '../../../../src/lib/postgres/connect.ts'
import { answering, AUTHENTICATION_OK, fakeServer, READY } from '../../../support/fake-server.ts'

const ENTRANCE = Buffer.concat([AUTHENTICATION_OK, READY])

test.each(['S', 'N'])(
  'text behind the answer %s to the question for TLS is refused (CVE-2021-23222)',
  async (answer) => {
    const server = await fakeServer(answering(Buffer.concat([Buffer.from(answer), ENTRANCE])))
    for (const mode of ['prefer', 'require'])
      await expect(connect(server.target(`sslmode=${mode}`))).rejects.toMatchObject({ code: 'NOT_POSTGRES' })
  },
)

test('text that comes a little later, before TLS, does not get in either', async () => {
  const server = await fakeServer((socket) => {
    socket.once('data', () => {
      socket.write('S')
      socket.once('data', () => socket.write(ENTRANCE))
    })
  })
  await expect(connect(server.target('sslmode=require'))).rejects.toMatchObject({ code: 'TLS_FAILED' })
})

test.each(['x', 'E', 'SS', '\0'])('any other answer (%j) is not that of PostgreSQL', async (answer) => {
  const server = await fakeServer(answering(answer))
  await expect(connect(server.target('sslmode=require'))).rejects.toMatchObject({ code: 'NOT_POSTGRES' })
})

test('a server that closes in the middle of the handshake is said to', async () => {
  const server = await fakeServer((socket) => {
    socket.once('data', () => {
      socket.write('S')
      socket.once('data', () => socket.destroy())
    })
  })
  await expect(connect(server.target('sslmode=require'))).rejects.toMatchObject({ kind: 'unreachable' })
})

test('a server that breaks off between its answer and the handshake does not end the program', async () => {
  const server = await fakeServer((socket) => {
    socket.once('data', () => socket.write('S', () => socket.resetAndDestroy()))
  })
  for (let round = 0; round < 20; round++)
    await expect(connect(server.target('sslmode=require'))).rejects.toMatchObject({ kind: 'unreachable' })
  await pause(50)
})
