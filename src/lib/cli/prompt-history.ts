import { join } from 'node:path'
import { isOwnProject } from '../config/project.ts'
import type { Settings } from '../config/settings.ts'
import { makeHome } from '../server/project-home.ts'
import { chooseRunAs } from '../server/run-as.ts'

const NAME = 'prompt-history'

/**
 * Where the built-in prompt keeps what is typed: in the project's `.cruddur`, each project for itself; where there is no
 * project of cruddur's kind, or it may not be written, with the user's other state. A mere look at some database must
 * not turn a folder into a project: from then on it would stand for all below it.
 * @param embedded whether the database is on the project's own server
 */
export async function promptHistoryFile(embedded: boolean, settings: Settings): Promise<string | undefined> {
  const { projectRoot, stateFolder } = settings
  if (embedded || isOwnProject(projectRoot)) {
    try {
      return join(await makeHome(projectRoot, await chooseRunAs([projectRoot])), NAME)
    } catch {
      // Below is another place.
    }
  }
  return stateFolder === undefined ? undefined : join(stateFolder, NAME)
}
