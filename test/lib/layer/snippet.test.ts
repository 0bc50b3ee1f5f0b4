import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { layerSnippet, type SnippetOptions } from '../../../src/lib/layer/snippet.ts'
import { EMULATOR_START_TIMEOUT, emulatorPython } from '../../support/aws/emulator.ts'
import { describedAs, testFolder, writeLayer } from '../../support/layer/layer-files.ts'
import { makeZip } from '../../support/layer/make-zip.ts'
import { failureOf } from '../../support/load.ts'

// Definitions are exact, and valid in their language whatever a layer is called.

const NASTY = 'it\'s "50 %" ${of} %{all} \\ here: #1'

async function snippet(
  tool: SnippetOptions['tool'],
  more: Partial<SnippetOptions> & { licence?: string; zipped?: Buffer } = {},
) {
  const { licence = 'MIT', zipped, ...options } = more
  const folder = testFolder()
  const [wheel] = describedAs(Buffer.alloc(0)).wheels
  const wheels = wheel ? [{ ...wheel, licence }] : []
  const zip = writeLayer(folder, { wheels, ...(zipped && { zip: zipped }) })
  return layerSnippet({ tool, zip, directory: folder, ...options })
}

const large = () =>
  makeZip([{ name: 'python/data', content: Buffer.alloc(52_500_000), stored: true, mode: 0o100_644 }])

/** Runs Python with the text as its input; returns what it prints, as JSON. */
const python = (script: string, input: string): unknown =>
  JSON.parse(execFileSync('python3', ['-c', script], { input }).toString())

describe('cdk', () => {
  test('in TypeScript', async () => {
    const { text, ...rest } = await snippet('cdk')
    expect(rest).toMatchObject({ tool: 'cdk', language: 'typescript', needsS3: false })
    expect(text).toBe(`import { RemovalPolicy } from 'aws-cdk-lib'
import * as lambda from 'aws-cdk-lib/aws-lambda'

const shopPy313Arm64Layer = new lambda.LayerVersion(this, "ShopPy313Arm64Layer", {
  layerVersionName: "shop-py313-arm64",
  code: lambda.Code.fromAsset("shop-py313-arm64.zip"),
  compatibleRuntimes: [lambda.Runtime.PYTHON_3_13],
  compatibleArchitectures: [lambda.Architecture.ARM_64],
  description: "shop 1.2; Python 3.13, arm64",
  license: "MIT",
  removalPolicy: RemovalPolicy.RETAIN,
})
// new lambda.Function(this, 'Function', { layers: [shopPy313Arm64Layer], … })`)
  })

  test('in Python', async () => {
    const { text, language } = await snippet('cdk', {
      language: 'python',
      architectures: ['x86_64', 'arm64'],
    })
    expect(language).toBe('python')
    expect(text).toContain(
      'compatible_architectures=[lambda_.Architecture.X86_64, lambda_.Architecture.ARM_64],',
    )
    const script = `
import ast, json, sys
call = ast.parse(sys.stdin.read()).body[1].value
print(json.dumps({k.arg: ast.literal_eval(k.value) for k in call.keywords if isinstance(k.value, ast.Constant)}))`
    expect(python(script, text)).toEqual({
      layer_version_name: 'shop-py313-arm64',
      description: 'shop 1.2; Python 3.13, arm64',
      license: 'MIT',
    })
  })

  test('what is quoted stays what it was', async () => {
    const { text } = await snippet('cdk', { licence: NASTY })
    const parsed = stripTypeScriptTypes(text)
    const [, literal = ''] = /license: (".*"),$/m.exec(parsed) ?? []
    // A string of JSON is one of JavaScript.
    expect(JSON.parse(literal)).toBe(NASTY)
    const inPython = await snippet('cdk', { language: 'python', licence: NASTY })
    const script = `
import ast, json, sys
call = ast.parse(sys.stdin.read()).body[1].value
print(json.dumps([ast.literal_eval(k.value) for k in call.keywords if k.arg == 'license'][0]))`
    expect(python(script, inPython.text)).toBe(NASTY)
  })
})

describe('terraform', () => {
  test('a zip that goes with the request', async () => {
    expect((await snippet('terraform')).text).toBe(`resource "aws_lambda_layer_version" "shop_py313_arm64" {
  layer_name               = "shop-py313-arm64"
  filename                 = "\${path.module}/shop-py313-arm64.zip"
  source_code_hash         = filebase64sha256("\${path.module}/shop-py313-arm64.zip")
  compatible_runtimes      = ["python3.13"]
  compatible_architectures = ["arm64"]
  description              = "shop 1.2; Python 3.13, arm64"
  license_info             = "MIT"
  skip_destroy             = true
}
# resource "aws_lambda_function" "…" { layers = [aws_lambda_layer_version.shop_py313_arm64.arn] }`)
  })

  test('one that is too large goes through S3', async () => {
    const { text, needsS3 } = await snippet('terraform', { zipped: large() })
    expect(needsS3).toBe(true)
    expect(text).toContain(`resource "aws_s3_object" "shop_py313_arm64" {
  bucket = var.layer_bucket
  key    = "layers/shop-py313-arm64-\${filesha256("\${path.module}/shop-py313-arm64.zip")}.zip"
  source = "\${path.module}/shop-py313-arm64.zip"
}`)
    expect(text).toContain('s3_bucket                = aws_s3_object.shop_py313_arm64.bucket')
    expect(text).toContain('s3_key                   = aws_s3_object.shop_py313_arm64.key')
    expect(text).not.toContain('filename ')
  })

  test('templates in texts are none', async () => {
    const { text } = await snippet('terraform', { licence: NASTY })
    expect(text).toContain(
      String.raw`license_info             = "it's \"50 %\" $` +
        String.raw`\${of} %%{all} \\ here: #1"`.replace(String.raw`\$`, '$'),
    )
  })

  test('brackets and quotes end where they should', async () => {
    for (const zipped of [undefined, large()]) {
      const { text } = await snippet('terraform', { licence: NASTY, ...(zipped && { zipped }) })
      expect(openBrackets(text)).toBe('')
    }
  })
})

/** What is left open at the end of a text of HCL: strings, templates in them, and brackets. */
function openBrackets(text: string): string {
  const stack: string[] = []
  const closing: Record<string, string> = { '}': '{', ']': '[', ')': '(' }
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (stack.at(-1) === '"') {
      if (sign === '\\') at += 1
      else if (/^(?:\$\$|%%)\{/.test(text.slice(at, at + 3))) at += 2
      else if (/^[$%]\{/.test(text.slice(at, at + 2))) stack.push(text[++at] ?? '')
      else if (sign === '"') stack.pop()
      else if (sign === '\n') throw new Error('a string over several lines')
    } else if (sign === '#') at = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at)
    else if ('"{[('.includes(sign)) stack.push(sign)
    else if (sign in closing && stack.pop() !== closing[sign]) throw new Error(`a ${sign} too many`)
  }
  return stack.join('')
}

describe('sam', () => {
  test('a template', async () => {
    expect((await snippet('sam')).text).toBe(`AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  ShopPy313Arm64Layer:
    Type: AWS::Serverless::LayerVersion
    Properties:
      LayerName: "shop-py313-arm64"
      Description: "shop 1.2; Python 3.13, arm64"
      ContentUri: "shop-py313-arm64.zip"
      CompatibleRuntimes:
        - "python3.13"
      CompatibleArchitectures:
        - "arm64"
      LicenseInfo: "MIT"
      RetentionPolicy: Retain
  # In a function's Properties: Layers: [!Ref ShopPy313Arm64Layer]`)
  })
})

test(
  'a template of SAM is one to cfn-lint, and what is quoted stays what it was',
  async () => {
    const { text } = await snippet('sam', { licence: NASTY, pythons: ['3.12', '3.13'] })
    const file = join(testFolder(), 'template.yaml')
    writeFileSync(file, text)
    const script = `
import json, sys, yaml
from cfnlint.api import lint_all
source = open(sys.argv[1]).read()
layer = yaml.safe_load(source)["Resources"]["ShopPy313Arm64Layer"]["Properties"]
print(json.dumps([[str(match) for match in lint_all(source) if match.rule.id[0] in 'EW'], layer]))`
    const [problems, layer] = JSON.parse(
      execFileSync(await emulatorPython(), ['-c', script, file]).toString(),
    ) as [string[], object]
    expect(problems).toEqual([])
    expect(layer).toMatchObject({
      LicenseInfo: NASTY,
      ContentUri: 'shop-py313-arm64.zip',
      CompatibleRuntimes: ['python3.12', 'python3.13'],
    })
  },
  EMULATOR_START_TIMEOUT,
)

test('paths lead from where the definition stands', async () => {
  const folder = testFolder()
  const zip = writeLayer(folder)
  const text = async (directory: string) => (await layerSnippet({ tool: 'sam', zip, directory })).text
  expect(await text(join(folder, 'infra', 'prod'))).toContain('ContentUri: "../../shop-py313-arm64.zip"')
})

test.each([
  ['9-lives', 'L9LivesLayer', 'layer_9_lives'],
  ['__', 'Layer', 'layer_'],
])('a layer called %s has valid identifiers', async (name, pascal, snake) => {
  expect((await snippet('sam', { name })).text).toContain(`  ${pascal}:\n`)
  expect((await snippet('terraform', { name })).text).toContain(`"aws_lambda_layer_version" "${snake}"`)
})

test('what is wrong with the layer is told instead', async () => {
  expect(await failureOf(snippet('sam', { name: 'no spaces' }))).toMatchObject({ code: 'LAYER_NAME_INVALID' })
})
