// One `<Objs>` block: what PowerShell writes to stderr when nobody can see its window.
import { child, children, descendant, parseXml, XmlError, type XmlElement } from '../wsman/xml.js'
import { mendReferences, unescapeClixml } from './escapes.js'

export type ClixmlRecord =
  /** Text of errors, its line ends included. */
  | { readonly type: 'error'; readonly text: string }
  /** `host`: Write-Host, whose text went to stdout as well. */
  | { readonly type: 'record'; readonly stream: 'warning' | 'verbose' | 'debug' | 'information'; readonly text: string; readonly host: boolean }

const uri = 'http://schemas.microsoft.com/powershell/2004/04'

/** The records of a block in their order, without progress. undefined: no such block, leave the text as it is. */
export function decodeObjects(xml: string): readonly ClixmlRecord[] | undefined {
  try {
    const root = parseXml(mendReferences(xml))
    return root.name === 'Objs' && root.uri === uri ? root.children.flatMap(decodeRecord) : undefined
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
}

function decodeRecord(element: XmlElement): readonly ClixmlRecord[] {
  const stream = element.attributes.get('S')?.toLowerCase()
  switch (stream) {
    case 'error':
      return element.name === 'S' ? [{ type: 'error', text: textOf(element) }] : [{ type: 'error', text: `${textOf(child(element, uri, 'ToString'))}\n` }]
    case 'warning':
    case 'verbose':
    case 'debug':
      return [{ type: 'record', stream, text: element.name === 'S' ? textOf(element) : textOf(child(element, uri, 'ToString')), host: false }]
    case 'information':
      return [{ type: 'record', stream, text: element.name === 'S' ? textOf(element) : informationText(element), host: isHost(element) }]
    case 'progress':
      return []
    default:
      // Output of a nested PowerShell that was told to write objects: its text, rather than nothing.
      return element.name === 'S' ? [{ type: 'error', text: textOf(element) }] : []
  }
}

function informationText(element: XmlElement): string {
  const data = propertiesOf(element).find((one) => one.attributes.get('N') === 'MessageData')
  if (data === undefined) return textOf(child(element, uri, 'ToString'))
  return data.name === 'Obj' ? textOf(child(data, uri, 'ToString')) : textOf(data)
}

function isHost(element: XmlElement): boolean {
  const tags = propertiesOf(element).find((one) => one.attributes.get('N') === 'Tags')
  return children(descendant(tags, uri, 'LST'), uri, 'S').some((tag) => tag.text === 'PSHOST')
}

function propertiesOf(element: XmlElement): readonly XmlElement[] {
  return (child(element, uri, 'Props') ?? child(element, uri, 'MS'))?.children ?? []
}

function textOf(element: XmlElement | undefined): string {
  return unescapeClixml(element?.text ?? '')
}
