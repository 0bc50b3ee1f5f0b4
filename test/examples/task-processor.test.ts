import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/lib/postgres/connect.ts'
import { query } from '../../src/lib/postgres/query.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { createDatabase, runSql, type TestDatabase } from '../support/database.ts'
import { containerUrl, startContainerPostgres } from '../support/layer/container-postgres.ts'
import { ExampleLayers, exampleFolder } from '../support/layer/example-layer.ts'
import { IMAGES_TIMEOUT, lambdaImages, requireDocker } from '../support/layer/images.ts'
import { type ExampleCall, invokeExample } from '../support/layer/invoke-example.ts'
import type { PostgresServer } from '../support/postgres-server.ts'

// The function in its runtime's image, with a layer that `cruddur layer build` has made, and a server that is real.

const FOLDER = exampleFolder('task-processor')
const SCHEMA = readFileSync(join(FOLDER, 'schema.sql'), 'utf8')
const EVENT = JSON.parse(readFileSync(join(FOLDER, 'event.json'), 'utf8')) as object
/** The task that `event.json` is about, and others. */
const TASK = '3f6d1f0a-52b7-4f0d-8a53-0c5de3f8a001'
const SECOND = '3f6d1f0a-52b7-4f0d-8a53-0c5de3f8a002'
const THIRD = '3f6d1f0a-52b7-4f0d-8a53-0c5de3f8a003'
const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const MESSAGE = '059f36b4-87a3-44ab-83d2-661975830a7d'

let server: PostgresServer
let layers: ExampleLayers
let database: TestDatabase

beforeAll(async () => {
  layers = new ExampleLayers()
  await lambdaImages('3.11', '3.13')
  server = await startContainerPostgres()
}, IMAGES_TIMEOUT)
afterAll(async () => {
  layers.remove()
  await server?.stop()
})
beforeEach(async ({ skip }) => {
  requireDocker(skip)
  database = await createDatabase(server.url)
  onTestFinished(() => database.drop())
  const tasks = [TASK, SECOND, THIRD].map((task) => `('${task}', 'Write to Ada')`)
  await runSql(database.url, `${SCHEMA}; INSERT INTO public.tasks (uuid, title) VALUES ${tasks.join(', ')}`)
})

interface Invocation extends Partial<ExampleCall> {
  skip: (reason: string) => void
}

async function invoke({ skip, ...call }: Invocation) {
  const layer = await layers.build(call.python ?? '3.13', 'x86_64', skip)
  return invokeExample({ folder: FOLDER, event: EVENT, layer, url: containerUrl(database.url), ...call })
}

/** An event with messages of the given bodies; their ids are `m1`, `m2` … */
const eventOf = (...bodies: string[]) => ({
  Records: bodies.map((body, index) => ({ messageId: `m${index + 1}`, body })),
})
const bodyOf = (task: unknown) => JSON.stringify({ task_uuid: task })

const completed = async (): Promise<(string | null | undefined)[]> =>
  (await runSql(database.url, "SELECT uuid FROM public.tasks WHERE status = 'completed' ORDER BY uuid")).map(
    ({ uuid }) => uuid,
  )
const completedAt = async () =>
  (await runSql(database.url, `SELECT completed_at FROM public.tasks WHERE uuid = '${TASK}'`))[0]

test.for(['3.13', '3.11'] as const)(
  'python %s: a task is completed, once',
  { timeout: 120_000 },
  async (python, { skip }) => {
    const first = await invoke({ python, skip })
    expect(first).toMatchObject({
      answer: { batchItemFailures: [] },
      log: `Message ${MESSAGE}: completed.\n`,
    })
    expect(await completed()).toEqual([TASK])
    const before = await completedAt()
    const again = await invoke({ python, skip })
    expect(again).toMatchObject({
      answer: { batchItemFailures: [] },
      log: `Message ${MESSAGE}: had been completed before.\n`,
    })
    expect(await completedAt()).toEqual(before)
  },
)

test('what fails with one message leaves the others done, and only it is delivered again', async ({
  skip,
}) => {
  const wrong = [
    bodyOf(UNKNOWN),
    'no JSON, and a secret',
    bodyOf("1'; DROP TABLE public.tasks; --"),
    bodyOf(7),
    bodyOf(null),
    bodyOf([]),
    '"a text"',
    '[]',
    'null',
    '{}',
    '',
    '['.repeat(200_000),
  ]
  const { answer, log } = await invoke({ skip, event: eventOf(bodyOf(TASK), ...wrong, bodyOf(SECOND)) })
  const failed = wrong.map((_, index) => ({ itemIdentifier: `m${index + 2}` }))
  expect(answer).toEqual({ batchItemFailures: failed })
  expect(await completed()).toEqual([TASK, SECOND])
  const lines = log.trimEnd().split('\n')
  expect(lines).toHaveLength(wrong.length + 2)
  expect(lines[0]).toBe('Message m1: completed.')
  expect(lines[1]).toBe('Message m2 failed: There is no such task.')
  for (const line of lines.slice(2, -1))
    expect(line).toMatch(/^Message m\d+ failed: The message is not of the form \{"task_uuid": "…"\}\.$/)
  expect(lines.at(-1)).toBe('Message m14: completed.')
})

test('a message that is in a batch twice is done once', async ({ skip }) => {
  const { answer, log } = await invoke({ skip, event: eventOf(bodyOf(TASK), bodyOf(TASK.toUpperCase())) })
  expect(answer).toEqual({ batchItemFailures: [] })
  expect(log).toBe('Message m1: completed.\nMessage m2: had been completed before.\n')
})

test('what the database refuses is rolled back, and the log does not repeat its words', async ({ skip }) => {
  await runSql(
    database.url,
    `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       INSERT INTO public.tasks (uuid, title) VALUES ('${UNKNOWN}', 'left over');
       RAISE EXCEPTION 'Ada Lovelace, ada@cruddur.example' USING ERRCODE = 'integrity_constraint_violation';
     END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON public.tasks FOR EACH ROW WHEN (OLD.uuid = '${SECOND}')
       EXECUTE PROCEDURE public.refuse()`,
  )
  const { answer, log } = await invoke({
    skip,
    event: eventOf(bodyOf(TASK), bodyOf(SECOND), bodyOf(THIRD)),
  })
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] })
  expect(await completed()).toEqual([TASK, THIRD])
  expect(await runSql(database.url, 'SELECT count(*) FROM public.tasks')).toEqual([{ count: '3' }])
  expect(log).toBe(
    'Message m1: completed.\nMessage m2 failed: IntegrityConstraintViolation 23000\nMessage m3: completed.\n',
  )
})

test('two deliveries at the same time: the second waits, and finds it done', async ({ skip }) => {
  const first = await connect(parseConnectionUrl(database.url))
  try {
    await query(first, 'BEGIN')
    await query(
      first,
      `UPDATE public.tasks SET status = 'completed', completed_at = 'epoch' WHERE uuid = '${TASK}'`,
    )
    const second = invoke({ skip })
    await expect
      .poll(
        () => runSql(database.url, "SELECT 1 AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
        { timeout: 30_000, interval: 100 },
      )
      .toEqual([{ waits: '1' }])
    await query(first, 'COMMIT')
    expect(await second).toMatchObject({
      answer: { batchItemFailures: [] },
      log: `Message ${MESSAGE}: had been completed before.\n`,
    })
    expect(
      await runSql(database.url, "SELECT 1 AS one FROM public.tasks WHERE completed_at = 'epoch'"),
    ).toEqual([{ one: '1' }])
  } finally {
    await first.close()
  }
})

test('when the connection breaks, what was not done is delivered again', async ({ skip }) => {
  await runSql(
    database.url,
    `CREATE FUNCTION public.break() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
     CREATE TRIGGER break BEFORE UPDATE ON public.tasks FOR EACH ROW WHEN (OLD.uuid = '${SECOND}')
       EXECUTE PROCEDURE public.break()`,
  )
  const { answer, told } = await invoke({
    skip,
    event: eventOf(bodyOf(TASK), bodyOf(SECOND), bodyOf(THIRD)),
  })
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }] })
  expect(await completed()).toEqual([TASK])
  expect(told).not.toMatch(/host\.docker|scratch-password|172\./)
})

test('without a database all of the batch is delivered again: that is an error', async ({ skip }) => {
  const missing = await invoke({ skip, url: undefined })
  expect(missing.error).toEqual({
    type: 'DatabaseFailure',
    message: 'The environment variable CONNECTION_URL is not set.',
  })
  const url = containerUrl(database.url).replace(/:[^:@]*@/, ':very-secret@')
  const refused = await invoke({ skip, url })
  expect(refused.error?.message).toBe('Cannot connect: FATAL:  password authentication failed for user "…"')
  expect(refused.told).not.toMatch(/very-secret|host\.docker|postgres:/)
  expect(await completed()).toEqual([])
})
