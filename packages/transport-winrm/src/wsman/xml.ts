// XML from a peer, read into a small tree: by namespace and never by prefix, without entities of its own, within bounds.
import { SaxesParser } from 'saxes'

export interface XmlElement {
  readonly uri: string
  /** Local name. */
  readonly name: string
  /** By local name; where two namespaces share it, the one without a prefix. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** Character data directly inside. */
  readonly text: string
}

export interface XmlLimits {
  readonly characters: number
  readonly elements: number
  readonly depth: number
}

export const defaultXmlLimits: XmlLimits = { characters: 16 * 1024 * 1024, elements: 100_000, depth: 100 }

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

interface Building {
  readonly uri: string
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  readonly pieces: string[]
}

/** The root element. Throws XmlError for what is not well-formed, has a document type, or exceeds the limits. */
export function parseXml(text: string, limits: XmlLimits = defaultXmlLimits): XmlElement {
  if (text.length > limits.characters) throw new XmlError(`XML of more than ${limits.characters} characters`)
  const parser = new SaxesParser({ xmlns: true })
  const open: Building[] = []
  let root: XmlElement | undefined
  let count = 0
  parser.on('error', (error) => {
    throw new XmlError(error.message)
  })
  parser.on('doctype', () => {
    throw new XmlError('XML with a document type is refused')
  })
  parser.on('opentag', (tag) => {
    count += 1
    if (count > limits.elements) throw new XmlError(`XML of more than ${limits.elements} elements`)
    if (open.length >= limits.depth) throw new XmlError(`XML nested more than ${limits.depth} deep`)
    open.push({ uri: tag.uri, name: tag.local, attributes: attributesOf(Object.values(tag.attributes)), children: [], pieces: [] })
  })
  parser.on('closetag', () => {
    const { pieces, ...rest } = open.pop() ?? fail('XML closes what it never opened')
    const element: XmlElement = { ...rest, text: pieces.join('') }
    const parent = open.at(-1)
    if (parent === undefined) root = element
    else parent.children.push(element)
  })
  const characters = (data: string): void => void open.at(-1)?.pieces.push(data)
  parser.on('text', characters)
  parser.on('cdata', characters)
  parser.write(text).close()
  return root ?? fail('XML without an element')
}

export function child(element: XmlElement | undefined, uri: string, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name && one.uri === uri)
}

export function children(element: XmlElement | undefined, uri: string, name: string): readonly XmlElement[] {
  return element?.children.filter((one) => one.name === name && one.uri === uri) ?? []
}

/** The first such element anywhere below. */
export function descendant(element: XmlElement | undefined, uri: string, name: string): XmlElement | undefined {
  for (const one of element?.children ?? []) {
    const found = one.name === name && one.uri === uri ? one : descendant(one, uri, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** All character data below, for text that may hold markup. */
export function allText(element: XmlElement): string {
  return element.text + element.children.map(allText).join('')
}

/** Text for an element or a quoted attribute. XML 1.0 has no control characters, not even escaped ones: they are refused. */
export function escapeXml(text: string): string {
  if (forbidden.test(text)) throw new XmlError('a character that XML cannot carry (a control character, or half of a surrogate pair)')
  return text.replace(/[&<>"\r]/g, (character) => escapes[character] ?? character)
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' }
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u

type Attribute = Readonly<Record<'local' | 'prefix' | 'uri' | 'value', string>>

function attributesOf(given: readonly Attribute[]): ReadonlyMap<string, string> {
  const declared = given.filter(({ uri }) => uri !== 'http://www.w3.org/2000/xmlns/')
  const ordered = [...declared.filter(({ prefix }) => prefix !== ''), ...declared.filter(({ prefix }) => prefix === '')]
  return new Map(ordered.map(({ local, value }) => [local, value]))
}

function fail(message: string): never {
  throw new XmlError(message)
}
