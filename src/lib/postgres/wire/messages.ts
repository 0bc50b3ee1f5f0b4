/**
 * Messages that the client sends, as Buffers. Layouts: PostgreSQL documentation, "Message Formats" (protocol 3.0).
 */

/** Protocol 3.0, as sent in the start-up message (3 in the high 16 bits). */
const PROTOCOL_3_0 = 196_608
/** Request codes of the messages that come before start-up ("Message Formats": SSLRequest, CancelRequest). */
const SSL_REQUEST_CODE = 80_877_103
const CANCEL_REQUEST_CODE = 80_877_102

/** A message with a type byte: type, length (which counts itself), body. */
function message(type: string, ...body: readonly (Buffer | string)[]): Buffer {
  const parts = body.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  const head = Buffer.allocUnsafe(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(length, 1)
  return Buffer.concat([head, ...parts])
}

/** A message without a type byte: length, then 32-bit integers, then the rest. */
function untyped(integers: readonly number[], rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.allocUnsafe(4 + integers.length * 4)
  head.writeInt32BE(head.length + rest.length, 0)
  for (const [index, value] of integers.entries()) head.writeInt32BE(value, 4 + index * 4)
  return Buffer.concat([head, rest])
}

export const SYNC = message('S')
/** Flush: the server sends what it has to say so far. */
export const FLUSH = message('H')
export const TERMINATE = message('X')
export const COPY_DONE = message('c')
export const SSL_REQUEST = untyped([SSL_REQUEST_CODE])

/** StartupMessage with its parameters (`user`, `database`, `client_encoding`, …). */
export function startup(parameters: Record<string, string>): Buffer {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`)
  return untyped([PROTOCOL_3_0], Buffer.from(`${pairs.join('')}\0`))
}

/** CancelRequest: asks the server to stop what the session with this process id is doing. */
export function cancelRequest(processId: number, secretKey: Buffer): Buffer {
  return untyped([CANCEL_REQUEST_CODE, processId], secretKey)
}

/** PasswordMessage. */
export function password(text: string): Buffer {
  return message('p', `${text}\0`)
}

/** SASLInitialResponse. */
export function saslInitialResponse(mechanism: string, response: string): Buffer {
  const length = Buffer.allocUnsafe(4)
  length.writeInt32BE(Buffer.byteLength(response), 0)
  return message('p', `${mechanism}\0`, length, response)
}

/** SASLResponse. */
export function saslResponse(response: string): Buffer {
  return message('p', response)
}

/** Query: one or several statements as text, in the session's client encoding. */
export function query(sql: Buffer | string): Buffer {
  return message('Q', sql, '\0')
}

/** The head of a CopyData message whose body has so many bytes. */
export function copyDataHeader(length: number): Buffer {
  const head = Buffer.allocUnsafe(5)
  head.write('d', 0, 'latin1')
  head.writeInt32BE(length + 4, 1)
  return head
}

/** CopyFail: ends a COPY from this side with an error. */
export function copyFail(reason: string): Buffer {
  return message('f', `${reason}\0`)
}
