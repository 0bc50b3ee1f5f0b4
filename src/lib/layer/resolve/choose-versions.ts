import { CruddurError } from '../../errors.ts'
import type { IndexSettings } from './index-client.ts'
import type { RequirementInputs } from './inputs.ts'
import { findPip, resolveWithPip } from './pip.ts'
import type { PinQuestion, Pins } from './pins.ts'
import type { ResolvedBy } from './resolution.ts'
import type { ResolverName } from './resolve-packages.ts'
import type { Target } from './target.ts'
import { Specifier } from '../python/specifier.ts'
import { resolveWithUv, uvProblem } from './uv.ts'

/** Versions that another program chose, and who it was; none when the choice is left to our own resolver. */
export interface ChosenVersions {
  pins: Pins
  by: ResolvedBy
  /** For people. */
  because: string
}

interface ChooseOptions {
  resolver: ResolverName
  target: Target
  index: IndexSettings
  environment: PinQuestion['environment']
  signal?: AbortSignal | undefined
}

const NO_PINS: Pins = new Map()

/**
 * Asks uv or pip for versions, where that is wanted and they can choose for just this target.
 * @throws {CruddurError} `RESOLVER_NOT_FOUND`, `RESOLVER_FAILED` when a program was named that is not there, or fails
 * @throws {InterruptedError}
 */
export async function chooseVersions(
  inputs: RequirementInputs,
  options: ChooseOptions,
): Promise<ChosenVersions> {
  if (isPinned(inputs))
    return { pins: NO_PINS, by: 'lock', because: 'every requirement has a version and hashes' }
  const { resolver } = options
  if (resolver === 'cruddur') return own('asked for')
  const question: PinQuestion = { inputs, ...options }
  return resolver === 'auto' ? automatic(question) : named(resolver, question)
}

/** Whether there is nothing to choose: each requirement names a version, and the files that may be taken. */
function isPinned({ requirements, requireHashes }: RequirementInputs): boolean {
  return (
    requireHashes &&
    requirements.every(
      ({ requirement: { specifier, url } }) => url !== undefined || new Specifier(specifier).isPinned,
    )
  )
}

function own(because: string): ChosenVersions {
  return { pins: NO_PINS, by: 'cruddur', because }
}

/** uv, else pip, where they are exact; else our own resolver, which always is. */
async function automatic(question: PinQuestion): Promise<ChosenVersions> {
  const { target, environment, signal } = question
  const reasons: string[] = []
  const notUv = uvProblem(target)
  const byUv = notUv === undefined ? await resolveWithUv(question) : undefined
  if (byUv) return { pins: byUv, by: 'uv', because: 'it is installed' }
  reasons.push(notUv ?? 'uv is not installed, or finds no answer')
  const pip = await findPip(target, environment, signal)
  const byPip = pip && pip.problem === undefined ? await resolveWithPip(pip.python, question) : undefined
  if (byPip) return { pins: byPip, by: 'pip', because: reasons.join('; ') }
  reasons.push(pip?.problem ?? (pip ? 'pip finds no answer' : 'pip is not installed'))
  return own(reasons.join('; '))
}

async function named(resolver: 'uv' | 'pip', question: PinQuestion): Promise<ChosenVersions> {
  const { target, environment, signal } = question
  const problem = resolver === 'uv' ? uvProblem(target) : undefined
  if (problem !== undefined) throw failed(resolver, problem)
  if (resolver === 'uv') {
    const pins = await resolveWithUv(question)
    if (pins) return { pins, by: 'uv', because: 'asked for' }
    throw failed('uv', 'it is not installed, or finds no answer')
  }
  const pip = await findPip(target, environment, signal)
  if (!pip)
    throw new CruddurError('There is no pip here that can be asked (22.2 or newer).', {
      code: 'RESOLVER_NOT_FOUND',
      hint: 'Install it, or leave the choice to cruddur: --resolver cruddur',
    })
  const pins = await resolveWithPip(pip.python, question)
  if (pins) return { pins, by: 'pip', because: pip.problem ?? 'asked for' }
  throw failed('pip', 'it finds no answer')
}

function failed(resolver: string, reason: string): CruddurError {
  return new CruddurError(`${resolver} cannot choose the versions: ${reason}.`, {
    code: 'RESOLVER_FAILED',
    hint: 'Leave the choice to cruddur, which says more: --resolver cruddur',
    details: { resolver },
  })
}
