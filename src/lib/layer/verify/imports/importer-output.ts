import type { ImporterStart, ImportOutcome } from './importer.ts'

/** Reads what the importer has told; nothing of it can be relied on to be there. */
export function parseImporterOutput(stdout: string): {
  start: ImporterStart | undefined
  outcomes: Map<string, ImportOutcome>
} {
  let start: ImporterStart | undefined
  const outcomes = new Map<string, ImportOutcome>()
  for (const line of stdout.split('\n')) {
    const document = parse(line)
    if (document && 'python' in document) start ??= document
    else if (document && 'module' in document) outcomes.set(document.module, document)
  }
  return { start, outcomes }
}

/** An image may write lines of its own before the importer begins. */
function parse(line: string): ImporterStart | ImportOutcome | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as ImporterStart | ImportOutcome
  } catch {
    return undefined
  }
}
