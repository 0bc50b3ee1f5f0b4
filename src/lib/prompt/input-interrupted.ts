/** Ctrl-C: what was being typed or read is dropped, and the prompt begins anew. */
export class InputInterrupted extends Error {
  constructor() {
    super('interrupted')
  }
}
