// The two files that Chef Infra Client and Cinc read first. Pure.
import type { NodeSettings } from './settings.js'

/** A Ruby literal in which nothing is interpolated. */
export function rubyString(text: string): string {
  return `'${text.replace(/['\\]/g, (special) => `\\${special}`)}'`
}

export function clientRuby(node: NodeSettings, keyFile: string): string {
  const settings: readonly (readonly [name: string, value: string | undefined])[] = [
    ['chef_server_url', node.serverUrl],
    ['node_name', node.nodeName],
    ['chef_license', node.license],
    ['validation_client_name', node.validationClient],
    ['validation_key', node.validationKey === undefined ? undefined : keyFile],
  ]
  const lines = settings.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(22)} ${rubyString(value)}`]))
  return [...lines, 'log_location           STDOUT', 'ssl_verify_mode        :verify_peer', ''].join('\n')
}

export function firstBootJson({ runList }: NodeSettings): string {
  return `${JSON.stringify({ run_list: runList.map((item) => (item.includes('[') ? item : `recipe[${item}]`)) }, undefined, 2)}\n`
}
