import { isOpenToGit } from '../config/git-ignore.ts'
import type { Settings } from '../config/settings.ts'

/** What a person should know of a `.env` with a new value for a name, each a sentence or two. */
export async function envFileNotes(
  { path, variable, tightenedFrom }: { path: string; variable: string; tightenedFrom?: string | undefined },
  { environment }: Pick<Settings, 'environment'>,
): Promise<string[]> {
  const notes: string[] = []
  if (environment[variable])
    notes.push(
      `${variable} is set in the environment, too, and counts before ${path}: its password is the old one.`,
    )
  if (tightenedFrom !== undefined)
    notes.push(`Others could read ${path} (mode ${tightenedFrom}); now it has the mode 600.`)
  if (await isOpenToGit(path)) notes.push(`git does not ignore ${path}: add .env to .gitignore.`)
  return notes
}
