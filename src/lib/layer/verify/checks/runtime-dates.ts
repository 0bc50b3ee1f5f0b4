import { finding, type Finding } from '../findings.ts'
import type { LayerContext } from '../layer-context.ts'

/** Whether AWS still supports the runtimes. */
export function checkRuntimeDates({ runtimes, today }: LayerContext): Finding[] {
  return runtimes
    .filter(({ deprecatedOn }) => deprecatedOn !== undefined && deprecatedOn <= today)
    .map(({ name, deprecatedOn, blockCreateOn, blockUpdateOn }) => {
      const blocks = [
        ...(blockCreateOn === undefined ? [] : [`no new function from ${blockCreateOn} on`]),
        ...(blockUpdateOn === undefined ? [] : [`no change from ${blockUpdateOn} on`]),
      ]
      return finding('runtime-deprecated', {
        reason: `AWS has not supported ${name} since ${deprecatedOn}${blocks.length > 0 ? ` (${blocks.join(', ')})` : ''}.`,
        remedy: 'Move to a newer runtime.',
        details: { runtime: name, deprecatedOn, blockCreateOn, blockUpdateOn },
      })
    })
}
