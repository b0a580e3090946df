// Which directives hold for a host. Pure: Match exec never runs anything here; whoever allows it gives a function.
import { matchPatternList, matchPatterns } from '../patterns.js'
import type { Directive } from './parse.js'

export interface ConfigQuestion {
  /** As the user wrote it. */
  readonly host: string
  readonly user: string | undefined
  readonly localUser: string
  /** Answers `Match exec`; without it such a block never matches. */
  readonly matchExec?: ((command: string) => boolean) | undefined
}

/** First value of each keyword, as OpenSSH; keywords that add up keep all of theirs. */
export class ConfigValues {
  readonly #first = new Map<string, Directive>()
  readonly #all = new Map<string, Directive[]>()

  /** Words of the first line with this keyword. */
  words(keyword: string): readonly string[] | undefined {
    return this.#first.get(keyword)?.words
  }

  word(keyword: string): string | undefined {
    return this.words(keyword)?.[0]
  }

  rest(keyword: string): string | undefined {
    return this.#first.get(keyword)?.rest
  }

  /** Words of all lines with this keyword, in their order. */
  all(keyword: string): string[] {
    return (this.#all.get(keyword) ?? []).flatMap(({ words }) => words)
  }

  add(directive: Directive): void {
    if (!this.#first.has(directive.keyword)) this.#first.set(directive.keyword, directive)
    const lines = this.#all.get(directive.keyword) ?? []
    if (!lines.includes(directive)) this.#all.set(directive.keyword, [...lines, directive])
  }
}

/** Old spellings. */
const synonyms: Readonly<Record<string, string>> = {
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  identityfile2: 'identityfile',
  globalknownhostsfile2: 'globalknownhostsfile',
  userknownhostsfile2: 'userknownhostsfile',
}

export function evaluateConfig(files: readonly (readonly Directive[])[], question: ConfigQuestion): ConfigValues {
  const values = new ConfigValues()
  for (const file of files) walk(file, true, values, question, false)
  // "Match final" asks for a second reading, by the name that the first one found.
  if (files.some((file) => asksForFinal(file))) for (const file of files) walk(file, true, values, question, true)
  return values
}

function walk(directives: readonly Directive[], outer: boolean, values: ConfigValues, question: ConfigQuestion, final: boolean): void {
  let active = outer
  for (const directive of directives) {
    if (directive.keyword === 'host') active = outer && matchPatterns(question.host, directive.words)
    else if (directive.keyword === 'match') active = outer && matches(directive, values, question, final)
    else if (directive.include !== undefined) directive.include.forEach((included) => walk(included, active, values, question, final))
    else if (active) values.add({ ...directive, keyword: synonyms[directive.keyword] ?? directive.keyword })
  }
}

function asksForFinal(directives: readonly Directive[]): boolean {
  return directives.some(({ keyword, words, include }) => (keyword === 'match' && words.some((word) => /^!?final$/i.test(word))) || include?.some(asksForFinal) === true)
}

function matches(directive: Directive, values: ConfigValues, question: ConfigQuestion, final: boolean): boolean {
  const words = [...directive.words]
  if (words.length === 0) return false
  while (words.length > 0) {
    const [name, inline] = splitOnce(words.shift() ?? '', '=')
    const negated = name.startsWith('!')
    const criterion = name.replace(/^!/, '').toLowerCase()
    let holds: boolean
    if (criterion === 'all') holds = true
    else if (criterion === 'final') holds = final
    else if (criterion === 'canonical') holds = false
    else {
      const value = inline ?? words.shift()
      if (value === undefined) return false
      holds = criterionHolds(criterion, value, values, question)
    }
    if (holds === negated) return false
  }
  return true
}

function criterionHolds(criterion: string, value: string, values: ConfigValues, question: ConfigQuestion): boolean {
  switch (criterion) {
    case 'host':
      return matchPatternList((values.word('hostname')?.replaceAll('%h', question.host) ?? question.host).toLowerCase(), value.toLowerCase())
    case 'originalhost':
      return matchPatternList(question.host.toLowerCase(), value.toLowerCase())
    case 'user':
      return matchPatternList(question.user ?? values.word('user') ?? question.localUser, value)
    case 'localuser':
      return matchPatternList(question.localUser, value)
    case 'exec':
      return question.matchExec?.(value) === true
    default:
      return false // localnetwork, tagged and what comes later: what is not understood holds for nobody
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
