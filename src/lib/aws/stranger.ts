/** An answer of HTTP before the SDK has read it, as far as it is looked at. */
interface RawAnswer {
  statusCode: number
  headers: Readonly<Record<string, string>>
  body?: { destroy?: () => void }
}

type Handler = (request: object) => Promise<{ response: unknown }>

/** What middleware is added to; the SDK's type has the input and output of each service in it. */
interface Stack {
  add(middleware: (next: Handler) => Handler, options: { step: 'deserialize'; priority: 'low' }): void
}

/** A client of the SDK, of whichever service. */
export interface Layered {
  middlewareStack: { add: (middleware: never, options: never) => void }
}

/** Each service of AWS sends one of these with every answer, the failed ones included. */
const REQUEST_IDS = ['x-amzn-requestid', 'x-amz-request-id'] as const

/** In case something between has taken the header away: what AWS writes. */
const FORMAT = /^(?:application|text)\/(?:xml|json|x-amz-json-1\.[01])\b/i

/**
 * Has a client fail where something else than AWS answers: a proxy, a captive portal, a wrong endpoint. The SDK reads any page
 * with the status 200 as an empty answer, which looks like a success.
 */
export function refuseStrangers(client: Layered): void {
  const stack: Stack = client.middlewareStack
  stack.add(
    (next) => async (request) => {
      const result = await next(request)
      const answer = result.response as RawAnswer
      const type = answer.headers['content-type'] ?? ''
      if (REQUEST_IDS.some((name) => answer.headers[name]) || FORMAT.test(type)) return result
      // However much of it there is, it is not read.
      answer.body?.destroy?.()
      throw new StrangerError(answer.statusCode, type)
    },
    { step: 'deserialize', priority: 'low' },
  )
}

/** Whoever answers, it is not AWS. The SDK decides by the status whether to try again. */
class StrangerError extends Error {
  override readonly name = 'NotFromAws'
  readonly $metadata: { httpStatusCode: number }

  constructor(status: number, type: string) {
    // The type alone: what else stands there may be anything.
    super([`HTTP ${status}`, /^[\w.+/-]{1,40}/.exec(type)?.[0]].filter(Boolean).join(', '))
    this.$metadata = { httpStatusCode: status }
  }
}
