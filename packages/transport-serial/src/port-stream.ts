// A serial port as the stream that the engine takes, and what only a serial port can do.
import { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { SerialPort } from 'serialport'

/** The lines beside the data of a serial port; under `connection.native(driver)`. */
export interface SerialNative {
  /** Holds the line for so long; default 250 ms. On a Linux console a break and then a key within 5 s is SysRq. */
  sendBreak(milliseconds?: number): Promise<void>
  /** Break and one key: Linux's magic SysRq, if the console's kernel has it enabled. */
  sysRq(key: string): Promise<void>
  setSignals(signals: { readonly dtr?: boolean; readonly rts?: boolean }): Promise<void>
  getSignals(): Promise<{ readonly cts: boolean; readonly dsr: boolean; readonly dcd: boolean }>
}

/** Closing the stream closes the port; an unplugged port ends the stream. */
export function portStream(port: SerialPort): Duplex {
  const stream = new Duplex({
    read: () => { port.resume() },
    write: (data: Buffer, _encoding, done) => { port.write(data, (error) => { done(error ?? null) }) },
    destroy: (error, done) => {
      if (!port.isOpen) done(error)
      else port.close((failure) => { done(error ?? failure ?? null) })
    },
  })
  port.on('data', (data: Buffer) => { if (!stream.push(data)) port.pause() })
  port.on('error', (error) => { stream.destroy(error) })
  port.on('close', () => { if (!stream.destroyed) stream.destroy() })
  return stream
}

export function nativeOf(port: SerialPort): SerialNative {
  const set = (signals: object) => new Promise<void>((resolve, reject) => { port.set(signals, (error) => { if (error) reject(error); else resolve() }) })
  const sendBreak = async (milliseconds = 250) => {
    await set({ brk: true })
    await delay(milliseconds)
    await set({ brk: false })
  }
  return {
    sendBreak,
    sysRq: async (key) => {
      await sendBreak()
      port.write(key)
    },
    setSignals: set,
    getSignals: () => new Promise((resolve, reject) => {
      port.get((error, signals) => { if (error || signals === undefined) reject(error ?? new Error('no signals')); else resolve(signals) })
    }),
  }
}
