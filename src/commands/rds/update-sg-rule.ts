import { hostname } from 'node:os'
import { boolean, integer, string } from '@oclif/core/flags'
import { awsFlags } from '../../lib/cli/aws-command.ts'
import { InstanceCommand, instanceArgs } from '../../lib/cli/instance-command.ts'
import { describeRuleUpdate } from '../../lib/cli/rule-text.ts'
import { findWorkspace } from '../../lib/config/workspace.ts'
import { requireAwsId } from '../../lib/ingress/aws-ids.ts'
import { letMachineIn, type NoRuleNeeded } from '../../lib/rds/let-machine-in.ts'
import { meantByUrl } from '../../lib/rds/login/meant-by-url.ts'
import type { UpdateRuleResult } from '../../lib/ingress/update-rule.ts'
import { parseConnectionUrl, type Target } from '../../lib/target/connection-url.ts'

export default class RdsUpdateSgRule extends InstanceCommand {
  static override summary =
    "let this machine's public IP address in to the database, through one security group rule"
  static override description =
    'Made for the start of cloud workspaces, whose address changes: it writes nothing when nothing has changed, and touches no rule of others. With DB_SG_RULE_ID it modifies that rule in place; without, it keeps one rule per person and workspace, told by its tags, in DB_SG_ID or else in the group of the database.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --soft',
    '<%= config.bin %> <%= command.id %> cruddur-db --prune --probe',
    '<%= config.bin %> <%= command.id %> --group sg-0123456789abcdef0 --ip 203.0.113.7 --dry-run',
  ]
  static override args = instanceArgs
  static override flags = {
    ...awsFlags,
    group: string({ description: 'the security group (DB_SG_ID)', helpValue: 'sg-…' }),
    rule: string({ description: 'the rule to modify in place (DB_SG_RULE_ID)', helpValue: 'sgr-…' }),
    ip: string({
      description: 'this address instead of the one found out (GITPOD_IP)',
      helpValue: '203.0.113.7',
      exclusive: ['cidr'],
    }),
    cidr: string({
      description: 'a range instead of one address, for a day: /24 at most, /64 for IPv6',
      helpValue: '203.0.113.0/24',
    }),
    // The ports that RDS offers (API reference, CreateDBInstance): SSH and the like are not among them.
    port: integer({ description: "the port, if it is not the database's own", min: 1150, max: 65535 }),
    workspace: string({ description: 'what tells this workspace from your others', helpValue: 'NAME' }),
    description: string({ description: 'the description of the rule', helpValue: 'TEXT' }),
    prune: boolean({ description: 'remove rules of yours that have not been used for 30 days' }),
    probe: boolean({ description: 'try a connection at the end' }),
    force: boolean({ description: "take over somebody else's rule, or one that does not fit the database" }),
    soft: boolean({ description: 'for start scripts: a failure is one line of warning and exit code 0' }),
    'dry-run': boolean({ description: 'only say what would be done' }),
  }

  async run(): Promise<UpdateRuleResult | NoRuleNeeded> {
    const { args, flags } = await this.parse(RdsUpdateSgRule)
    const { settings } = this
    const groupId = requireAwsId('group', this.fromFlag(flags.group, 'group') ?? settings.find('DB_SG_ID'))
    const ruleId = requireAwsId('rule', this.fromFlag(flags.rule, 'rule') ?? settings.find('DB_SG_RULE_ID'))
    const workspace = findWorkspace(settings.environment, hostname())
    const result = await letMachineIn({
      ...flags,
      ...meantByUrl(args.instance && this.instanceId(args.instance), this.#production(groupId ?? ruleId)),
      aws: await this.awsSession(flags),
      groupId,
      ruleId,
      ip: this.fromFlag(flags.ip, 'ip') ?? settings.find('GITPOD_IP'),
      range: this.fromFlag(flags.cidr, 'cidr'),
      workspace: flags.workspace ?? workspace.name,
      description: flags.description ?? workspace.ruleName,
      dryRun: flags['dry-run'],
      signal: this.signal,
    })
    for (const warning of result.warnings) this.note(warning)
    for (const line of describeRuleUpdate(result)) this.out(line)
    return result
  }

  /** A URL that makes no sense matters only where nothing else tells which group is meant. */
  #production(known: string | undefined): Target | undefined {
    const { prodConnectionUrl: url, systemUser } = this.settings
    try {
      return url && parseConnectionUrl(url.value, systemUser)
    } catch (error) {
      if (known === undefined) throw error
      return undefined
    }
  }
}
