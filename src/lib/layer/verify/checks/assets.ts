import { LIMITS } from '../../limits.ts'
import { finding, type Finding } from '../findings.ts'
import type { LayerContext } from '../layer-context.ts'
import type { LayerTree } from '../tree/layer-tree.ts'

/** Whether a tool can deploy a layer as it is, and how. */
export interface AssetAdvice {
  ok: boolean
  /** What to write, or what is in the way. */
  how: string
}

/** What deploys layers. */
export type DeployTool = 'cdk' | 'terraform' | 'sam'

/**
 * What each tool does with this folder or zip.
 * - CDK (`aws-s3-assets`): a folder, which it packs, or a file that ends in .zip, which it takes as it is.
 * - Terraform (`aws_lambda_layer_version`): a zip only; `filename` goes with the request itself, a larger one needs `s3_bucket`.
 * - SAM (`AWS::Serverless::LayerVersion`): either; with `BuildMethod` it would put what is there into another python/.
 */
export function assetAdvice(tree: LayerTree): Record<DeployTool, AssetAdvice> {
  const isZip = tree.kind === 'zip'
  const isNamedZip = !isZip || /\.(?:zip|jar)$/.test(tree.path)
  const isLarge = (tree.zipSize ?? 0) > LIMITS.directUpload
  return {
    cdk: isNamedZip
      ? { ok: true, how: 'Code.fromAsset takes it as it is.' }
      : { ok: false, how: 'Code.fromAsset wants a folder or a file that ends in .zip: rename it.' },
    terraform: !isZip
      ? { ok: false, how: 'filename wants a zip: build one, or pack the folder with archive_file.' }
      : isLarge
        ? {
            ok: true,
            how: 'It is too large for filename: put it into a bucket, with s3_bucket, s3_key and source_code_hash.',
          }
        : { ok: true, how: 'filename and source_code_hash take it as it is.' },
    sam: {
      ok: true,
      how: 'ContentUri takes it as it is, without BuildMethod: with it python/ would be put into another python/.',
    },
  }
}

/** What is in the way of tools that deploy layers. */
export function checkAssets({ tree }: LayerContext): Finding[] {
  const { cdk, terraform } = assetAdvice(tree)
  return [
    ...(cdk.ok
      ? []
      : [finding('asset-name', { reason: cdk.how, remedy: 'Give it a name that ends in .zip.' })]),
    ...(terraform.ok
      ? []
      : [
          finding('asset-not-zip', {
            reason: terraform.how,
            remedy: 'cruddur layer build makes a zip, the same bytes every time.',
          }),
        ]),
    ...(tree.kind === 'folder' && tree.links.length > 0
      ? [
          finding('asset-links', {
            file: tree.links[0]?.path ?? '',
            reason:
              'CDK, SAM and zip each treat symbolic links in a folder in their own way: kept, followed or left out.',
            remedy: 'Put the files themselves in the place of links.',
          }),
        ]
      : []),
  ]
}
