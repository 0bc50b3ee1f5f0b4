import { UsageError } from '../../errors.ts'
import type { CreateWish } from './create-input.ts'
import type { Problem } from './create-rules.ts'

/** One mistake. */
export interface InputProblem {
  input: keyof CreateWish
  /** What was given; never for `password`. */
  value?: string
  problem: string
}

/** Collects the mistakes, so that they are told all at once. */
export class Checklist {
  readonly problems: InputProblem[] = []

  /** A value that was typed, checked, or its default. */
  take(
    input: keyof CreateWish,
    value: string | undefined,
    fallback: string,
    rule: (value: string) => Problem,
  ): string {
    const problem = value === undefined ? undefined : rule(value)
    if (value !== undefined && problem !== undefined) this.problems.push({ input, value, problem })
    return value ?? fallback
  }

  /** The same for a value that need not be there. */
  takeOptional(
    input: keyof CreateWish,
    value: string | undefined,
    rule: (value: string) => Problem,
  ): string | undefined {
    return value === undefined ? undefined : this.take(input, value, '', rule)
  }

  /** Inputs that must not be there. */
  refuse(wish: CreateWish, inputs: readonly (keyof CreateWish)[], problem: string): void {
    for (const input of inputs) if (wish[input] !== undefined) this.problems.push({ input, problem })
  }

  /** @throws {UsageError} `CREATE_INVALID`, with all mistakes in `details.problems` */
  throwIfAny(): void {
    const { problems } = this
    if (problems.length === 0) return
    const lines = problems.map(({ input, value, problem }) =>
      [input, ...(value === undefined ? [] : [JSON.stringify(value)]), problem].join(' '),
    )
    throw new UsageError(
      `AWS would refuse to make this database${lines.length === 1 ? `: ${lines[0]}` : ` for ${lines.length} reasons`}.`,
      {
        code: 'CREATE_INVALID',
        hint: 'AWS was not asked. cruddur rds create --help says what each flag takes.',
        context: lines.length === 1 ? undefined : lines.join('\n'),
        details: { problems },
      },
    )
  }
}
