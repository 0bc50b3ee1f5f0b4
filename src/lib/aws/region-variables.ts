/** Where a region is looked for, in this order. The SDK leaves out the second, which the AWS CLI's users have set. */
export const REGION_VARIABLES = ['AWS_REGION', 'AWS_DEFAULT_REGION'] as const
