import type { SnippetLayer } from '../snippet.ts'
import { camelName, pascalName, snakeName } from './identifiers.ts'

// Assets of the CDK go through its own bucket, whatever their size, and are taken as they are when they are a zip.

/** What the CDK calls a runtime: `PYTHON_3_13`. */
function runtimeName(runtime: string): string {
  return runtime.replace(/^python/, 'PYTHON_').replace('.', '_')
}

/** What it calls an architecture. */
const ARCHITECTURE: Readonly<Record<string, string>> = { arm64: 'ARM_64', x86_64: 'X86_64' }

/** A layer's version for aws-cdk-lib (API reference: aws_lambda.LayerVersion) in TypeScript. */
export function cdkTypeScript(layer: SnippetLayer): string {
  const { name, path, runtimes, architectures, description, licence } = layer
  const variable = camelName(name)
  return lines([
    "import { RemovalPolicy } from 'aws-cdk-lib'",
    "import * as lambda from 'aws-cdk-lib/aws-lambda'",
    '',
    `const ${variable} = new lambda.LayerVersion(this, ${text(pascalName(name))}, {`,
    `  layerVersionName: ${text(name)},`,
    `  code: lambda.Code.fromAsset(${text(path)}),`,
    `  compatibleRuntimes: [${runtimes.map((one) => `lambda.Runtime.${runtimeName(one)}`).join(', ')}],`,
    `  compatibleArchitectures: [${architectures.map((one) => `lambda.Architecture.${ARCHITECTURE[one]}`).join(', ')}],`,
    description === '' ? undefined : `  description: ${text(description)},`,
    licence === undefined ? undefined : `  license: ${text(licence)},`,
    '  removalPolicy: RemovalPolicy.RETAIN,',
    '})',
    `// new lambda.Function(this, 'Function', { layers: [${variable}], … })`,
  ])
}

/** The same in Python. */
export function cdkPython(layer: SnippetLayer): string {
  const { name, path, runtimes, architectures, description, licence } = layer
  const variable = `${snakeName(name)}_layer`
  return lines([
    'from aws_cdk import RemovalPolicy, aws_lambda as lambda_',
    '',
    `${variable} = lambda_.LayerVersion(`,
    '    self,',
    `    ${text(pascalName(name))},`,
    `    layer_version_name=${text(name)},`,
    `    code=lambda_.Code.from_asset(${text(path)}),`,
    `    compatible_runtimes=[${runtimes.map((one) => `lambda_.Runtime.${runtimeName(one)}`).join(', ')}],`,
    `    compatible_architectures=[${architectures.map((one) => `lambda_.Architecture.${ARCHITECTURE[one]}`).join(', ')}],`,
    description === '' ? undefined : `    description=${text(description)},`,
    licence === undefined ? undefined : `    license=${text(licence)},`,
    '    removal_policy=RemovalPolicy.RETAIN,',
    ')',
    `# lambda_.Function(self, "Function", layers=[${variable}], …)`,
  ])
}

/** What is a string of JSON is one of TypeScript and of Python; the latter knows no surrogates, and JSON writes none. */
function text(value: string): string {
  return JSON.stringify(value)
}

function lines(all: readonly (string | undefined)[]): string {
  return all.filter((line) => line !== undefined).join('\n')
}
