import { CruddurError } from '../../errors.ts'
import { choices } from './choices.ts'
import { explainNoWheel } from './no-wheel.ts'
import type { PackageSource } from './package-source.ts'
import type { Need, Rejection } from './resolver-state.ts'
import { describeTarget, type Target } from './target.ts'

/** Most versions that a message lists. */
const MOST_VERSIONS = 5

/**
 * Says why requirements cannot be met, by the package that was given up last.
 * @returns an error with code `PACKAGE_NOT_FOUND`, `VERSION_NOT_FOUND`, `REQUIREMENTS_CONFLICT` or `NO_WHEEL`
 */
export async function unsolvable(
  rejections: ReadonlyMap<string, Rejection>,
  source: PackageSource,
  target: Target,
): Promise<CruddurError> {
  const last = [...rejections.values()].at(-1)
  if (!last) return tooHard(new Map())
  const { name, needs } = last
  const details = {
    package: name,
    needs: needs.map(({ from, specifier }) => ({ from, specifier: specifier.text })),
  }
  if (!(await source.exists(name)))
    return new CruddurError(`No package index knows "${name}"${neededBy(needs)}.`, {
      code: 'PACKAGE_NOT_FOUND',
      hint: 'Check how it is spelled, and the address of the index (PIP_INDEX_URL).',
      details,
    })
  const candidates = await source.candidates(name)
  const anyFile = candidates.filter(({ yanked }) => !yanked)
  const versions = anyFile.filter(({ version }) => needs.every(({ specifier }) => specifier.allows(version)))
  if (versions.length > 0) {
    const [newest] = versions
    if (newest && choices(candidates, needs, false).length === 0) {
      const { why, tags, fits } = explainNoWheel(newest, target)
      return new CruddurError(`${capital(why)}.`, {
        code: 'NO_WHEEL',
        hint: hintFor(fits),
        details: { ...details, version: newest.version.text, tags, fits },
      })
    }
  }
  const parties = [...new Set(needs.filter(({ specifier }) => specifier.text !== '').map(({ from }) => from))]
  const isConflict =
    parties.length > 1 &&
    needs.every(({ specifier }) => anyFile.some(({ version }) => specifier.allows(version)))
  const wishes = needs.map(({ from, specifier }) => `  ${from} wants ${name}${specifier.text}`)
  const context = [...new Set(wishes)].join('\n')
  if (isConflict || versions.length > 0)
    return new CruddurError(`The requirements contradict each other about ${name}.`, {
      code: 'REQUIREMENTS_CONFLICT',
      hint: 'Loosen one of them.',
      context,
      details,
    })
  const known = anyFile.slice(0, MOST_VERSIONS).map(({ version }) => version.text)
  const wanted = needs.map(({ specifier }) => specifier.text).filter(Boolean)
  return new CruddurError(
    `There is no version of ${name}${wanted.length > 0 ? ` that is ${wanted.join(' and ')}` : ''} for ${describeTarget(target)}.`,
    {
      code: 'VERSION_NOT_FOUND',
      hint: known.length > 0 ? `There is ${known.join(', ')}.` : 'Take another Python version: --python',
      context,
      details: { ...details, versions: known },
    },
  )
}

/** What to do about a wheel that there is not. */
export function hintFor(fits: readonly string[]): string {
  const build = 'compile it: --builder docker'
  if (fits.length === 0) return `Take another version, or ${build}`
  return `There is one for ${fits.join(', ')}. Take that, another version, or ${build}`
}

function neededBy(needs: readonly Need[]): string {
  const parties = [...new Set(needs.filter(({ parent }) => parent !== undefined).map(({ from }) => from))]
  return parties.length > 0 ? `, which ${parties.join(' and ')} wants` : ''
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/**
 * @param trouble how often each package was in the way
 * @returns the error of requirements that take too long
 */
export function tooHard(trouble: ReadonlyMap<string, number>): CruddurError {
  const worst = [...trouble].toSorted(([, a], [, b]) => b - a).slice(0, MOST_VERSIONS)
  const names = worst.map(([name]) => name)
  return new CruddurError('No versions that fit together were found in thousands of attempts.', {
    code: 'REQUIREMENTS_TOO_HARD',
    hint: `Pin the versions of what is in the way: ${names.join(', ')}.`,
    details: { packages: names },
  })
}
