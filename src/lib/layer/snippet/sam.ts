import type { SnippetLayer } from '../snippet.ts'
import { pascalName } from './identifiers.ts'

/**
 * A layer's version for AWS SAM (Developer Guide: AWS::Serverless::LayerVersion). `sam deploy` puts the zip into its bucket, whatever its size;
 * without Metadata `sam build` leaves it as it is.
 */
export function sam(layer: SnippetLayer): string {
  const { name, path, runtimes, architectures, description, licence } = layer
  const id = pascalName(name)
  return [
    "AWSTemplateFormatVersion: '2010-09-09'",
    'Transform: AWS::Serverless-2016-10-31',
    'Resources:',
    `  ${id}:`,
    '    Type: AWS::Serverless::LayerVersion',
    '    Properties:',
    `      LayerName: ${string(name)}`,
    ...(description === '' ? [] : [`      Description: ${string(description)}`]),
    `      ContentUri: ${string(path)}`,
    '      CompatibleRuntimes:',
    ...runtimes.map((one) => `        - ${string(one)}`),
    '      CompatibleArchitectures:',
    ...architectures.map((one) => `        - ${string(one)}`),
    ...(licence === undefined ? [] : [`      LicenseInfo: ${string(licence)}`]),
    '      RetentionPolicy: Retain',
    `  # In a function's Properties: Layers: [!Ref ${id}]`,
  ].join('\n')
}

/** A string of YAML in double quotes: those of JSON are the same (YAML 1.2, chapter 7.3.1). */
function string(value: string): string {
  return JSON.stringify(value)
}
