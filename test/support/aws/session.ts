import type { AwsSession } from '../../../src/lib/aws/session.ts'

/** A session that asks an emulator, with credentials that it takes. */
export function testAwsSession({ url }: { url: string }): AwsSession {
  return {
    region: 'eu-central-1',
    regionSource: 'the test',
    profile: undefined,
    clientOptions: {
      region: 'eu-central-1',
      endpoint: url,
      credentials: () => Promise.resolve({ accessKeyId: 'testing', secretAccessKey: 'testing' }),
      maxAttempts: 4,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 10_000 },
    },
  }
}
