// Which variables go along with every command. Pure: the environment is an argument.
import { matchPatterns } from './patterns.js'

/** SendEnv by patterns (`-pattern` takes back), then SetEnv, which wins. */
export function sentEnvironment(
  patterns: readonly string[],
  set: Readonly<Record<string, string>> | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): readonly (readonly [string, string])[] {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('-'))
  const unwanted = patterns.filter((pattern) => pattern.startsWith('-')).map((pattern) => pattern.slice(1))
  const sent = new Map<string, string>()
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && matchPatterns(name, wanted) && !matchPatterns(name, unwanted)) sent.set(name, value)
  }
  for (const [name, value] of Object.entries(set ?? {})) sent.set(name, value)
  return [...sent]
}
