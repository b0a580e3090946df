// Patterns for names, by picomatch. Pure.
import picomatch from 'picomatch'
import type { RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import { showPath } from './script.js'

export type NameFilter = (name: RemotePath) => boolean

/** Whether one of the patterns matches. A name that is not UTF-8 is matched with the replacement character in it. */
export function compilePattern(pattern: string | readonly string[], dot: boolean): NameFilter {
  const patterns = typeof pattern === 'string' ? [pattern] : pattern
  if (patterns.length === 0 || patterns.some((one) => typeof one !== 'string' || one === '')) {
    throw new TransportError('INVALID_OPTIONS', 'A pattern for names is empty', { hint: "Write for example '**'." })
  }
  const matches = picomatch([...patterns], { dot })
  return (name) => matches(showPath(name))
}

/** `include` and `exclude` of a transfer: what is included (all, where nothing is said) and not excluded, nor in a directory that is excluded. */
export function compileFilter(include: readonly string[] | undefined, exclude: readonly string[] | undefined): NameFilter {
  const wanted = include === undefined ? undefined : compilePattern(include, true)
  const unwanted = exclude === undefined || exclude.length === 0 ? undefined : compilePattern(exclude, true)
  return (name) => {
    const text = showPath(name)
    if (unwanted !== undefined) for (let end = text.indexOf('/'); ; end = text.indexOf('/', end + 1)) {
      if (unwanted(end < 0 ? text : text.slice(0, end))) return false
      if (end < 0) break
    }
    return wanted === undefined || wanted(text)
  }
}
