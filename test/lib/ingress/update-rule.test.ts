import { describe, expect, test } from 'vitest'
import { testAwsSession } from '../../support/aws/session.ts'
import { OWNER, tagsOf, withRules, WRITES } from '../../support/aws/with-rules.ts'
import { failureOf } from '../../support/load.ts'

// What holds however the rule is found: dry runs, what is refused, and what goes wrong between us and AWS.

const group = withRules()

test('a dry run says what would be done and writes nothing', async () => {
  const ruleId = await group.addRule('9.9.9.9/32', tagsOf(OWNER, 'blue-fox-1'))
  const asked = await group.actionsOf(async () => {
    expect(await group.update({ dryRun: true })).toMatchObject({
      outcome: 'replaced',
      revoked: [ruleId],
      dryRun: true,
    })
    expect(await group.update({ dryRun: true, ruleId })).toMatchObject({ outcome: 'modified' })
  })
  expect(asked.filter((action) => WRITES.test(action))).toEqual([])
})

describe('what is refused before anything is asked', () => {
  test.each([
    ['0.0.0.0/0', 'CIDR_TOO_WIDE'],
    ['::/0', 'CIDR_TOO_WIDE'],
    ['5.6.7.8', 'INVALID_CIDR'],
    ['', 'INVALID_CIDR'],
  ])('%j', async (cidr, code) => {
    const asked = await group.actionsOf(async () => {
      expect(await failureOf(group.update({ cidr }))).toMatchObject({ code, kind: 'usage' })
    })
    expect(asked).toEqual([])
  })

  test('no group', async () => {
    expect(await failureOf(group.update({ groupId: undefined }))).toMatchObject({
      code: 'SECURITY_GROUP_UNKNOWN',
    })
  })
})

describe('failures', () => {
  test('a group that is not there', async () => {
    const error = await failureOf(group.update({ groupId: 'sg-00000000' }))
    expect(error).toMatchObject({ code: 'SECURITY_GROUP_NOT_FOUND' })
    expect(error.message).toContain('eu-central-1 (from the test)')
    const databaseRegion = 'us-west-2'
    const elsewhere = await failureOf(group.update({ groupId: 'sg-00000000', databaseRegion }))
    expect(elsewhere.hint).toContain('--region us-west-2')
  })

  test.each(['InvalidGroup.NotFound', 'InvalidGroupId.Malformed'])('%s', async (name) => {
    await group.emulator.fault({ action: 'DescribeSecurityGroupRules', error: name })
    expect(await failureOf(group.update())).toMatchObject({ code: 'SECURITY_GROUP_NOT_FOUND' })
  })

  test.each([
    ['ExpiredToken', 'AWS_LOGIN_EXPIRED', 'failed'],
    ['RequestExpired', 'AWS_CLOCK_SKEW', 'failed'],
    ['AuthFailure', 'AWS_CREDENTIALS_INVALID', 'failed'],
    ['UnauthorizedOperation', 'AWS_NOT_ALLOWED', 'failed'],
    ['SomethingNew', 'AWS_ERROR', 'failed'],
  ])('%s', async (name, code, kind) => {
    await group.emulator.fault({ action: 'DescribeSecurityGroupRules', error: name, status: 400, times: -1 })
    expect(await failureOf(group.update())).toMatchObject({ code, kind, details: { region: 'eu-central-1' } })
  })

  test('a missing permission comes with the smallest policy', async () => {
    await group.emulator.fault({
      action: 'AuthorizeSecurityGroupIngress',
      error: 'UnauthorizedOperation',
      status: 403,
    })
    const error = await failureOf(group.update())
    expect(error.message).toContain(`ec2:AuthorizeSecurityGroupIngress on ${group.id} in eu-central-1`)
    const policy = JSON.parse(error.context?.slice(error.context.indexOf('{')) ?? '') as object
    expect(policy).toMatchObject({
      Statement: [
        {
          Action: 'ec2:AuthorizeSecurityGroupIngress',
          Resource: `arn:aws:ec2:*:*:security-group/${group.id}`,
        },
      ],
    })
  })

  test('a limit on requests is waited out', async () => {
    await group.emulator.fault({
      action: 'DescribeSecurityGroupRules',
      error: 'RequestLimitExceeded',
      status: 503,
      times: 2,
    })
    expect(await group.update()).toMatchObject({ outcome: 'created' })
  })

  test('a limit on requests that does not end: how often it was tried', async () => {
    await group.emulator.fault({
      action: 'DescribeSecurityGroupRules',
      error: 'RequestLimitExceeded',
      status: 503,
      times: -1,
    })
    const error = await failureOf(group.update())
    expect(error).toMatchObject({ code: 'AWS_BUSY', kind: 'unreachable' })
    expect(error.message).toContain('AWS is limiting requests; tried 4 times')
  })

  test.each([
    ['RequestExpired', 14, '14 min slow'],
    ['SignatureDoesNotMatch', -20, '20 min fast'],
    ['AuthFailure', 14, '14 min slow'],
  ])('a clock that is wrong, told by %s: by how much', async (name, minutes, skew) => {
    const date = new Date(Date.now() + minutes * 60_000).toUTCString()
    await group.emulator.fault({
      action: 'DescribeSecurityGroupRules',
      error: name,
      times: -1,
      headers: { Date: date },
    })
    const error = await failureOf(group.update())
    expect(error).toMatchObject({ code: 'AWS_CLOCK_SKEW' })
    expect(error.message).toContain(`this machine's clock is wrong: it is ${skew}`)
    expect(error.hint).toContain('Set the clock')
  })

  test('connections that break are tried again', async () => {
    await group.emulator.fault({ action: 'DescribeSecurityGroupRules', drop: true, times: 2 })
    expect(await group.update()).toMatchObject({ outcome: 'created' })
  })

  test('nobody there', async () => {
    const aws = testAwsSession({ url: 'http://127.0.0.1:1' })
    expect(await failureOf(group.update({ aws }))).toMatchObject({
      code: 'AWS_UNREACHABLE',
      kind: 'unreachable',
    })
  })

  test('it takes too long', async () => {
    await group.emulator.fault({ action: 'DescribeSecurityGroupRules', delay: 5 })
    const error = await failureOf(group.update({ budget: 500 }))
    expect(error).toMatchObject({ code: 'AWS_UNREACHABLE', kind: 'unreachable' })
    expect(error.message).toContain('longer than 0.5 s')
  })

  test('the search for credentials takes too long', async () => {
    const aws = testAwsSession(group.emulator)
    aws.clientOptions.credentials = () => new Promise(() => undefined)
    expect(await failureOf(group.update({ aws, budget: 300 }))).toMatchObject({ code: 'AWS_UNREACHABLE' })
  })

  test('Ctrl-C', async () => {
    await group.emulator.fault({ action: 'DescribeSecurityGroupRules', delay: 5 })
    const abort = new AbortController()
    const failure = failureOf(group.update({ signal: abort.signal }))
    setTimeout(() => abort.abort(), 300)
    expect(await failure).toMatchObject({ kind: 'interrupted' })
  })
})
