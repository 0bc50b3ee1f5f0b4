import { relative, sep } from 'node:path'
import { planPublication, type Publication } from './publish/plan-publication.ts'
import { cdkPython, cdkTypeScript } from './snippet/cdk.ts'
import { sam } from './snippet/sam.ts'
import { terraform } from './snippet/terraform.ts'
import { LIMITS } from './limits.ts'

/** What a definition can be written for. */
export const SNIPPET_TOOLS = ['cdk', 'terraform', 'sam'] as const
export type SnippetTool = (typeof SNIPPET_TOOLS)[number]

/** What the CDK can be written in. */
export const CDK_LANGUAGES = ['typescript', 'python'] as const
export type CdkLanguage = (typeof CDK_LANGUAGES)[number]

export interface SnippetOptions {
  tool: SnippetTool
  /** For the CDK; TypeScript by default. */
  language?: CdkLanguage | undefined
  /** Path of the layer's zip. */
  zip: string
  /** The folder that the definition will stand in: its paths lead from there. */
  directory: string
  /** Instead of that of the build. */
  name?: string | undefined
  pythons?: readonly string[] | undefined
  architectures?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

/** What a definition is made of. */
export interface SnippetLayer extends Pick<
  Publication,
  'name' | 'runtimes' | 'architectures' | 'description' | 'licence'
> {
  /** Of the zip, with slashes, from the folder that the definition stands in. */
  path: string
  /** Whether it is too large to go with a request, so that the tool must be told to use S3. */
  needsS3: boolean
}

export interface SnippetResult extends SnippetLayer {
  tool: SnippetTool
  language: 'typescript' | 'python' | 'hcl' | 'yaml'
  text: string
}

/**
 * Writes the definition of a layer's version that uses a built zip.
 * @throws {UsageError} as `publishLayer`, for what is told about the layer
 * @throws {CruddurError} `LAYER_TOO_LARGE`, `LAYER_CHANGED`, `LAYER_JSON_INVALID`, `ZIP_INVALID`
 */
export async function layerSnippet(options: SnippetOptions): Promise<SnippetResult> {
  const { tool, language = 'typescript', zip, directory } = options
  const { name, runtimes, architectures, description, licence, size } = await planPublication(options)
  const path = relative(directory, zip).replaceAll(sep, '/')
  const needsS3 = size > LIMITS.directUpload
  const layer: SnippetLayer = { name, runtimes, architectures, description, licence, path, needsS3 }
  const [write, written] = WRITERS[tool === 'cdk' ? language : tool]
  return { tool, language: written, ...layer, text: write(layer) }
}

const WRITERS = {
  typescript: [cdkTypeScript, 'typescript'],
  python: [cdkPython, 'python'],
  terraform: [terraform, 'hcl'],
  sam: [sam, 'yaml'],
} as const satisfies Record<string, readonly [(layer: SnippetLayer) => string, SnippetResult['language']]>
