// What a piece of code took from this process and has not given back: sockets, pipes, processes, timers. Told apart from what others take
// meanwhile by the asynchronous context in which it was taken.
import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'

const counted = /^(TCPWRAP|TCPSERVERWRAP|PIPEWRAP|PIPESERVERWRAP|UDPWRAP|PROCESSWRAP|TTYWRAP|FSEVENTWRAP|Timeout)$/

type Held = Map<number, { readonly type: string; readonly resource: object }>

const contexts = new AsyncLocalStorage<Held>()
const holders = new Map<number, Held>()
let watching = 0

const hook = createHook({
  init(id, type, _trigger, resource) {
    const held = counted.test(type) ? contexts.getStore() : undefined
    if (held === undefined) return
    held.set(id, { type, resource })
    holders.set(id, held)
  },
  destroy(id) {
    holders.get(id)?.delete(id)
    holders.delete(id)
  },
})

/** Runs `action`; the kinds of what it took and still holds afterwards, once what is on its way out has had time to go. */
export async function leftOver(action: () => Promise<unknown>, patience = 1_000): Promise<readonly string[]> {
  const held: Held = new Map()
  watching += 1
  hook.enable()
  try {
    await contexts.run(held, action)
    const deadline = performance.now() + patience
    while (kinds(held).length > 0 && performance.now() < deadline) await setImmediate()
    return kinds(held)
  } finally {
    watching -= 1
    if (watching === 0) hook.disable()
  }
}

function kinds(held: Held): readonly string[] {
  return [...held.values()].filter(({ resource }) => keepsAlive(resource)).map(({ type }) => type)
}

/** What does not keep the process alive (an unref'd timer) is nobody's burden. */
function keepsAlive(resource: object): boolean {
  return !('hasRef' in resource) || typeof resource.hasRef !== 'function' || Reflect.apply(resource.hasRef, resource, []) !== false
}
