import type { Target } from '../target/connection-url.ts'

/** Whoever speaks on a connection for a while: gets every message that is not about the session as a whole. */
export interface Exchange {
  onMessage(type: number, buffer: Buffer, start: number, end: number): void
  /** The connection broke; no further message will come. */
  onLost(error: Error): void
}

/** What an exchange needs of the connection that it speaks on. */
export interface Channel {
  readonly target: Target
  readonly encrypted: boolean
  /** Sends messages. */
  write(bytes: Buffer): void
  /** The exchange is over. */
  end(): void
}
