import { finding, type Finding } from '../findings.ts'
import type { LayerContext } from '../layer-context.ts'
import { inOpt } from '../link/search-path.ts'

/** Rights of "others", as whom Lambda runs functions: read, and execute or enter. */
const OTHERS = { read: 0o004, execute: 0o001 } as const

const REMEDY = 'Set files to 644, folders and programs to 755 (chmod -R a+rX), and pack them again.'

/** Whether Lambda's user may read files, enter folders and run programs (AWS, "How do I troubleshoot permission errors in Lambda"). */
export function checkPermissions(layer: LayerContext): Finding[] {
  return [...files(layer), ...folders(layer), ...programs(layer), ...modes(layer)]
}

function files({ tree }: LayerContext): Finding[] {
  return tree.files
    .filter(({ permissions }) => permissions !== undefined && (permissions & OTHERS.read) === 0)
    .map(({ path, permissions = 0 }) =>
      finding('file-not-readable', {
        file: path,
        reason: `its mode is ${octal(permissions)}: Lambda's user may not read it.`,
        remedy: REMEDY,
        production: `PermissionError: [Errno 13] Permission denied: '${inOpt(path)}'`,
        details: { mode: octal(permissions) },
      }),
    )
}

function folders({ tree }: LayerContext): Finding[] {
  const wanted = OTHERS.read | OTHERS.execute
  return tree.folders
    .filter(
      ({ path, permissions }) =>
        path !== '' && permissions !== undefined && (permissions & wanted) !== wanted,
    )
    .map(({ path, permissions = 0 }) =>
      finding('folder-not-searchable', {
        file: path,
        reason: `its mode is ${octal(permissions)}: Lambda's user may not enter it.`,
        remedy: REMEDY,
        production: 'Layer conversion failed: Some directories do not have execute permissions',
        details: { mode: octal(permissions) },
      }),
    )
}

/** Programs on the PATH: what is in `bin/`, and what Lambda starts itself. */
function programs({ tree }: LayerContext): Finding[] {
  return tree.files
    .filter(
      ({ path, permissions }) =>
        /^(?:bin|extensions)\/[^/]+$/.test(path) &&
        permissions !== undefined &&
        (permissions & OTHERS.execute) === 0,
    )
    .map(({ path, permissions = 0 }) =>
      finding('program-not-executable', {
        file: path,
        reason: `its mode is ${octal(permissions)}: nobody may run it.`,
        remedy: REMEDY,
        production: `PermissionError: [Errno 13] Permission denied: '${inOpt(path)}'`,
        details: { mode: octal(permissions) },
      }),
    )
}

/** What is said of a zip as a whole: it would be said of each of its files. */
function modes({ tree }: LayerContext): Finding[] {
  const without = tree.kind === 'zip' ? tree.files.filter(({ permissions }) => permissions === undefined) : []
  const untyped = tree.files.filter(({ permissions, typed }) => permissions !== undefined && !typed)
  return [
    ...(without.length === 0
      ? []
      : [
          finding('mode-missing', {
            file: without[0]?.path ?? '',
            reason: `${without.length} of ${tree.files.length} files were packed without Unix modes, as on Windows; what rights they get is up to Lambda.`,
            remedy: 'Pack the layer with cruddur layer build, or on Linux or macOS.',
            details: { files: without.length },
          }),
        ]),
    ...(untyped.length === 0
      ? []
      : [
          finding('mode-without-type', {
            file: untyped[0]?.path ?? '',
            reason: `the modes of ${untyped.length} of ${tree.files.length} files do not say that these are regular files.`,
            remedy: 'Pack the layer with cruddur layer build: some tools take such modes for none.',
            details: { files: untyped.length },
          }),
        ]),
  ]
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
