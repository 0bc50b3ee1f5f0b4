import { databaseNameProblem, MASTER_USER_LENGTH, masterUserProblem } from './create-rules.ts'
import type { DatabaseKind } from '../database.ts'
import { IDENTIFIER_LENGTH } from './new-database.ts'

/** The identifier of a project's database: `my-app-db` of `my_app`. */
export function defaultIdentifier(project: string, kind: DatabaseKind): string {
  const ending = '-db'
  const name = project.replaceAll(/[^a-z0-9]+/g, '-').slice(0, IDENTIFIER_LENGTH[kind] - ending.length)
  return name.replace(/-*$/, ending)
}

/** The name of a project's master user: `my_approot` of `my_app`, and not what is kept by PostgreSQL. */
export function defaultMasterUser(project: string): string {
  const ending = 'root'
  const user = `${project.slice(0, MASTER_USER_LENGTH - ending.length)}${ending}`
  return masterUserProblem(user) === undefined ? user : `db${ending}`
}

/** The name of a project's database: the project's own, if PostgreSQL does not keep it. */
export function defaultDatabaseName(project: string): string {
  return databaseNameProblem(project) === undefined ? project : `${project}_db`
}
