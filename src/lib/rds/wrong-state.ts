import { isAwsError } from '../aws/errors.ts'

/** Whether AWS has refused a call because of the status, which may have changed since it was looked at. */
export function isWrongState(error: unknown): boolean {
  return isAwsError(error, 'InvalidDBInstanceState') || isAwsError(error, 'InvalidDBClusterState')
}
