import type { ScriptFile } from './source.ts'

/** One script being read: a file, or a file that another one includes. */
export interface Frame {
  /** As messages show it. */
  readonly name: string
  readonly file: ScriptFile
  /** Folder that `\ir` and the like are relative to. */
  readonly folder: string
  /** Where the including script includes this one. */
  readonly includedAt: Position | undefined
}

/** A place in a script, by its byte offset after decompression; lines are counted only when a message needs them. */
export interface Position {
  readonly frame: Frame
  readonly offset: number
}

/** A stretch of a statement's text and where it comes from. */
export interface Piece {
  readonly bytes: Buffer
  /** Offset in the script of the stretch, or of the variable that it is the value of. */
  readonly offset: number
  /** Whether the text stands in the script as it is; false for the value of a variable. */
  readonly verbatim: boolean
}

/** A statement as it is sent, without its semicolon. */
export interface Statement {
  readonly text: Buffer
  readonly frame: Frame
  /** Offset of the first token: comments before it do not belong to the statement. */
  readonly offset: number
  /** Offset of the text's first byte. */
  readonly textOffset: number
  /** The stretches the text is made of, when it is not one stretch of the script. */
  readonly pieces: readonly Piece[] | undefined
  /** Holds several statements joined with `\;`, which share one message. */
  readonly joined: boolean
  /** Holds `$1` and the like, which the extended protocol would take for parameters. */
  readonly hasParameter: boolean
  /** A string without E holds a backslash: its meaning depends on `standard_conforming_strings`. */
  readonly plainBackslash: boolean
}

/** Stands for the script of statements that stand in none. */
const NO_FRAME: Frame = {
  name: '',
  folder: '',
  includedAt: undefined,
  file: {
    name: '',
    size: 0,
    read: () => ({ next: async () => undefined, close: async () => undefined }),
    close: async () => undefined,
  },
}

/** A statement of cruddur's own (BEGIN, COMMIT …), which stands in no script. */
export function ownStatement(sql: string): Statement {
  return {
    text: Buffer.from(sql),
    frame: NO_FRAME,
    offset: -1,
    textOffset: -1,
    pieces: undefined,
    joined: false,
    hasParameter: false,
    plainBackslash: false,
  }
}
