import type { Image } from './image.ts'

/** A file or folder of this machine that a container sees. */
export interface Mount {
  /** Absolute. */
  source: string
  target: string
  /** True unless said otherwise. */
  readOnly?: boolean | undefined
}

/** What a container is like; see `ContainerOptions`. */
export interface ContainerShape {
  name: string
  labels: Readonly<Record<string, string>>
  image: Image
  user: { uid: number; gid: number }
  mounts: readonly Mount[]
  workingFolder: string | undefined
  network: string | undefined
  /** MiB. */
  memory: number | undefined
  /** MiB of its `/tmp`. */
  temporary: number
  /** Names of variables that are taken from docker's environment. */
  variables: readonly string[]
  variableFile: string | undefined
}

/**
 * Ends the container when nobody is there any more who waits for it: its stdin ends when our process does, however that died,
 * and when docker's does. It is the container's first process, so that everything ends when it does; it says nothing itself. The
 * command has no stdin.
 */
const KEEPER = `exec 3<&0
"$@" </dev/null 3<&- &
work=$!
{ while read -r line; do :; done; kill -KILL -1; } <&3 >/dev/null 2>&1 3<&- &
exec 3<&- 2>/dev/null
wait "$work"
`

/** The arguments of `docker run` for a container that has no more rights than it needs, and is removed when it ends. */
export function containerArguments(shape: ContainerShape, command: readonly string[]): string[] {
  const { image, user, network, memory } = shape
  return [
    'run',
    '--rm',
    '--interactive',
    `--name=${shape.name}`,
    ...Object.entries(shape.labels).map(([name, value]) => `--label=${name}=${value}`),
    // Which image it is has been decided; docker would look for a name in a registry.
    '--pull=never',
    `--platform=${image.platform}`,
    `--user=${user.uid}:${user.gid}`,
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--read-only',
    `--tmpfs=/tmp:rw,exec,nosuid,mode=1777,size=${shape.temporary}m`,
    ...optional('--network', network),
    // With the host's network the name is of no use, and without one docker refuses it.
    ...(/^(?:host|none|container:.*)$/.test(network ?? '')
      ? []
      : ['--add-host=host.docker.internal:host-gateway']),
    // No swap: it would only put off the end.
    ...(memory === undefined ? [] : [`--memory=${memory}m`, `--memory-swap=${memory}m`]),
    ...optional('--workdir', shape.workingFolder),
    ...shape.mounts.map((mount) => `--mount=${describeMount(mount)}`),
    ...optional('--env-file', shape.variableFile),
    ...shape.variables.map((name) => `--env=${name}`),
    '--entrypoint=/bin/sh',
    image.id,
    '-c',
    KEEPER,
    'sh',
    ...command,
  ]
}

function optional(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${flag}=${value}`]
}

/**
 * `--mount` and not `--volume`: where the engine does not see a folder of this machine, it says so instead of making an empty one. The
 * value is a line of CSV.
 */
function describeMount({ source, target, readOnly = true }: Mount): string {
  const fields = ['type=bind', `source=${source}`, `target=${target}`, ...(readOnly ? ['readonly'] : [])]
  return fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',')
}
