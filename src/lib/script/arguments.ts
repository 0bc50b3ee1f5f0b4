import { isSpace } from './bytes.ts'

/** How an argument is to be read: as it is, as a name (double quotes taken away), or with no value put in. */
export type ArgumentKind = 'normal' | 'name' | 'ignored'

/** What the arguments of a backslash command may refer to. */
export interface ArgumentContext {
  /** The value of a variable, bytes one per character; `undefined` if it is not set. */
  variable(name: string): string | undefined
  /** The value quoted as a literal or an identifier. */
  quote(value: string, as: 'literal' | 'identifier'): string
  /** Runs the text between backquotes as a program and returns what it writes, or throws when that is refused. */
  program(command: string): Promise<string>
  warn(text: string): void
}

/** An argument that has been read. */
export interface Argument {
  text: string
  /** Whether any part was quoted or came from a variable: then even an empty text is an argument. */
  quoted: boolean
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b', r: '\r', f: '\f' }

/**
 * Reads the rest of a line as the name and the arguments of a backslash command, by the rules of psql's own scanner
 * (`psqlscanslash.l`): single quotes with escapes, double quotes kept, backquotes, variables; a backslash ends the command.
 */
export class ArgumentReader {
  readonly #line: string
  readonly #context: ArgumentContext
  #at = 0

  /** @param line bytes, one per character */
  constructor(line: string, context: ArgumentContext) {
    this.#line = line
    this.#context = context
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#at
  }

  /** The command's name: up to a blank or a backslash. */
  command(): string {
    const start = this.#at
    while (this.#at < this.#line.length && !this.#atSpace() && this.#line[this.#at] !== '\\') this.#at += 1
    return this.#line.slice(start, this.#at)
  }

  /** All that is left of the line, without the blanks before it. */
  wholeLine(): string {
    this.#skipSpace()
    const rest = this.#line.slice(this.#at)
    this.#at = this.#line.length
    return rest
  }

  /** Whether the next argument begins with this character, e.g. a bar before the name of a program. */
  startsWith(character: string): boolean {
    this.#skipSpace()
    return this.#line[this.#at] === character
  }

  /** The next argument, or `undefined` at the end of the command. */
  async next(kind: ArgumentKind = 'normal'): Promise<Argument | undefined> {
    this.#skipSpace()
    let text = ''
    let quoted = false
    while (this.#at < this.#line.length && !this.#atSpace() && this.#line[this.#at] !== '\\') {
      const character = this.#line[this.#at] as string
      const part = await this.#part(character, kind)
      if (part === undefined) return undefined
      quoted ||= part.quoted
      text += part.text
    }
    if (text === '' && !quoted) return undefined
    return { text: kind === 'name' ? removeDoubleQuotes(text) : text, quoted }
  }

  /** Goes behind the rest of the command: further arguments (each named in a warning), and a `\\` that ends it. */
  async finish(command: string, active: boolean): Promise<void> {
    for (let extra = await this.next('ignored'); extra; extra = await this.next('ignored'))
      if (active) this.#context.warn(`\\${command}: extra argument "${extra.text}" ignored`)
    if (this.#line.startsWith('\\\\', this.#at)) this.#at += 2
  }

  #atSpace(): boolean {
    return isSpace(this.#line.charCodeAt(this.#at))
  }

  #skipSpace(): void {
    while (this.#at < this.#line.length && this.#atSpace()) this.#at += 1
  }

  /** Reads one part of an argument; `undefined` if a quote is not closed, which psql reports and ignores. */
  async #part(character: string, kind: ArgumentKind): Promise<Argument | undefined> {
    if (character === "'") return this.#singleQuoted()
    if (character === '"') return this.#delimited('"', true)
    if (character === '`') return this.#backquoted(kind)
    const reference = character === ':' ? this.#reference(kind) : undefined
    if (reference) return reference
    this.#at += 1
    return { text: character, quoted: false }
  }

  #unterminated(): undefined {
    this.#context.warn('unterminated quoted string')
    this.#at = this.#line.length
  }

  #singleQuoted(): Argument | undefined {
    let text = ''
    for (this.#at += 1; this.#at < this.#line.length; this.#at++) {
      const character = this.#line[this.#at] as string
      if (character === '\\') text += this.#escape()
      else if (character !== "'") text += character
      else if (this.#line[this.#at + 1] === "'") {
        text += "'"
        this.#at += 1
      } else {
        this.#at += 1
        return { text, quoted: true }
      }
    }
    return this.#unterminated()
  }

  /** Reads the escape at the position and stops on its last character. */
  #escape(): string {
    const rest = this.#line.slice(this.#at + 1, this.#at + 4)
    const octal = /^[0-7]{1,3}/.exec(rest)
    const hexadecimal = /^x([0-9a-f]{1,2})/i.exec(rest)
    if (octal) {
      this.#at += octal[0].length
      return String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff)
    }
    if (hexadecimal) {
      this.#at += hexadecimal[0].length
      return String.fromCharCode(Number.parseInt(hexadecimal[1] as string, 16))
    }
    this.#at += 1
    const character = this.#line[this.#at] ?? ''
    return SIMPLE_ESCAPES[character] ?? character
  }

  #delimited(delimiter: string, keep: boolean): Argument | undefined {
    const end = this.#line.indexOf(delimiter, this.#at + 1)
    if (end === -1) return this.#unterminated()
    const inner = this.#line.slice(this.#at + 1, end)
    this.#at = end + 1
    return { text: keep ? `${delimiter}${inner}${delimiter}` : inner, quoted: true }
  }

  async #backquoted(kind: ArgumentKind): Promise<Argument | undefined> {
    const command = this.#delimited('`', false)
    if (!command || kind === 'ignored') return command
    const output = await this.#context.program(
      command.text.replace(
        /:([\w\u0080-\u00ff]+)/g,
        (whole, name: string) => this.#context.variable(name) ?? whole,
      ),
    )
    return { text: output.replace(/\n$/, ''), quoted: true }
  }

  /** A reference to a variable; `undefined` when the colon is just a colon. */
  #reference(kind: ArgumentKind): Argument | undefined {
    const rest = this.#line.slice(this.#at)
    const found =
      /^:(?:([\w\u0080-\u00ff]+)|'([\w\u0080-\u00ff]+)'|"([\w\u0080-\u00ff]+)"|\{\?([\w\u0080-\u00ff]+)\})/.exec(
        rest,
      )
    if (!found || kind === 'ignored') return undefined
    const [whole, plain, literal, identifier, test] = found
    const value = this.#context.variable((plain ?? literal ?? identifier ?? test) as string)
    this.#at += whole.length
    if (test !== undefined) return { text: value === undefined ? 'FALSE' : 'TRUE', quoted: false }
    if (value === undefined) return { text: whole, quoted: true }
    if (plain !== undefined) return { text: value, quoted: true }
    return {
      text: this.#context.quote(value, literal === undefined ? 'identifier' : 'literal'),
      quoted: true,
    }
  }
}

/** Takes double quotes away; a doubled one within them stands for itself. */
function removeDoubleQuotes(text: string): string {
  return text.replace(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replaceAll('""', '"'))
}

/** Removes semicolons at the end of an argument, as psql does for names of tables and patterns. */
export function stripSemicolons(argument: string): string {
  return argument.replace(/;+$/, '')
}
