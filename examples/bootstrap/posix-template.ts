// The script for Linux and other Unix systems. Pure. Everything secret is inside of it, so nothing secret is on a command line.
import { clientRuby, firstBootJson } from './chef-files.js'
import type { NodeSettings } from './settings.js'
import type { Template } from './template.js'

/** For scripts that `sh` reads from a file; core quotes what goes to a login shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** `cat` of a document that the shell takes as it stands. Its end is a word that is not in it. */
export function document(target: string, text: string, newDelimiter: () => string): string {
  let delimiter = newDelimiter()
  while (text.split('\n').includes(delimiter)) delimiter = newDelimiter()
  return `cat > ${target} <<'${delimiter}'\n${text}${text.endsWith('\n') || text === '' ? '' : '\n'}${delimiter}`
}

const download = `# download URL FILE: by the first program that is there and works.
download() {
  if command -v curl > /dev/null 2>&1; then curl -fsSL --retry 2 -o "$2" "$1" && return 0; fi
  if command -v wget > /dev/null 2>&1; then wget -q -O "$2" "$1" && return 0; fi
  if command -v fetch > /dev/null 2>&1; then fetch -q -o "$2" "$1" && return 0; fi
  for python in python3 python; do
    if command -v "$python" > /dev/null 2>&1; then
      "$python" -c 'import sys
try: from urllib.request import urlretrieve
except ImportError: from urllib import urlretrieve
urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$2" && return 0
    fi
  done
  if command -v perl > /dev/null 2>&1; then perl -MHTTP::Tiny -e 'exit !HTTP::Tiny->new(verify_SSL => 1)->mirror(@ARGV)->{success}' "$1" "$2" && return 0; fi
  echo "Neither curl, wget, fetch, python nor perl could download $1" >&2
  return 1
}`

const omnitruck = { cinc: 'https://omnitruck.cinc.sh/install.sh', chef: 'https://omnitruck.chef.io/install.sh' } as const

function install({ installer, installerUrl, product, version }: NodeSettings, newDelimiter: () => string): string {
  if (installer !== undefined) return `${document('"$here/install.sh"', installer.text, newDelimiter)}\numask "$mask"\n( cd / && sh "$here/install.sh" )`
  const url = quote(installerUrl ?? omnitruck[product])
  return `umask "$mask"
${download}
echo Downloading ${url}
download ${url} "$here/install.sh"
( cd / && sh "$here/install.sh" -P ${quote(product)}${version === undefined ? '' : ` -v ${quote(version)}`} )`
}

/** A script of one's own does what it wants; omnitruck's only installs. */
function firstRun({ installer, product, serverUrl }: NodeSettings): string {
  if (installer !== undefined) return ''
  if (serverUrl === undefined) return `echo 'There is no --server-url: the client is installed and configured, and has not run.'\n`
  return `${product}-client -c "$BOOTSTRAP_CONFIG_DIRECTORY/client.rb" -j "$BOOTSTRAP_CONFIG_DIRECTORY/first-boot.json"\n`
}

const configDirectory = ({ prefix, product }: NodeSettings): string => `${prefix}/etc/${product}`

function render(node: NodeSettings, newDelimiter: () => string): string {
  const config = configDirectory(node)
  const keyFile = `${config}/validation.pem`
  const variables = {
    NODE_NAME: node.nodeName, VERSION: node.version ?? '', SERVER_URL: node.serverUrl ?? '', RUN_LIST: node.runList.join(','), PREFIX: node.prefix, CONFIG_DIRECTORY: config,
  }
  return `#!/bin/sh
# Makes this machine the node ${node.nodeName}. Rendered by train-ts's examples/bootstrap.ts; it is removed when it has run.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
${Object.entries(variables).map(([name, value]) => `export BOOTSTRAP_${name}=${quote(value)}`).join('\n')}

mkdir -p -- "$BOOTSTRAP_CONFIG_DIRECTORY"
# What follows may hold secrets: its owner alone may read it.
mask=$(umask)
umask 077
${document('"$BOOTSTRAP_CONFIG_DIRECTORY/client.rb"', clientRuby(node, keyFile), newDelimiter)}
${document('"$BOOTSTRAP_CONFIG_DIRECTORY/first-boot.json"', firstBootJson(node), newDelimiter)}
${node.validationKey === undefined ? '' : `${document('"$BOOTSTRAP_CONFIG_DIRECTORY/validation.pem"', node.validationKey, newDelimiter)}\n`}
${install(node, newDelimiter)}
${firstRun(node)}`
}

export const posixTemplate: Template = {
  fileName: 'bootstrap.sh',
  configDirectory,
  render,
  run: (path) => ['sh', path],
  verify: ({ installer, product }) => (installer === undefined ? [`${product}-client`, '--version'] : undefined),
}
