import { expect, test } from 'vitest'
import { CruddurError } from '../../../src/lib/errors.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import {
  describeFacts,
  requireConfirmation,
  type Confirmation,
  type GuardQuestion,
} from '../../../src/lib/target/guard.ts'

const TARGET = parseConnectionUrl('postgres://me:the-password@db.example.com/app')

const QUESTION: GuardQuestion = {
  action: 'drop',
  reason: 'it was asked for as prod',
  facts: {
    host: 'db.example.com',
    port: 5432,
    serverAddress: '10.0.0.7',
    database: 'app',
    owner: 'me',
    bytes: 12_345_678,
    sessions: 3,
  },
}

async function refusal(confirmation: Confirmation): Promise<CruddurError> {
  const error = await requireConfirmation(QUESTION, confirmation, TARGET).catch((thrown: unknown) => thrown)
  if (error instanceof CruddurError) return error
  throw new Error('was not refused')
}

test('the name of the database lets the action pass', async () => {
  await expect(requireConfirmation(QUESTION, 'app', TARGET)).resolves.toBeUndefined()
})

test('a function is asked with everything that a person must see', async () => {
  const asked: GuardQuestion[] = []
  const answer = async (question: GuardQuestion) => {
    asked.push(question)
    return 'app'
  }
  await requireConfirmation(QUESTION, answer, TARGET)
  expect(asked).toEqual([QUESTION])
})

test.each<[string, Confirmation]>([
  ['another name', 'App'],
  ['the name with a blank', 'app '],
  ['the beginning of the name', 'ap'],
  ['yes', 'yes'],
  ['a function with another name', async () => 'other'],
])('%s is refused as a wrong name', async (_, confirmation) => {
  const error = await refusal(confirmation)
  expect(error).toMatchObject({ code: 'NOT_CONFIRMED', kind: 'refused' })
  expect(error.message).toContain('is not the name of the protected database; nothing was done.')
})

test.each<[string, Confirmation]>([
  ['nothing', undefined],
  ['an empty text', ''],
  ['a function without an answer', async () => undefined],
])('%s is refused as not confirmed', async (_, confirmation) => {
  const error = await refusal(confirmation)
  expect(error).toMatchObject({ code: 'NOT_CONFIRMED', kind: 'refused' })
  expect(error.message).toBe('"drop" on the protected database "app" was not confirmed; nothing was done.')
})

test('a function that fails lets nothing pass', async () => {
  const gone = new Error('the terminal is gone')
  await expect(requireConfirmation(QUESTION, () => Promise.reject(gone), TARGET)).rejects.toThrow(
    'the terminal is gone',
  )
})

test('the refusal says what would be hit and how to confirm, without the password', async () => {
  const error = await refusal(undefined)
  expect(error.hint).toBe('If you mean postgres://me@db.example.com:5432/app, add --confirm app')
  expect(error.context).toBe(describeFacts(QUESTION).join('\n'))
  expect(error.details).toEqual({ action: 'drop', reason: QUESTION.reason, ...QUESTION.facts })
  expect(JSON.stringify([error, error.message])).not.toContain('the-password')
})

test('the facts name the address that really answers', () => {
  expect(describeFacts(QUESTION)).toEqual([
    "host      db.example.com:5432 (the server's own address: 10.0.0.7)",
    'database  app, owned by me',
    'size      12,345,678 bytes',
    'sessions  3',
    'protected because it was asked for as prod',
  ])
})

test('what is not known is said to be so', () => {
  const facts = { ...QUESTION.facts, serverAddress: undefined, owner: undefined, bytes: undefined }
  expect(describeFacts({ ...QUESTION, facts }).slice(0, 3)).toEqual([
    'host      db.example.com:5432',
    'database  app',
    'size      not known to this user',
  ])
})
