/** The object, with each rejection of its methods and of their iterables put through `finish`. */
export function guardMethods<Value extends object>(value: Value, finish: (error: unknown, method: string) => unknown): Value {
  return new Proxy(value, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function' || typeof key !== 'string') return member
      return (...parameters: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, parameters)
        if (answer instanceof Promise) return answer.catch((error: unknown) => { throw finish(error, key) })
        return isAsyncIterable(answer) ? guardStream(answer, (error) => finish(error, key)) : answer
      }
    },
  })
}

/** The stream, with its rejection put through `finish`. Leaving it early leaves `source` early, also while it waits. */
export function guardStream<Value>(source: AsyncIterable<Value>, finish: (error: unknown) => unknown): AsyncIterable<Value> {
  let iterator: AsyncIterator<Value> | undefined
  const started = (): AsyncIterator<Value> => (iterator ??= source[Symbol.asyncIterator]())
  const finished = async <Step>(step: () => Promise<Step>): Promise<Step> => {
    try {
      return await step()
    } catch (error) {
      throw finish(error)
    }
  }
  const guarded: AsyncIterableIterator<Value> = {
    next: async () => finished(() => started().next()),
    return: async () => finished(async () => (await started().return?.()) ?? { done: true, value: undefined }),
    [Symbol.asyncIterator]: () => guarded,
  }
  return guarded
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
