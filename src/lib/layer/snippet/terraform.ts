import type { SnippetLayer } from '../snippet.ts'
import { snakeName } from './identifiers.ts'

/**
 * A layer's version for Terraform's AWS provider (its documents: aws_lambda_layer_version, aws_s3_object). A file goes with the request there, so one
 * that is too large is put into a bucket first.
 */
export function terraform(layer: SnippetLayer): string {
  const { name, path, runtimes, architectures, description, licence, needsS3 } = layer
  const id = snakeName(name)
  const file = string(`\${path.module}/${path}`, true)
  const object = `aws_s3_object.${id}`
  const version: [string, string][] = [
    ['layer_name', string(name)],
    ...(needsS3
      ? ([
          ['s3_bucket', `${object}.bucket`],
          ['s3_key', `${object}.key`],
        ] as [string, string][])
      : ([['filename', file]] as [string, string][])),
    ['source_code_hash', `filebase64sha256(${file})`],
    ['compatible_runtimes', list(runtimes)],
    ['compatible_architectures', list(architectures)],
    ...(description === '' ? [] : ([['description', string(description)]] as [string, string][])),
    ...(licence === undefined ? [] : ([['license_info', string(licence)]] as [string, string][])),
    ['skip_destroy', 'true'],
  ]
  const upload: [string, string][] = [
    ['bucket', 'var.layer_bucket'],
    ['key', `"layers/${name}-\${filesha256(${file})}.zip"`],
    ['source', file],
  ]
  return [
    ...(needsS3
      ? [
          block('variable "layer_bucket"', [
            [
              'description',
              string("A bucket in the layer's region: the zip is too large to go with a request"),
            ],
            ['type', 'string'],
          ]),
          '',
          block(`resource "aws_s3_object" "${id}"`, upload),
          '',
        ]
      : []),
    block(`resource "aws_lambda_layer_version" "${id}"`, version),
    `# resource "aws_lambda_function" "…" { layers = [aws_lambda_layer_version.${id}.arn] }`,
  ].join('\n')
}

/** As `terraform fmt` writes it. */
function block(head: string, fields: readonly [string, string][]): string {
  const width = Math.max(...fields.map(([name]) => name.length))
  return [`${head} {`, ...fields.map(([name, value]) => `  ${name.padEnd(width)} = ${value}`), '}'].join('\n')
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => string(value)).join(', ')}]`
}

/**
 * A string of HCL (Terraform language, "Strings and templates"): `${` and `%{` begin templates there.
 * @param isTemplate whether it begins with a template of ours, which stays
 */
function string(value: string, isTemplate = false): string {
  const start = isTemplate ? '${path.module}' : ''
  const escaped = JSON.stringify(value.slice(start.length))
    .slice(1, -1)
    // HCL knows fewer escapes than JSON.
    .replaceAll(String.raw`\b`, String.raw`\u0008`)
    .replaceAll(String.raw`\f`, String.raw`\u000c`)
    .replaceAll(/[$%](?=\{)/g, (sign) => sign + sign)
  return `"${start}${escaped}"`
}
