import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { choosePort, firstPort, isPortFree } from '../../../src/lib/server/port.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { freePort } from '../../support/free-port.ts'
import { notesOf, serverProject, serverSql } from '../../support/server-project.ts'

async function occupy(port: number, host: string): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  onTestFinished(() => void server.close())
  return server
}

test('a port is free when nobody listens on it, on this address or on all', async () => {
  const port = await freePort()
  expect(await isPortFree(port)).toBe(true)
  const server = await occupy(port, '127.0.0.1')
  expect(await isPortFree(port)).toBe(false)
  await new Promise((resolve) => {
    server.close(resolve)
  })
  expect(await isPortFree(port)).toBe(true)
  await occupy(port, '0.0.0.0')
  expect(await isPortFree(port)).toBe(false)
})

test('the first port of a folder is always the same, below those of outgoing connections', () => {
  const ports = ['/a', '/b', '/c'].map(firstPort)
  expect(ports).toEqual(['/a', '/b', '/c'].map(firstPort))
  expect(new Set(ports).size).toBe(3)
  for (const port of ports) expect(port >= 20_000 && port < 30_000).toBe(true)
})

const free = async (port: number) => ![29_998, 29_999, 20_000].includes(port)

test('the wanted port is taken when it is free, else the next free one, round the range', async () => {
  expect(await choosePort(25_000, new Set(), free)).toBe(25_000)
  expect(await choosePort(29_998, new Set(), free)).toBe(20_001)
  expect(await choosePort(25_000, new Set([25_000, 25_001]), free)).toBe(25_002)
  expect(await choosePort(50_000, new Set([50_000]), free)).toBeGreaterThanOrEqual(20_000)
})

test('a server keeps its port', async () => {
  const project = await serverProject()
  const { port } = await project.start()
  await stopServer(project)
  expect(await project.start()).toMatchObject({ port, startedNow: true })
  expect(notesOf(project.events)).toEqual([])
})

test('when its port is taken, a server moves to another one, says so, and keeps that', async () => {
  const project = await serverProject()
  const { port } = await project.start()
  await stopServer(project)
  const squatter = await occupy(port, '127.0.0.1')
  const moved = await project.start()
  expect(moved.port).not.toBe(port)
  expect(await serverSql(moved, 'SHOW port')).toEqual([{ port: String(moved.port) }])
  expect(notesOf(project.events)).toEqual([
    `Port ${port} is taken by another program; the server listens on ${moved.port} from now on.`,
  ])
  await stopServer(project)
  squatter.close()
  expect(await project.start()).toMatchObject({ port: moved.port })
})
