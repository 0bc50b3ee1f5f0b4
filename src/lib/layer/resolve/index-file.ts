/** A file that an index offers: a wheel or a source package. */
export interface IndexFile {
  fileName: string
  /** Where it is; without a login. `file:` for one in a folder. */
  url: string
  /** In hex; `undefined` if the index does not say it. */
  sha256: string | undefined
  /** In bytes; `undefined` if the index does not say it. */
  size: number | undefined
  /** Python versions that it is for; `undefined` for all. */
  requiresPython: string | undefined
  /** Whether its authors took it back: then only who names its version gets it. */
  yanked: boolean
  /** Whether the index has its METADATA as a file of its own (PEP 658), and that file's SHA-256 in hex where it says so. */
  metadata: boolean | { sha256: string }
  /** When it was uploaded, as an ISO date; `undefined` if the index does not say it. */
  uploaded: string | undefined
}
