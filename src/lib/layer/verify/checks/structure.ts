import { noModule } from '../advice.ts'
import { finding, type Finding } from '../findings.ts'
import type { LayerContext } from '../layer-context.ts'
import { isSearchedBy, packagePath } from '../package-paths.ts'
import type { LayerTree } from '../tree/layer-tree.ts'

/** Folders at the root that mean something to Lambda (AWS, "Packaging your layer content": paths of each runtime). */
const ROOT_FOLDERS = new Set(['python', 'lib', 'bin', 'extensions', 'nodejs', 'java', 'ruby', 'dotnetcore'])

/** Files that are there by no fault of the layer. */
const HARMLESS = /^(?:LICEN[CS]E|NOTICE|README)\b|\.(?:md|txt|json)$/i

/** The folders that layers need, and what else is at their root. */
export function checkStructure(layer: LayerContext): Finding[] {
  const { tree } = layer
  if (tree.files.length === 0) return [empty(tree), ...oddThings(tree)]
  return [...pythonFolder(layer), ...wrongFolders(layer), ...rootFiles(tree), ...oddThings(tree)]
}

function empty({ path }: LayerTree): Finding {
  return finding('layer-empty', {
    reason: `${path} has no files.`,
    remedy: 'Build a layer: cruddur layer build.',
    production: 'InvalidParameterValueException: Uploaded file must be a non-empty zip',
  })
}

/** Whether there is a `python/`, and if not, where it is instead. */
function pythonFolder({ tree }: LayerContext): Finding[] {
  const paths = tree.files.map(({ path }) => path)
  if (paths.some((path) => path.startsWith('python/'))) return []
  const nested = paths
    .map((path) => /^(.+?)\/python\//.exec(path)?.[1])
    .find((folder) => folder !== undefined)
  const module = paths.map(moduleAtRoot).find((name) => name !== undefined)
  if (nested !== undefined && !/^(?:lib|bin)(?:\/|$)/.test(nested))
    return [
      finding('python-folder-nested', {
        file: `${nested}/python`,
        reason: `python/ is below ${nested}/, so Lambda has it at /opt/${nested}/python, where Python does not look.`,
        remedy: `Pack what is in ${nested}/, not the folder itself: (cd ${nested} && zip -r ../layer.zip python).`,
        production: noModule(firstModule(paths, `${nested}/python/`) ?? 'psycopg2'),
      }),
    ]
  const prefix = paths.find((path) => /(?:^|\/)lib\/python\d\.\d+\/site-packages\//.test(path))
  if (prefix === undefined && module === undefined) return []
  return [
    finding('no-python-folder', {
      reason:
        prefix === undefined
          ? `the packages are at the root, which Lambda has at /opt, where Python does not look.`
          : `the packages are in ${prefix.slice(0, prefix.indexOf('site-packages'))} as uv --prefix and venv leave them; Python looks into python/lib/python3.X.`,
      remedy: 'Put everything into a folder python/ at the root, or let cruddur layer build make the layer.',
      production: noModule(module ?? firstModule(paths, '') ?? 'psycopg2'),
    }),
  ]
}

/** Packages for another Python, and those in a folder that none looks into. */
function wrongFolders({ tree, runtimes }: LayerContext): Finding[] {
  const wrong = new Map<string, Finding>()
  for (const { path } of tree.files) {
    if (!path.startsWith('python/')) continue
    const found = packagePath(path)
    const lost = runtimes.filter(({ python }) => found && !isSearchedBy(found, python))
    const folder = found
      ? found.folder
      : (/^python\/lib\/python[^/]*(?:\/[^/]+-packages)?/.exec(path)?.[0] ?? 'python')
    if (wrong.has(folder)) continue
    if (found && lost.length > 0)
      wrong.set(
        folder,
        ofAnotherPython(
          folder,
          lost.map(({ name }) => name),
          found.inside,
        ),
      )
    else if (
      found &&
      /^(?:\.?venv\/)?(?:lib64\/python\d|lib\/[^/]*\/)?(?:site|dist)-packages\//.test(found.inside)
    )
      wrong.set(`${folder} `, notSearched(path, found.inside))
    else if (found === undefined) wrong.set(folder, notSearched(path, path.slice(folder.length + 1)))
  }
  return [...wrong.values()]
}

function ofAnotherPython(folder: string, runtimes: readonly string[], inside: string): Finding {
  return finding('wrong-python-folder', {
    file: folder,
    reason: `${runtimes.join(' and ')} does not look into ${folder}.`,
    remedy: `Build the layer for ${runtimes[0]}, or use the runtime that the folder is named by: extension modules do not change Python.`,
    production: noModule(inside.split(/[/.]/)[0] ?? ''),
    details: { runtimes },
  })
}

function notSearched(path: string, inside: string): Finding {
  const folder = path.slice(0, path.lastIndexOf('/'))
  return finding('folder-not-searched', {
    file: folder,
    reason: 'Python looks into python/ and python/lib/python3.X/site-packages/ only.',
    remedy: 'Move the packages into python/.',
    production: noModule((inside.split('-packages/')[1] ?? inside).split(/[/.]/)[0] ?? ''),
  })
}

function rootFiles({ files }: LayerTree): Finding[] {
  const paths = new Set(files.map(({ path }) => path))
  const roots = new Set(
    files
      .map(({ path }) => (path.includes('/') ? `${path.split('/', 1)[0]}/` : path))
      .filter((root) => !ROOT_FOLDERS.has(root.replace(/\/$/, '')) && !HARMLESS.test(root)),
  )
  const isPackage = (root: string) =>
    /\.(?:py|so)$|\.dist-info\/$|\.libs\/$/.test(root) || paths.has(`${root}__init__.py`)
  if (!files.some(({ path }) => path.startsWith('python/'))) return []
  return [...roots].filter(isPackage).map((root) =>
    finding('file-at-root', {
      file: root.replace(/\/$/, ''),
      reason: `it is at the root, which Lambda has at /opt: Python does not find it there.`,
      remedy: 'Move it into python/, or leave it out.',
    }),
  )
}

function oddThings({ links, specials }: LayerTree): Finding[] {
  return [
    ...links.map(({ path, target, leadsTo }) =>
      leadsTo === undefined
        ? finding('link-outside', {
            file: path,
            reason: `it is a symbolic link to ${JSON.stringify(target)}, which is not in the layer.`,
            remedy: 'Put the file itself in its place.',
            details: { target },
          })
        : finding('link-inside', {
            file: path,
            reason: `it is a symbolic link to ${target}.`,
            remedy:
              'Put the file itself in its place if what packs the layer does not keep links (zip needs -y).',
            details: { target },
          }),
    ),
    ...specials.map((file) =>
      finding('special-file', {
        file,
        reason: 'it is neither a file nor a folder nor a link.',
        remedy: 'Leave it out.',
      }),
    ),
  ]
}

/** The module that a file at the root would be, if it were in the right place. */
function moduleAtRoot(path: string): string | undefined {
  return /^([A-Za-z_]\w*)(?:\/__init__\.py|\.py|(?:\.[\w-]+)?\.so)$/.exec(path)?.[1]
}

function firstModule(paths: readonly string[], below: string): string | undefined {
  for (const path of paths) {
    const module = path.startsWith(below)
      ? /(?:^|\/)([A-Za-z_]\w*)\/__init__\.py$/.exec(path.slice(below.length))?.[1]
      : undefined
    if (module !== undefined) return module
  }
  return undefined
}
