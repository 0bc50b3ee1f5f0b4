/** How one gets Docker on a system: the engine's documentation, and what is usual. */
const INSTALL: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'Install Docker: sudo apt install docker.io (Debian, Ubuntu), sudo dnf install docker (Amazon Linux, Fedora).',
  darwin: 'Install Docker: brew install colima docker && colima start, or Docker Desktop.',
  win32: 'Install Docker: winget install Docker.DockerDesktop.',
}

const START: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'Start it: sudo systemctl start docker (or sudo service docker start).',
  darwin: 'Start it: colima start, or open -a Docker.',
  win32: 'Start Docker Desktop.',
}

/** What to do where there is no docker. */
export function howToInstall(system: NodeJS.Platform): string {
  return INSTALL[system] ?? 'Install Docker: https://docs.docker.com/engine/install/.'
}

/** What to do where no engine answers. */
export function howToStart(system: NodeJS.Platform): string {
  return `${START[system] ?? 'Start the Docker engine.'} docker context ls shows which engine is meant.`
}

/** What to do where the engine's socket is not for this user. */
export function howToPermit(system: NodeJS.Platform): string {
  return system === 'linux'
    ? 'Join the group of its socket and log in anew: sudo usermod -aG docker "$USER".'
    : 'Check the rights on the socket that docker context inspect shows.'
}

/** What to do where programs of another architecture do not run. `name` is how binfmt calls the architecture. */
export function howToEmulate(system: NodeJS.Platform, name: string): string {
  const debian = system === 'linux' ? ' (Debian: sudo apt install qemu-user-static binfmt-support)' : ''
  return `Let the engine's kernel run them: docker run --privileged --rm tonistiigi/binfmt --install ${name}${debian}.`
}
