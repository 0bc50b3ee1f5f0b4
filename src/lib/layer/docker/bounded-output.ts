/** What a program writes, of which only so many bytes are kept: its beginning, or its end. */
export class BoundedOutput {
  /** Whether anything was left out. */
  cut = false
  readonly #limit: number
  readonly #kept: 'beginning' | 'end'
  #chunks: Buffer[] = []
  #size = 0

  constructor(limit: number, kept: 'beginning' | 'end') {
    this.#limit = limit
    this.#kept = kept
  }

  add(bytes: Buffer): void {
    const room = this.#limit - this.#size
    if (this.#kept === 'beginning') {
      if (bytes.length > room) this.cut = true
      const taken = bytes.subarray(0, Math.max(0, room))
      this.#chunks.push(taken)
      this.#size += taken.length
      return
    }
    this.#chunks.push(bytes)
    this.#size += bytes.length
    // Twice as much may be there for a while: it is joined seldom, not for each piece.
    if (this.#size <= 2 * this.#limit) return
    this.#chunks = [this.#end()]
    this.#size = this.#limit
  }

  text(): string {
    return (this.#kept === 'end' ? this.#end() : Buffer.concat(this.#chunks)).toString('utf8')
  }

  #end(): Buffer {
    const all = Buffer.concat(this.#chunks)
    if (all.length <= this.#limit) return all
    this.cut = true
    return all.subarray(all.length - this.#limit)
  }
}
