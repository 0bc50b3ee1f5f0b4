/**
 * What Lambda allows. From AWS' documents: "Lambda quotas", and the API reference of PublishLayerVersion and
 * UpdateFunctionConfiguration. Where the documents say MB they mean 1024 × 1024 bytes.
 */
export const LIMITS = {
  /** Bytes of a zip that goes with the request itself; a larger one goes through S3. */
  directUpload: 52_428_800,
  /** Unzipped bytes of a function and all its layers: the sum must be *smaller*, as the error of the API says. */
  unzipped: 262_144_000,
  /** Layers of one function. */
  layers: 5,
  /** What the name of a layer looks like, and how long it may be. */
  layerName: /^[a-zA-Z0-9-_]{1,140}$/,
  /** Characters of a layer's description. */
  description: 256,
  /** Characters of a layer's licence: an SPDX identifier, a URL or the text. */
  licence: 512,
  /** Runtimes that a layer may say it is for. */
  compatibleRuntimes: 15,
  /** Architectures that a layer may say it is for. */
  compatibleArchitectures: 2,
  /** Milliseconds for which the link to a published layer's zip is good. */
  downloadLink: 600_000,
} as const
