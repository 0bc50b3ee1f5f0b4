import { setTimeout as sleep } from 'node:timers/promises'
import { callDocker, type DockerProcess } from './docker-cli.ts'
import type { Engine } from './engine.ts'

/** Milliseconds between two tries to remove a container whose docker has not ended yet, and how many there are. */
const REMOVE_EVERY = 250
const REMOVE_TRIES = 40

/** What ends a container. */
interface Ends {
  timeout?: number | undefined
  stop?: AbortSignal | undefined
  signal?: AbortSignal | undefined
}

/** Ends a container before its time. */
export class Stopping {
  stopped = false
  readonly #engine: Engine
  readonly #name: string
  readonly #child: DockerProcess
  readonly #signals: readonly (AbortSignal | undefined)[]
  readonly #timer: NodeJS.Timeout | undefined
  #closed = false
  #removal: Promise<void> | undefined

  constructor(engine: Engine, name: string, child: DockerProcess, options: Ends) {
    this.#engine = engine
    this.#name = name
    this.#child = child
    this.#signals = [options.signal, options.stop]
    child.once('close', () => (this.#closed = true)).once('error', () => (this.#closed = true))
    for (const signal of this.#signals) signal?.addEventListener('abort', this.#stop, { once: true })
    if (options.timeout !== undefined) this.#timer = setTimeout(this.#stop, options.timeout)
    // It may have been too late to hear of it.
    if (this.#signals.some((signal) => signal?.aborted)) this.#stop()
  }

  /** Waits until nothing of it is left. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer)
    for (const signal of this.#signals) signal?.removeEventListener('abort', this.#stop)
    await this.#removal
  }

  readonly #stop = (): void => {
    if (this.#closed) return
    this.stopped = true
    this.#removal ??= this.#remove()
  }

  /** Again and again until docker has ended: it may be about to make the container when we remove it. */
  async #remove(): Promise<void> {
    this.#child.stdin.destroy()
    for (let left = REMOVE_TRIES; left > 0 && !this.#closed; left--) {
      await callDocker(this.#engine, ['rm', '--force', '--volumes', this.#name])
      await sleep(REMOVE_EVERY)
    }
    if (!this.#closed) this.#child.kill('SIGKILL')
  }
}
