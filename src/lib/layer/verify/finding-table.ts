/** `error`: it fails in production. `warning`: it may. `info`: worth knowing, and nothing fails. */
export type Severity = 'error' | 'warning' | 'info'

/** What a kind of finding is called, and how grave it usually is. */
export interface FindingKind {
  severity: Severity
  title: string
}

/** Every kind of finding by its id. The ids are stable: programs go by them. */
export const FINDING_KINDS = {
  // Structure
  'layer-empty': { severity: 'error', title: 'the layer has no files' },
  'no-python-folder': { severity: 'error', title: 'no folder python/ at the root' },
  'python-folder-nested': { severity: 'error', title: 'python/ is below another folder' },
  'wrong-python-folder': { severity: 'error', title: 'packages are in the folder of another Python' },
  'folder-not-searched': { severity: 'error', title: 'packages are where Python does not look' },
  'file-at-root': { severity: 'warning', title: 'files are beside python/, not in it' },
  'link-outside': { severity: 'error', title: 'a symbolic link leads out of the layer' },
  'link-inside': { severity: 'info', title: 'the layer has symbolic links' },
  'special-file': { severity: 'error', title: 'neither a file nor a folder' },
  // Permissions
  'file-not-readable': { severity: 'error', title: "Lambda's user may not read a file" },
  'folder-not-searchable': { severity: 'error', title: "Lambda's user may not enter a folder" },
  'program-not-executable': { severity: 'warning', title: 'a program may not be executed' },
  'mode-without-type': { severity: 'info', title: 'modes lack the type of the file' },
  'mode-missing': { severity: 'warning', title: 'the zip has no Unix modes' },
  // Packages
  'package-file-missing': { severity: 'error', title: 'a file that RECORD lists is missing' },
  'package-data-missing': { severity: 'warning', title: 'a data file that RECORD lists is missing' },
  'package-file-changed': { severity: 'info', title: 'a file has another size than RECORD says' },
  'critical-file-missing': { severity: 'error', title: 'a package lacks the file that it cannot do without' },
  'dist-info-missing': { severity: 'warning', title: 'a package has no metadata' },
  'dist-info-broken': { severity: 'error', title: 'metadata of a package cannot be read' },
  'package-versions-mixed': { severity: 'warning', title: 'two versions of one package' },
  // ELF files
  'elf-machine': { severity: 'error', title: 'built for another processor' },
  'elf-invalid': { severity: 'error', title: 'an extension or library is no ELF file' },
  'elf-damaged': { severity: 'error', title: 'an ELF file is cut off or damaged' },
  'elf-alignment': { severity: 'error', title: 'the loader refuses the segments of a file' },
  'foreign-binary': { severity: 'warning', title: 'a program or library of another system' },
  'abi-tag': { severity: 'error', title: 'built for another Python' },
  'abi3-floor': { severity: 'error', title: 'built for this Python or newer ones only' },
  'abi-several-runtimes': { severity: 'error', title: 'built for one of the declared runtimes only' },
  'glibc-version': { severity: 'error', title: "needs a newer glibc than the runtime's" },
  'libstdcxx-version': { severity: 'error', title: "needs a newer libstdc++ than the runtime's" },
  'libgcc-version': { severity: 'error', title: "needs a newer libgcc than the runtime's" },
  'zlib-version': { severity: 'error', title: "needs a newer zlib than the runtime's" },
  'library-version': { severity: 'error', title: 'needs a symbol version that a library in the layer lacks' },
  'private-symbols': { severity: 'warning', title: "uses glibc's private symbols" },
  'library-missing': { severity: 'error', title: 'a needed library is nowhere' },
  'library-not-searched': { severity: 'error', title: 'a needed library is where the loader does not look' },
  'library-import-order': {
    severity: 'warning',
    title: 'a needed library is found only after another import',
  },
  'library-unsure': { severity: 'warning', title: 'a needed library may be missing in the managed runtime' },
  'search-path-odd': { severity: 'info', title: 'a search path of the machine that built the file' },
  'soname-clash': { severity: 'warning', title: 'two different libraries have one name' },
  'soname-of-runtime': { severity: 'warning', title: 'a library has the name of one of the runtime' },
  'tag-too-old': {
    severity: 'warning',
    title: 'the tag of a wheel promises an older glibc than its files need',
  },
  'tag-too-new': { severity: 'info', title: 'the tag of a wheel asks for a newer glibc than its files need' },
  // Shadowing
  'package-twice': { severity: 'warning', title: 'a package is in two folders of the layer' },
  'standard-library-shadowed': { severity: 'error', title: "hides a module of Python's standard library" },
  'boto-pair': { severity: 'warning', title: "is paired with the runtime's other half" },
  'runtime-package-shadowed': { severity: 'info', title: 'takes the place of a package of the runtime' },
  // Sizes
  'unzipped-size': { severity: 'error', title: 'too large unzipped' },
  'unzipped-size-near': { severity: 'warning', title: 'little room is left for functions' },
  'direct-upload-size': { severity: 'info', title: 'too large for a direct upload' },
  'prunable-files': { severity: 'info', title: 'files that no function needs' },
  'contents-not-read': { severity: 'warning', title: 'not looked into' },
  // What deploys it
  'asset-not-zip': { severity: 'info', title: 'Terraform wants a zip' },
  'asset-name': { severity: 'warning', title: 'CDK takes only files that end in .zip' },
  'asset-links': { severity: 'warning', title: 'what deploys it may treat symbolic links differently' },
  // The runtime
  'runtime-deprecated': { severity: 'warning', title: 'the runtime is at its end' },
  'import-failed': { severity: 'error', title: 'an import fails in the image of the runtime' },
} as const satisfies Readonly<Record<string, FindingKind>>

/** The id of a kind of finding. */
export type FindingId = keyof typeof FINDING_KINDS
