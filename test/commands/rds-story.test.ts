import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { fromTags } from '../../src/lib/aws/tags.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import type { Call } from '../support/aws/emulator.ts'
import { Holdings } from '../support/aws/holdings.ts'
import { KeepProbe, writes } from '../support/aws/keep.ts'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import { cruddur, makeProject, type TestProjectFolder } from '../support/cli.ts'

// A database from nothing to its end, as somebody types it day by day: what each command needs to know of it stands in .env.

const ID = 'my-app-db'
const HOST = `${ID}.aaaaaaaaaa.eu-central-1.rds.amazonaws.com`
const ARN = `arn:aws:rds:eu-central-1:123456789012:db:${ID}`
const SCHEDULE = `cruddur-keep-${ID}`
const ROLE = `cruddur-keep-eu-central-1-${ID}`
const OURS = 'PROD_CONNECTION_URL'

/** What others have in .env: none of it may ever be touched. */
const OTHERS = `# of the workspace
export GREETING='it is # no comment'
CONNECTION_URL=postgres://app@localhost/app # the local one

MULTI="one
two"
`

const emulator = withEmulator()
let holdings: Holdings
let keep: KeepProbe
let project: TestProjectFolder
let group: string

beforeAll(() => {
  holdings = new Holdings(emulator)
  keep = new KeepProbe(emulator)
})
afterAll(() => {
  holdings?.close()
  keep?.close()
})

beforeEach(async () => {
  group = await makeSecurityGroup(emulator)
  project = makeProject({ 'package.json': '{"name":"my-app"}', '.env': OTHERS })
  chmodSync(join(project.path, '.env'), 0o644)
  onTestFinished(() => project.remove())
})

interface Step {
  stdout: string
  stderr: string
  /** What was asked of AWS. */
  calls: Call[]
}

/** Types a command, which must succeed. */
async function step(...words: readonly string[]): Promise<Step> {
  const before = (await emulator.calls()).length
  const { code, stdout, stderr } = await cruddur(['rds', ...words], {
    directory: project.path,
    env: { ...emulator.environment, GITPOD_IP: '5.6.7.8', GITPOD_WORKSPACE_ID: 'blue-fox-1' },
  })
  expect(code, `${words.join(' ')}: ${stderr}`).toBe(0)
  return { stdout, stderr, calls: (await emulator.calls()).slice(before) }
}

/** The URL in .env, which nobody else may read, and which holds all that it held before, and nothing else that is ours. */
function urlInEnv(): string {
  const path = join(project.path, '.env')
  const text = readFileSync(path, 'utf8')
  expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
  expect(text.replace(new RegExp(`^${OURS}=.*\n`, 'm'), '')).toBe(OTHERS)
  expect(Object.keys(parseEnv(text)).toSorted()).toEqual(['CONNECTION_URL', 'GREETING', 'MULTI', OURS])
  return parseEnv(text)[OURS] ?? ''
}

const passwordIn = (url: string) => parseConnectionUrl(url).password ?? ''
const masked = (url: string) => url.replace(`:${passwordIn(url)}@`, ':********@')

/** The passwords that AWS was given. */
const sent = (calls: readonly Call[]) => calls.flatMap(({ params }) => params['MasterUserPassword'] ?? [])

const status = async () => (await holdings.instances()).map((one) => one.DBInstanceStatus)

test('create, status, update-sg-rule, url, stop --keep, start, reset-password, delete', async () => {
  const created = await step('create', '--group', group, '--yes')
  const url = urlInEnv()
  expect(url).toBe(`postgres://my_approot:${passwordIn(url)}@${HOST}:5432/my_app?sslmode=verify-full`)
  expect(passwordIn(url)).toHaveLength(32)
  expect(sent(created.calls)).toEqual([passwordIn(url)])
  expect(created.stdout).toContain(`\n${masked(url)}\n`)
  const [made, ...noMore] = await holdings.instances()
  expect(noMore).toEqual([])
  expect(made).toMatchObject({
    DBInstanceIdentifier: ID,
    DBInstanceStatus: 'available',
    DBInstanceClass: 'db.t4g.micro',
    Engine: 'postgres',
    AllocatedStorage: 20,
    StorageType: 'gp3',
    StorageEncrypted: true,
    PubliclyAccessible: true,
    CopyTagsToSnapshot: true,
    DeletionProtection: false,
    DBName: 'my_app',
    MasterUsername: 'my_approot',
    VpcSecurityGroups: [{ VpcSecurityGroupId: group, Status: 'active' }],
  })
  const tags = {
    'cruddur:project': 'my_app',
    'cruddur:owner': 'moto',
    'cruddur:created-by': 'cruddur',
    'cruddur:request': expect.stringMatching(/^[0-9a-f]{12}$/) as string,
  }
  expect(fromTags(made?.TagList)).toEqual(tags)

  const seen = await step('status')
  expect(writes(seen.calls)).toEqual([])
  expect(seen.stdout).toMatch(/^status +available$/m)
  expect(seen.stdout).toContain('Nobody may connect to port 5432')
  expect(urlInEnv()).toBe(url)

  const letIn = await step('update-sg-rule')
  expect(letIn.stdout).toMatch(/^Created: 5\.6\.7\.8\/32 on port 5432 by sgr-\w+ of sg-\w+\.\n$/)
  const rules = await holdings.rules(group)
  expect(rules).toHaveLength(1)
  expect(rules[0]).toMatchObject({ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, CidrIpv4: '5.6.7.8/32' })
  expect(rules[0]?.Description).toBe('GITPOD')
  expect(fromTags(rules[0]?.Tags)).toEqual({
    'cruddur:owner': 'moto',
    'cruddur:workspace': 'blue-fox-1',
    'cruddur:expires': expect.stringMatching(/^20\d\d-.*Z$/) as string,
  })
  expect((await step('status')).stdout).toMatch(/^5\.6\.7\.8\/32 +5432 +moto +blue-fox-1 /m)

  const again = await step('update-sg-rule')
  expect(again.stdout).toMatch(/^Unchanged: 5\.6\.7\.8\/32 /)
  expect(again.calls.map(({ action }) => action)).toEqual([
    'DescribeDBInstances',
    'DescribeSecurityGroupRules',
  ])
  expect(await holdings.rules(group)).toEqual(rules)
  expect(urlInEnv()).toBe(url)

  expect(await step('url')).toMatchObject({ stdout: `${masked(url)}\n`, stderr: '' })
  expect(await step('url', '--reveal')).toMatchObject({ stdout: `${url}\n`, stderr: '' })
  expect(urlInEnv()).toBe(url)

  expect((await step('stop', '--keep')).stdout).toMatch(/^my-app-db is stopped now\.\n/)
  expect(await status()).toEqual(['stopped'])
  expect((await keep.schedule(SCHEDULE)).State).toBe('ENABLED')
  const { policies } = await keep.role(ROLE)
  expect(Object.values(policies)).toEqual([
    expect.objectContaining({
      Statement: [expect.objectContaining({ Action: 'rds:StopDBInstance', Resource: ARN })],
    }),
  ])
  expect(await keep.tags(ARN)).toEqual({ ...tags, 'cruddur:keep-stopped': 'true' })
  expect(urlInEnv()).toBe(url)

  const started = await step('start')
  expect(started.stdout).toMatch(/^my-app-db is available now\.\n/)
  // Were it the other way round, the schedule could stop what has just been started.
  expect(writes(started.calls)).toEqual([`PUT /schedules/${SCHEDULE}`, 'StartDBInstance'])
  expect(await status()).toEqual(['available'])
  expect((await keep.schedule(SCHEDULE)).State).toBe('DISABLED')
  expect(urlInEnv()).toBe(url)

  const reset = await step('reset-password', '--confirm', ID)
  const newUrl = urlInEnv()
  expect(passwordIn(newUrl)).toHaveLength(32)
  expect(passwordIn(newUrl)).not.toBe(passwordIn(url))
  expect(newUrl).toBe(url.replace(passwordIn(url), passwordIn(newUrl)))
  expect(sent(reset.calls)).toEqual([passwordIn(newUrl)])
  expect((await step('url', '--reveal')).stdout).toBe(`${newUrl}\n`)

  const deleted = await step('delete', '--confirm', ID, '--forget')
  expect(await holdings.instances()).toEqual([])
  const [snapshot, ...others] = await holdings.snapshots()
  expect(others).toEqual([])
  expect(snapshot).toMatchObject({
    DBSnapshotIdentifier: expect.stringMatching(/^my-app-db-final-\d{8}-\d{6}$/) as string,
    DBInstanceIdentifier: ID,
    Status: 'available',
  })
  expect(deleted.stdout).toContain(`cruddur rds restore ${snapshot?.DBSnapshotIdentifier} brings it back`)
  expect(fromTags(snapshot?.TagList)).toMatchObject({ ...tags, 'cruddur:security-groups': group })
  expect(await keep.scheduleNames()).toEqual([])
  expect(await keep.roleNames()).toEqual([])
  // The group is somebody else's, and what it lets in may be meant for others behind it.
  expect(await holdings.rules(group)).toEqual(rules)
  expect(readFileSync(join(project.path, '.env'), 'utf8')).toBe(OTHERS)
}, 120_000)
