import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = new URL('../..', import.meta.url).pathname

/** Runs a module that imports the package by its name, as its users do. */
async function run(source: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', source],
    { cwd: ROOT },
  )
  expect(stderr).toBe('')
  return stdout
}

test('importing the library has no side effects: it prints nothing and keeps nothing alive', async () => {
  expect(await run("await import('cruddur')")).toBe('')
})

test('it exports the verbs', async () => {
  const names = JSON.parse(
    await run("console.log(JSON.stringify(Object.keys(await import('cruddur'))))"),
  ) as string[]
  expect(names.toSorted()).toMatchInlineSnapshot(`
    [
      "CruddurError",
      "FINDING_KINDS",
      "InterruptedError",
      "Redactor",
      "ScriptError",
      "ServerError",
      "StatementError",
      "UsageError",
      "attachLayer",
      "blockingTree",
      "buildLayer",
      "checkCreateInput",
      "createDatabase",
      "createInstance",
      "createPool",
      "createSnapshot",
      "databaseStatus",
      "databaseUrl",
      "deleteDatabase",
      "displayUrl",
      "dropDatabase",
      "embeddedTarget",
      "envUrlFile",
      "estimateCost",
      "fetchPublishedLayer",
      "findPsql",
      "findPublicIp",
      "finding",
      "instanceStatus",
      "killSessions",
      "layerSnippet",
      "letMachineIn",
      "listDatabases",
      "listLayers",
      "listSessions",
      "listSnapshots",
      "loadScript",
      "openAwsSession",
      "packageFunction",
      "parseConnectionUrl",
      "publishLayer",
      "resetPassword",
      "restoreSnapshot",
      "runPsql",
      "runStatements",
      "serverLog",
      "serverStatus",
      "setupDatabase",
      "startInstance",
      "startPrompt",
      "startServer",
      "stopInstance",
      "stopServer",
      "testImports",
      "updateIngressRule",
      "verifyBeforePublishing",
      "verifyLayer",
    ]
  `)
})
