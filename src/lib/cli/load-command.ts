import { string } from '@oclif/core/flags'
import { loadScript, type LoadResult } from '../script/load-script.ts'
import { DbCommand, type DatabaseInput } from './db-command.ts'
import { confirmFlag, databaseFlags, scriptFlags } from './flags.ts'
import { chooseScripts, scriptOptions, type ScriptFlagValues } from './script-command.ts'

/** What tells one command that loads scripts from another. */
export interface LoadKind {
  /** The project's own script. */
  path: string
  /** What the step is called. */
  title: string
  /** What the guard calls it. */
  action: string
}

/** The flags of a command that loads scripts; `path` is the project's own one. */
export function loadFlags(path: string) {
  return {
    ...databaseFlags,
    ...confirmFlag,
    ...scriptFlags,
    file: string({
      char: 'f',
      description: `a script instead of ${path}; - is standard input; several are loaded in order`,
      helpValue: 'FILE',
      multiple: true,
      multipleNonGreedy: true,
    }),
  }
}

/** What `db schema-load` and `db seed` share. */
export abstract class LoadCommand extends DbCommand {
  protected async load(
    input: DatabaseInput & { flags: ScriptFlagValues & { file?: string[] | undefined } },
    { path, title, action }: LoadKind,
  ): Promise<{ result: LoadResult; database: string }> {
    const settings = this.settings(input.flags)
    const scripts = chooseScripts(input.flags.file, path, settings)
    const { options } = await this.open(input, [{ step: 'load', title }])
    const result = await this.work(() =>
      loadScript({ ...options, ...scriptOptions(input.flags, settings), scripts, title, action }),
    )
    return { result, database: options.target.database }
  }
}
