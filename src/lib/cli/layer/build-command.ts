import { join } from 'node:path'
import { cacheFolder } from '../../config/cache-folder.ts'
import { packageIndexSettings } from '../../config/package-index.ts'
import { projectName } from '../../config/project.ts'
import { loadSettings } from '../../config/settings.ts'
import type { BuildOptions } from '../../layer/build/build-options.ts'
import { LAYER_OUTPUT_FOLDER } from '../../layer/output-folder.ts'
import type { Redactor } from '../../target/redact.ts'
import type { PlannedStep } from '../progress/view.ts'
import type { BuildFlags } from './build-flags.ts'

/** What a build goes through. */
export function buildSteps({ builder, strip }: Pick<BuildFlags, 'builder' | 'strip'>): PlannedStep[] {
  const mayCompile = builder !== 'wheels'
  return [
    { step: 'resolve', title: 'Choosing versions' },
    { step: 'download', title: 'Downloading' },
    ...(mayCompile ? [{ step: 'pull', title: 'Fetching the image' }] : []),
    ...(mayCompile ? [{ step: 'compile', title: 'Building what has no wheel' }] : []),
    ...(strip ? [{ step: 'strip', title: 'Stripping libraries' }] : []),
    { step: 'assemble', title: 'Putting the layer together' },
    { step: 'verify', title: 'Verifying' },
  ]
}

/** Everything that the verb is given, from the flags and the settings. Logins in URLs are made known to the redactor. */
export function buildOptions(
  requirements: readonly string[],
  flags: BuildFlags,
  { version, redactor }: { version: string; redactor: Redactor },
): BuildOptions {
  const settings = loadSettings({ directory: process.cwd(), environment: process.env })
  const { index: given, network } = packageIndexSettings((name) => settings.find(name)?.value)
  const index = {
    indexUrl: flags['index-url'] ?? given.indexUrl,
    extraIndexUrls: flags['extra-index-url'] ?? given.extraIndexUrls,
    findLinks: flags['find-links'] ?? given.findLinks,
    noIndex: flags['no-index'] || given.noIndex,
  }
  for (const url of [index.indexUrl, ...index.extraIndexUrls]) redactor.add(passwordOf(url))
  return {
    directory: settings.directory,
    requirements,
    files: flags.requirement,
    extras: flags.extra,
    groups: flags.group,
    python: flags.python,
    arch: flags.arch,
    name: flags.name,
    project: projectName(settings.projectRoot),
    layout: flags.layout === 'site-packages' ? 'site-packages' : 'python',
    out: flags.out ?? join(settings.projectRoot, LAYER_OUTPUT_FOLDER),
    builder: flags.builder as BuildOptions['builder'],
    image: flags.image,
    strip: flags.strip,
    prune: flags.prune,
    keep: flags.keep,
    cacheFolder: cacheFolder(settings),
    cache: flags.cache,
    upgrade: flags.upgrade,
    frozen: flags.frozen,
    dryRun: flags['dry-run'],
    index,
    network,
    resolver: flags.resolver as BuildOptions['resolver'],
    environment: settings.environment,
    home: settings.home,
    tool: `cruddur ${version}`,
    ...(flags.verify ? {} : { verify: false }),
  }
}

/** The password in a URL, decoded. */
function passwordOf(text: string | undefined): string | undefined {
  const password = URL.parse(text ?? '')?.password
  return password ? decodeURIComponent(password) : undefined
}
