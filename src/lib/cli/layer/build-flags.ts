import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'

/** A flag that may be given several times, also in front of arguments. */
const SEVERAL = { multiple: true, multipleNonGreedy: true } as const

/** What the layer is to have. */
export const buildArgs = {
  requirement: stringArg({
    description:
      'what the layer is to have, e.g. psycopg2-binary, pillow==11.3.0 (default: requirements.txt)',
    multiple: true,
    ignoreStdin: true,
  }),
}

/** How a layer is built. */
export const buildFlags = {
  requirement: string({
    char: 'r',
    description: 'requirements.txt, uv.lock, pylock.toml, poetry.lock or pyproject.toml',
    helpValue: 'FILE',
    ...SEVERAL,
  }),
  extra: string({ description: 'with this extra of the project', helpValue: 'NAME', ...SEVERAL }),
  group: string({ description: 'with this dependency group of the project', helpValue: 'NAME', ...SEVERAL }),
  python: string({
    description: 'the Python of the runtime, 3.9 to 3.14',
    helpValue: '3.13',
    default: '3.13',
  }),
  arch: string({ description: 'arm64 or x86_64', helpValue: 'arm64', default: 'arm64' }),
  name: string({
    description: 'the name of the layer (default: as in psycopg2-py313-arm64)',
    helpValue: 'NAME',
  }),
  layout: string({
    description: 'packages in python/, or in python/lib/python3.X/site-packages/',
    options: ['python', 'site-packages'],
    default: 'python',
  }),
  out: string({ description: 'the folder for the zip (default: .cruddur/layers)', helpValue: 'FOLDER' }),
  builder: string({
    description: 'only download wheels, build all in Docker, or build what has no wheel',
    options: ['auto', 'wheels', 'docker'],
    default: 'auto',
  }),
  image: string({ description: "build in this image instead of the runtime's", helpValue: 'IMAGE' }),
  strip: boolean({ description: 'strip libraries of symbols, where the loader still takes them' }),
  prune: boolean({
    description: 'leave out tests, caches, headers and stubs',
    default: true,
    allowNo: true,
  }),
  keep: string({ description: 'do not leave out what fits this pattern', helpValue: 'PATTERN', ...SEVERAL }),
  verify: boolean({ description: 'judge the layer as layer verify does', default: true, allowNo: true }),
  upgrade: boolean({ description: 'look for newer versions although the same was built before' }),
  frozen: boolean({
    description: 'build what the .layer.json names; fail unless the same bytes come out',
    aliases: ['check'],
    exclusive: ['upgrade'],
  }),
  cache: boolean({ description: 'use what earlier runs left', default: true, allowNo: true }),
  'dry-run': boolean({ description: 'only say what would be in the layer' }),
  resolver: string({
    description: 'who chooses the versions',
    options: ['auto', 'uv', 'pip', 'cruddur'],
    default: 'auto',
    helpGroup: 'INDEX',
  }),
  'index-url': string({
    char: 'i',
    description: 'the package index (PIP_INDEX_URL)',
    helpValue: 'URL',
    helpGroup: 'INDEX',
  }),
  'extra-index-url': string({
    description: 'a further index (PIP_EXTRA_INDEX_URL)',
    helpValue: 'URL',
    helpGroup: 'INDEX',
    ...SEVERAL,
  }),
  'find-links': string({
    char: 'f',
    description: 'a folder of wheels, or a page with links (PIP_FIND_LINKS)',
    helpValue: 'PLACE',
    helpGroup: 'INDEX',
    ...SEVERAL,
  }),
  'no-index': boolean({ description: 'only --find-links counts (PIP_NO_INDEX)', helpGroup: 'INDEX' }),
}

/** The flags as parsed. */
export interface BuildFlags {
  requirement?: string[] | undefined
  extra?: string[] | undefined
  group?: string[] | undefined
  python: string
  arch: string
  name?: string | undefined
  layout: string
  out?: string | undefined
  builder: string
  image?: string | undefined
  strip: boolean
  prune: boolean
  keep?: string[] | undefined
  verify: boolean
  upgrade: boolean
  frozen: boolean
  cache: boolean
  'dry-run': boolean
  resolver: string
  'index-url'?: string | undefined
  'extra-index-url'?: string[] | undefined
  'find-links'?: string[] | undefined
  'no-index': boolean
}
