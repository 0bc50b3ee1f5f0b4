import { randomBytes } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { runSql } from './database.ts'

/** A role of one test. */
export interface TestRole {
  name: string
  password: string
  /** The URL with this role's name and password in it. */
  urlOf(url: string): string
}

/**
 * Creates a role that may log in; it is dropped when the test is over, and must own nothing by then.
 * @param attributes e.g. `CREATEDB`
 */
export async function createRole(
  attributes = '',
  serverUrl: string = inject('serverUrl'),
): Promise<TestRole> {
  const name = `role_${randomBytes(6).toString('hex')}`
  const password = randomBytes(6).toString('hex')
  await runSql(serverUrl, `CREATE ROLE ${name} LOGIN PASSWORD '${password}' ${attributes}`)
  onTestFinished(async () => {
    await runSql(serverUrl, `DROP OWNED BY ${name}`)
    await runSql(serverUrl, `DROP ROLE ${name}`)
  })
  return {
    name,
    password,
    urlOf(url) {
      const changed = new URL(url)
      changed.username = name
      changed.password = password
      return changed.href
    },
  }
}
