import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { isAwsError } from '../../aws/errors.ts'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { type KeepPlan, POLICY_NAME } from './plan.ts'

/** The roles that schedules have. Loads the SDK: to be imported when it is needed. */
export class Roles extends ServiceClient<IAMClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('iam', new IAMClient(aws.clientOptions), aws, signal)
  }

  /** Who may take the role on, taken out of its JSON; `undefined` when there is no role. */
  async trustPolicy(plan: KeepPlan): Promise<unknown> {
    const found = await unlessMissing(
      this.#call('GetRole', plan, (client, sending) =>
        client.send(new GetRoleCommand({ RoleName: plan.role }), sending),
      ),
    )
    return found && parse(found.Role?.AssumeRolePolicyDocument)
  }

  /** What the role may do, taken out of its JSON; `undefined` when there is no role, or no such policy. */
  async policy(plan: KeepPlan): Promise<unknown> {
    const command = new GetRolePolicyCommand({ RoleName: plan.role, PolicyName: POLICY_NAME })
    const found = await unlessMissing(
      this.#call('GetRolePolicy', plan, (client, sending) => client.send(command, sending)),
    )
    return found && parse(found.PolicyDocument)
  }

  /** Makes the role, which may do nothing yet. */
  async create({ role, trustPolicy, description, ...plan }: KeepPlan): Promise<void> {
    const command = new CreateRoleCommand({
      RoleName: role,
      Description: description,
      AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
    })
    await this.#call('CreateRole', { role, ...plan }, (client, sending) => client.send(command, sending))
  }

  /** Replaces who may take the role on. */
  async setTrustPolicy(plan: KeepPlan): Promise<void> {
    const command = new UpdateAssumeRolePolicyCommand({
      RoleName: plan.role,
      PolicyDocument: JSON.stringify(plan.trustPolicy),
    })
    await this.#call('UpdateAssumeRolePolicy', plan, (client, sending) => client.send(command, sending))
  }

  /** Makes or replaces what the role may do. */
  async setPolicy(plan: KeepPlan): Promise<void> {
    const command = new PutRolePolicyCommand({
      RoleName: plan.role,
      PolicyName: POLICY_NAME,
      PolicyDocument: JSON.stringify(plan.policy),
    })
    await this.#call('PutRolePolicy', plan, (client, sending) => client.send(command, sending))
  }

  /** Removes what the role may do; it may be gone already. */
  async removePolicy(plan: KeepPlan): Promise<void> {
    const command = new DeleteRolePolicyCommand({ RoleName: plan.role, PolicyName: POLICY_NAME })
    await unlessMissing(
      this.#call('DeleteRolePolicy', plan, (client, sending) => client.send(command, sending)),
    )
  }

  /** Removes the role, which must have no policy; it may be gone already. */
  async remove(plan: KeepPlan): Promise<void> {
    const command = new DeleteRoleCommand({ RoleName: plan.role })
    await unlessMissing(this.#call('DeleteRole', plan, (client, sending) => client.send(command, sending)))
  }

  #call<T>(
    action: string,
    { role, roleArn }: Pick<KeepPlan, 'role' | 'roleArn'>,
    work: (client: IAMClient, sending: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    return this.call(action, role, roleArn, work)
  }
}

/** What IAM answers; `undefined` when the role or its policy is not there. */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntity')) return undefined
    throw error
  }
}

/** IAM gives policies as they stand in URLs. One that cannot be read is one that somebody else wrote. */
function parse(policy = ''): unknown {
  try {
    return JSON.parse(decodeURIComponent(policy))
  } catch {
    return policy
  }
}
