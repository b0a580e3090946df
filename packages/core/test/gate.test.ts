import { expect, test } from 'vitest'
import { Gate } from '../src/gate.js'

const { signal } = new AbortController()

/** Lets promises that can settle do so. */
async function turn(): Promise<void> {
  await new Promise((resolve) => { setImmediate(resolve) })
}

test('lets the limit through, then one for each that is given back, in order', async () => {
  const gate = new Gate(2)
  const order: number[] = []
  const [first, second] = [await gate.acquire(signal), await gate.acquire(signal)]
  const third = gate.acquire(signal).then((release) => { order.push(3); return release })
  const fourth = gate.acquire(signal).then((release) => { order.push(4); return release })
  await turn()
  expect(order).toEqual([])
  first()
  first()
  await third
  expect([order, gate.inFlight, gate.waiting]).toEqual([[3], 2, 1])
  second()
  ;(await fourth)()
  ;(await third)()
  expect([order, gate.inFlight, gate.waiting]).toEqual([[3, 4], 0, 0])
})

test('what ends a process goes to the head of the queue', async () => {
  const gate = new Gate(1)
  const held = await gate.acquire(signal)
  const order: string[] = []
  const run = gate.acquire(signal).then((release) => { order.push('run'); release() })
  const kill = gate.acquire(signal, { first: true }).then((release) => { order.push('kill'); release() })
  held()
  await Promise.all([run, kill])
  expect(order).toEqual(['kill', 'run'])
})

test('who waits and is aborted leaves the queue and holds nothing', async () => {
  const gate = new Gate(1)
  const held = await gate.acquire(signal)
  const controller = new AbortController()
  const waiting = gate.acquire(controller.signal)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(gate.waiting).toBe(0)
  held()
  expect(gate.inFlight).toBe(0)
  await expect(gate.acquire(AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
})

test('a refusal lowers the limit to what the far side carries, never below one', async () => {
  const gate = new Gate(10)
  const slots = await Promise.all([1, 2, 3].map(() => gate.acquire(signal)))
  gate.lower()
  expect(gate.limit).toBe(2)
  gate.lower()
  gate.lower()
  expect(gate.limit).toBe(1)
  for (const release of slots) release()
  expect(gate.inFlight).toBe(0)
})

test('says that somebody waits', async () => {
  const gate = new Gate(1)
  let waited = 0
  gate.onWait = () => { waited += 1 }
  const release = await gate.acquire(signal)
  const next = gate.acquire(signal)
  expect(waited).toBe(1)
  release()
  ;(await next)()
})
