/** The place somebody works in, as far as the environment tells. */
export interface Workspace {
  /** Tells it from the other workspaces of the same person. */
  name: string
  /** What people there call their rule in a security group. */
  ruleName: string | undefined
}

/** Cloud workspaces by the variable that they set; Ona is what Gitpod has become and sets the same. */
const CLOUD: readonly { variable: string; ruleName: string | undefined }[] = [
  { variable: 'GITPOD_WORKSPACE_ID', ruleName: 'GITPOD' },
  { variable: 'GITPOD_ENVIRONMENT_ID', ruleName: 'GITPOD' },
  { variable: 'CODESPACE_NAME', ruleName: undefined },
]

/** The workspace that this is: a cloud one by its own name, else this machine by its host name. */
export function findWorkspace(
  environment: Readonly<Record<string, string | undefined>>,
  hostName: string,
): Workspace {
  for (const { variable, ruleName } of CLOUD) {
    const name = environment[variable]
    if (name) return { name, ruleName }
  }
  return { name: hostName, ruleName: undefined }
}
