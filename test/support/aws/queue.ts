import type { AwsEmulator } from './emulator.ts'

/** A queue of SQS. It is spoken to directly: the project needs no client of SQS but for this. */
export class TestQueue {
  readonly arn: string
  readonly #emulator: AwsEmulator
  readonly #url: string

  private constructor(emulator: AwsEmulator, url: string, arn: string) {
    this.#emulator = emulator
    this.#url = url
    this.arn = arn
  }

  static async make(emulator: AwsEmulator, name: string): Promise<TestQueue> {
    const { QueueUrl: url = '' } = await ask<{ QueueUrl: string }>(emulator, 'CreateQueue', {
      QueueName: name,
    })
    const { Attributes } = await ask<Attributes>(emulator, 'GetQueueAttributes', {
      QueueUrl: url,
      AttributeNames: ['QueueArn'],
    })
    return new TestQueue(emulator, url, Attributes?.['QueueArn'] ?? '')
  }

  /** Sends a message. The emulator hands it to the functions that the queue is a source of before it answers. */
  async send(body: string): Promise<void> {
    await ask(this.#emulator, 'SendMessage', { QueueUrl: this.#url, MessageBody: body })
  }

  /** How many messages there are: waiting, or given to somebody who has not said that they are done. */
  async size(): Promise<number> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']
    const { Attributes } = await ask<Attributes>(this.#emulator, 'GetQueueAttributes', {
      QueueUrl: this.#url,
      AttributeNames: names,
    })
    return names.reduce((sum, name) => sum + Number(Attributes?.[name]), 0)
  }
}

interface Attributes {
  Attributes?: Record<string, string>
}

async function ask<T>({ url }: AwsEmulator, action: string, input: object): Promise<Partial<T>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
      // The emulator takes the service and the region from it, and checks no signature.
      authorization:
        'AWS4-HMAC-SHA256 Credential=testing/20260101/eu-central-1/sqs/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: JSON.stringify(input),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`SQS answered ${action} with ${response.status}: ${text}`)
  return JSON.parse(text) as Partial<T>
}
