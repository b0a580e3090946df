import type { CaseContext, ConformanceCase, Opened } from './case.js'
import { FarView } from './far-view.js'
import { settlesWithin, within } from './patience.js'
import type { CaseOutcome } from './report.js'
import type { Stage } from './stage.js'

/** Runs cases one after another, over one connection where they allow it. */
export class Lane {
  readonly #stage: Stage
  readonly #patience: number
  readonly #far: FarView
  #shared: Promise<Opened> | undefined

  constructor(stage: Stage, patience: number) {
    this.#stage = stage
    this.#patience = patience
    this.#far = new FarView(stage)
  }

  async execute(conformanceCase: ConformanceCase): Promise<CaseOutcome> {
    const { id, title } = conformanceCase
    const reason = conformanceCase.requires?.(this.#stage.declared) ?? true
    if (reason !== true) return { id, title, status: 'skipped', reason }
    const cleanups: (() => unknown)[] = []
    try {
      await within(this.#patience, `The case did not end within ${String(this.#patience)} ms.`, conformanceCase.run(this.#context(cleanups)))
      return { id, title, status: 'passed' }
    } catch (error) {
      // What a failed case did to its connections is nobody's business but its own.
      const shared = this.#shared
      this.#shared = undefined
      cleanups.unshift(async () => (await shared)?.connection.close())
      cleanups.push(() => this.#far.close())
      return { id, title, status: 'failed', error: explain(error, conformanceCase) }
    } finally {
      for (const cleanup of cleanups.reverse()) await settlesWithin(Promise.resolve().then(cleanup), this.#patience)
    }
  }

  async close(): Promise<void> {
    await settlesWithin(Promise.resolve(this.#shared).then((opened) => opened?.connection.close()), this.#patience)
    await settlesWithin(this.#far.close(), this.#patience)
  }

  #context(cleanups: (() => unknown)[]): CaseContext {
    const stage = this.#stage
    return {
      declared: stage.declared,
      target: stage.target,
      get commands() { return stage.commands },
      far: this.#far,
      shared: async () => {
        this.#shared ??= stage.open()
        const opened = await this.#shared
        opened.observed.reset()
        return opened
      },
      connect: async (options, onDial) => {
        const opened = await stage.open(options, onDial)
        cleanups.push(() => opened.connection.close())
        return opened
      },
      cleanup: (action) => { cleanups.push(action) },
    }
  }
}

/** The rule goes first: a failed comparison alone says little to the author of a driver. */
function explain(error: unknown, { id, title }: ConformanceCase): Error {
  const message = error instanceof Error ? error.message : String(error)
  const explained = new Error(`${id}: ${title}\n${message}\nSee docs/driver-contract.md`, { cause: error })
  if (error instanceof Error && error.stack !== undefined) explained.stack = `${explained.message}\n${error.stack.slice(error.stack.indexOf('\n    at ') + 1)}`
  return explained
}
