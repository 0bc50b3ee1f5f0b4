import { isOpenToGit } from '../config/git-ignore.ts'
import type { Settings } from '../config/settings.ts'

/** What a person should know of a `.env` that gets, or has got, a new value for a name; each a sentence or two. */
export async function envFileNotes(
  {
    path,
    variable,
    secret = true,
    tightenedFrom,
  }: { path: string; variable: string; secret?: boolean; tightenedFrom?: string | undefined },
  { environment }: Pick<Settings, 'environment'>,
): Promise<string[]> {
  const notes: string[] = []
  if (environment[variable])
    notes.push(`${variable} is set in the environment, too, where it counts before what ${path} has.`)
  if (tightenedFrom !== undefined)
    notes.push(`Others could read ${path} (mode ${tightenedFrom}); now it has the mode 600.`)
  if (secret && (await isOpenToGit(path))) notes.push(`git does not ignore ${path}: add .env to .gitignore.`)
  return notes
}
