import { type AwsCall, callAws } from './errors.ts'
import type { AwsSession } from './session.ts'
import { type Layered, refuseStrangers } from './stranger.ts'

/** What each of the SDK's clients can do that we need of all of them. */
interface Closable extends Layered {
  destroy(): void
}

/** A client of the SDK whose calls fail with our errors (see `callAws`), and end when the signal is aborted. */
export abstract class ServiceClient<Client extends Closable> {
  protected readonly aws: AwsSession
  readonly #service: string
  readonly #client: Client
  readonly #signal: AbortSignal | undefined

  /** @param service the prefix of its IAM actions, e.g. `rds` */
  constructor(service: string, client: Client, aws: AwsSession, signal?: AbortSignal) {
    this.#service = service
    this.#client = client
    this.aws = aws
    this.#signal = signal
    refuseStrangers(client)
  }

  /**
   * Does a call; one that reads several pages counts as one.
   * @param action without its service, e.g. `StopDBInstance`
   * @param resource what it is about, for messages
   * @param policyResource the resources of an IAM policy that would allow it
   */
  protected call<T>(
    action: string,
    resource: string,
    policyResource: string | readonly string[],
    work: (client: Client, sending: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const call: AwsCall = {
      action: `${this.#service}:${action}`,
      resource,
      policyResource,
      aws: this.aws,
      signal: this.#signal,
    }
    return callAws(call, (sending) => work(this.#client, sending))
  }

  /** Lets go of the connections. */
  close(): void {
    this.#client.destroy()
  }
}
