import type { SerialPort } from 'serialport'
import type { OpenContext } from '@train-ts/core'
import { openError } from './errors.js'
import type { SerialOptions } from './options.js'
import { nativeOf } from './port-stream.js'

export const defaultRate = 9600

/** Bytes a second that the settings allow. */
export function byteRate({ baud = defaultRate, dataBits, parity, stopBits }: Pick<SerialOptions, 'baud' | 'dataBits' | 'parity' | 'stopBits'>): number {
  return baud / (1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits)
}

/** Opens the device for this process alone. Throws CONNECT_FAILED. */
export async function openPort(device: string, options: SerialOptions, context: OpenContext): Promise<SerialPort> {
  // The native part is loaded by whoever opens a device, not by whoever imports the driver.
  const serialport = await import('serialport')
  const port = new serialport.SerialPort({
    path: device,
    baudRate: options.baud ?? defaultRate,
    dataBits: options.dataBits as 5 | 6 | 7 | 8, // `resolve` allows no other
    parity: options.parity,
    stopBits: options.stopBits as 1 | 2, // `resolve` allows no other
    rtscts: options.flowControl === 'hardware',
    xon: options.flowControl === 'software',
    xoff: options.flowControl === 'software',
    lock: true,
    hupcl: false,
    autoOpen: false,
  })
  await new Promise<void>((resolve, reject) => { port.open((error) => { if (error) reject(error); else resolve() }) }).catch(async (error: unknown) => {
    throw await openError(device, error)
  })
  await setLines(port, options, context)
  return port
}

/** A pty, and some adapters, have no such lines: said, not fatal. */
async function setLines(port: SerialPort, { dtr, rts, break: breakTime }: SerialOptions, context: OpenContext): Promise<void> {
  const native = nativeOf(port)
  try {
    if (dtr !== undefined || rts !== undefined) await native.setSignals({ ...(dtr === undefined ? {} : { dtr }), ...(rts === undefined ? {} : { rts }) })
    if (breakTime !== undefined) await native.sendBreak(breakTime)
  } catch {
    context.notice({ code: 'no-modem-lines', message: 'The device has no DTR, RTS or break; that option had no effect.' })
  }
}
