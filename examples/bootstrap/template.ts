// What a script for one kind of machine must be able to do.
import type { NodeSettings } from './settings.js'

export interface Template {
  /** The name that the script gets on the machine. */
  readonly fileName: string
  /** Where the node's configuration goes. */
  configDirectory(node: NodeSettings): string
  /** `newDelimiter` gives words that nobody can guess: they end the documents inside the script. */
  render(node: NodeSettings, newDelimiter: () => string): string
  /** argv that runs the uploaded script. */
  run(path: string): readonly string[]
  /** argv whose success shows that the client is there; undefined: only its configuration is looked at. */
  verify(node: NodeSettings): readonly string[] | undefined
}
