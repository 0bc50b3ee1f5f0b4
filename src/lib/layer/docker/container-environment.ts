/**
 * Variables that the docker program itself goes by: they must not reach it with a container's value (Docker CLI reference,
 * "Environment variables"; Go's net/http and crypto/x509).
 */
const STEERING =
  /^(?:DOCKER_.*|BUILDKIT_.*|BUILDX_.*|COMPOSE_.*|GO[A-Z]+|SSL_CERT_(?:FILE|DIR)|(?:HTTPS?|ALL|NO|FTP)_PROXY|PATH|HOME|TMPDIR|TEMP|TMP|XDG_.*|LD_.*|SSH_.*|USERPROFILE|(?:LOCAL)?APPDATA|SYSTEMROOT)$/i

/** How a container gets its environment. No value is in the arguments, which everybody on the machine can read. */
export interface PassedEnvironment {
  /** Names, for `--env NAME`: docker takes the values from its own environment. */
  names: string[]
  /** The values of those, for docker's environment. */
  values: Record<string, string>
  /** The text of a file for `--env-file`; empty when none is needed. */
  file: string
}

/**
 * Splits a container's environment into what goes through docker's own, and what would change docker itself and so goes
 * through a file.
 */
export function passEnvironment(environment: Readonly<Record<string, string>>): PassedEnvironment {
  const passed: PassedEnvironment = { names: [], values: {}, file: '' }
  for (const [name, value] of Object.entries(environment)) {
    // A file has one line for each.
    if (STEERING.test(name) && !/[\r\n]/.test(value)) passed.file += `${name}=${value}\n`
    else {
      passed.names.push(name)
      passed.values[name] = value
    }
  }
  return passed
}
