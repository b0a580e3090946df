// Which device a URL names. Pure.

const usualRates = new Set([
  50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 14_400, 19_200, 28_800, 38_400,
  57_600, 76_800, 115_200, 230_400, 250_000, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_500_000, 2_000_000, 3_000_000, 4_000_000,
])

export interface NamedDevice {
  readonly device: string | undefined
  readonly baudRate: number | undefined
}

/**
 * `serial://dev/ttyUSB0/9600` is /dev/ttyUSB0 at 9600; `serial:///dev/ttyS0` is the path as it stands; `serial://COM3/115200` is COM3. A number
 * behind a device counts as a rate only where it is a usual one: `serial://dev/pts/5` is a device.
 */
export function deviceOf(host: string | undefined, path: string | undefined): NamedDevice {
  if (host === undefined) return { device: path, baudRate: undefined }
  const parts = (path ?? '').split('/').filter((part) => part !== '')
  const last = Number(parts.at(-1))
  const baudRate = usualRates.has(last) ? last : undefined
  if (baudRate !== undefined) parts.pop()
  if (/^com\d+$/i.test(host)) return { device: host.toUpperCase(), baudRate }
  return { device: `/${[host, ...parts].join('/')}`, baudRate }
}
