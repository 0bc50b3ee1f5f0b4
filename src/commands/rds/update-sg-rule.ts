import { hostname } from 'node:os'
import { boolean, integer, string } from '@oclif/core/flags'
import { AwsCommand, awsFlags } from '../../lib/cli/aws-command.ts'
import { describeRuleUpdate } from '../../lib/cli/rule-text.ts'
import { findWorkspace } from '../../lib/config/workspace.ts'
import { chooseAddress } from '../../lib/ingress/choose-address.ts'
import { BUDGET, updateIngressRule, type UpdateRuleResult } from '../../lib/ingress/update-rule.ts'

export default class RdsUpdateSgRule extends AwsCommand {
  static override summary =
    "let this machine's public IP address in to the database, through one security group rule"
  static override description =
    'Made for the start of cloud workspaces, whose address changes: it writes nothing when nothing has changed, and touches no rule of others. With DB_SG_RULE_ID it modifies that rule in place; without, it keeps one rule per person and workspace, told by its tags.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --soft',
    '<%= config.bin %> <%= command.id %> --group sg-0123456789abcdef0 --prune',
    '<%= config.bin %> <%= command.id %> --ip 203.0.113.7 --dry-run',
  ]
  static override flags = {
    ...awsFlags,
    group: string({ description: 'the security group (DB_SG_ID)', helpValue: 'sg-…' }),
    rule: string({ description: 'the rule to modify in place (DB_SG_RULE_ID)', helpValue: 'sgr-…' }),
    ip: string({
      description: 'this address instead of the one found out (GITPOD_IP)',
      helpValue: '203.0.113.7',
    }),
    port: integer({ description: 'the port of the database', default: 5432, min: 1, max: 65535 }),
    workspace: string({ description: 'what tells this workspace from your others', helpValue: 'NAME' }),
    description: string({ description: 'the description of the rule', helpValue: 'TEXT' }),
    prune: boolean({ description: 'remove rules of yours that have not been used for 30 days' }),
    force: boolean({ description: "take over a rule that is somebody else's" }),
    soft: boolean({ description: 'for start scripts: a failure is one line of warning and exit code 0' }),
    'dry-run': boolean({ description: 'only say what would be done' }),
  }

  async run(): Promise<UpdateRuleResult> {
    const started = performance.now()
    const { flags } = await this.parse(RdsUpdateSgRule)
    const { settings } = this
    const aws = await this.awsSession(flags)
    const workspace = findWorkspace(settings.environment, hostname())
    const given = this.fromFlag(flags.ip, 'ip') ?? settings.find('GITPOD_IP')
    const { cidr, warnings } = await chooseAddress(given, { signal: this.signal })
    const result = await updateIngressRule({
      aws,
      groupId: flags.group ?? settings.find('DB_SG_ID')?.value,
      ruleId: flags.rule ?? settings.find('DB_SG_RULE_ID')?.value,
      cidr,
      port: flags.port,
      workspace: flags.workspace ?? workspace.name,
      description: flags.description ?? workspace.ruleName,
      force: flags.force,
      prune: flags.prune,
      dryRun: flags['dry-run'],
      budget: BUDGET - (performance.now() - started),
      signal: this.signal,
    })
    result.warnings.unshift(...warnings)
    for (const warning of result.warnings) this.note(warning)
    for (const line of describeRuleUpdate(result)) this.out(line)
    return result
  }
}
