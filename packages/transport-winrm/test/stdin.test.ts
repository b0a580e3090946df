import { describe, expect, test, vi } from 'vitest'
import { maxPiece, pumpStdin, sendAll } from '../src/shell/stdin.js'
import { WsmanFault } from '../src/wsman/fault.js'

/** Sends that end when the test says so. */
function sink() {
  const sent: { readonly text: string; readonly end: boolean }[] = []
  const waiting: (() => void)[] = []
  const failures: unknown[] = []
  return {
    sent,
    failures,
    next: () => waiting.shift()?.(),
    failed: (error: unknown) => void failures.push(error),
    send: (data: Uint8Array, end: boolean) => {
      sent.push({ text: Buffer.from(data).toString(), end })
      return new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}

async function* words(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

describe('stdin', () => {
  test('what comes while a piece is on its way goes with the next', async () => {
    const { sent, next, send, failed } = sink()
    pumpStdin(words('a', '', 'b', 'c'), send, 100, failed)
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    next()
    await vi.waitFor(() => expect(sent).toHaveLength(2))
    expect(sent).toEqual([{ text: 'a', end: false }, { text: 'bc', end: true }])
  })

  test('no input is an end', async () => {
    const { sent, send, failed } = sink()
    pumpStdin(words(), send, 100, failed)
    await vi.waitFor(() => expect(sent).toEqual([{ text: '', end: true }]))
  })

  test('a piece never exceeds a message', async () => {
    const sizes: number[] = []
    await sendAll(Buffer.alloc(250), (data, end) => Promise.resolve(void sizes.push(end ? -data.length : data.length)), 100, true)
    expect(sizes).toEqual([100, 100, -50])
    expect(Math.ceil(maxPiece(153_600) / 3) * 4 + 4096).toBeLessThanOrEqual(153_600)
  })

  test('a fault is a program that reads no more; a broken connection is a failure', async () => {
    const { failures, failed } = sink()
    const broken = new Error('broken')
    pumpStdin(words('a', 'b'), () => Promise.reject(new WsmanFault('gone', 232, undefined)), 100, failed)
    pumpStdin(words('a', 'b'), () => Promise.reject(broken), 100, failed)
    await vi.waitFor(() => expect(failures).toEqual([broken]))
  })
})
