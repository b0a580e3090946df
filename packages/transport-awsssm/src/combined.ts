// A node's answer out of a list's one text for both streams. Pure.
import { mark } from './envelope.js'

const separator = '\n----------ERROR-------\n'

/** Both streams as GetCommandInvocation would give them; undefined where the list has cut them, or they are not the envelope's. */
export function splitCombined(output: string): { readonly stdout: string; readonly stderr: string } | undefined {
  const end = output.indexOf('\n')
  const sizes = /^(?:\d{1,3}|-) [tbzs]:\d+:(\d+) [tbzs]:\d+:(\d+) lost=o?e?$/.exec(output.slice(mark.length + 1, end))
  if (end === -1 || !output.startsWith(`${mark} `) || sizes === null) return undefined
  const bytes = Buffer.from(output)
  const cut = Buffer.byteLength(output.slice(0, end + 1)) + Number(sizes[1])
  const rest = bytes.subarray(cut).toString()
  const stdout = bytes.subarray(0, cut).toString()
  if (bytes.byteLength < cut) return undefined
  const stderr = rest.startsWith(separator) ? rest.slice(separator.length) : rest === '' ? '' : undefined
  return stderr === undefined || Buffer.byteLength(stderr) < Number(sizes[2]) ? undefined : { stdout, stderr }
}
