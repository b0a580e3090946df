// The script itself: what it writes, how it quotes, and its installation by download, run for real below a temporary directory.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { peer } from '@train-ts/testkit'
import { testWithPeer } from '@train-ts/testkit/vitest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientRuby, firstBootJson, rubyString } from './chef-files.js'
import { document, posixTemplate, quote } from './posix-template.js'
import type { NodeSettings } from './settings.js'

const run = promisify(execFile)
const plain: NodeSettings = {
  nodeName: 'web-1', version: undefined, serverUrl: undefined, runList: [], product: 'cinc', license: undefined, validationClient: undefined, validationKey: undefined,
  installerUrl: undefined, installer: undefined, prefix: '',
}

function counter(): () => string {
  let count = 0
  return () => `END_${count++}`
}

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'train-ts-template-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

async function runScript(node: NodeSettings, environment: NodeJS.ProcessEnv = {}) {
  const file = join(directory, 'bootstrap.sh')
  writeFileSync(file, posixTemplate.render(node, counter()))
  return run('sh', posixTemplate.run(file).slice(1), { env: { ...process.env, ...environment } })
}

test('quotes for sh and for Ruby', async () => {
  const hostile = `a'b"c\\d $HOME \`id\` #{x}!\n`
  const { stdout } = await run('sh', ['-c', `printf %s ${quote(hostile)}`])
  expect(stdout).toBe(hostile)
  expect(rubyString(`it's #{x} \\`)).toBe(`'it\\'s #{x} \\\\'`)
})

test('a document ends where it ends, whatever is in it', async () => {
  const text = 'first\nEND_0\n$HOME `id` \\\nlast, without a newline'
  const file = join(directory, 'document')
  await run('sh', ['-c', document(quote(file), text, counter())])
  expect(readFileSync(file, 'utf8')).toBe(`${text}\n`)
})

test('client.rb and first-boot.json', () => {
  const node = { ...plain, serverUrl: 'https://chef.example.com/organizations/acme', runList: ['recipe[a::b]', 'role[web]', 'plain'] }
  expect(clientRuby(node, '/etc/cinc/validation.pem')).toContain(`chef_server_url        'https://chef.example.com/organizations/acme'\nnode_name              'web-1'\n`)
  expect(JSON.parse(firstBootJson(node))).toEqual({ run_list: ['recipe[a::b]', 'role[web]', 'recipe[plain]'] })
})

test('an installer of one\'s own: its environment, private files, the umask it came with', async () => {
  const installer = { name: 'i.sh', text: 'echo "$BOOTSTRAP_NODE_NAME|$BOOTSTRAP_VERSION|$BOOTSTRAP_RUN_LIST|$BOOTSTRAP_CONFIG_DIRECTORY|$PWD"; umask' }
  const key = '-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n'
  const { stdout } = await runScript({ ...plain, version: '18.1', runList: ['recipe[a]'], installer, prefix: directory, validationKey: key, validationClient: 'acme-validator' })
  const { stdout: umask } = await run('sh', ['-c', 'umask'])
  expect(stdout).toBe(`web-1|18.1|recipe[a]|${directory}/etc/cinc|/\n${umask}`)
  const config = join(directory, 'etc/cinc')
  expect(readFileSync(join(config, 'validation.pem'), 'utf8')).toBe(key)
  for (const name of ['client.rb', 'first-boot.json', 'validation.pem']) expect(statSync(join(config, name)).mode & 0o777).toBe(0o600)
})

test('a failing installer is the script\'s exit code', async () => {
  await expect(runScript({ ...plain, installer: { name: 'i.sh', text: 'exit 42' }, prefix: directory })).rejects.toMatchObject({ code: 42 })
})

for (const name of ['curl', 'wget', 'python3', 'perl']) {
  // The system's own: what else has its name may be a wrapper that needs more of the PATH.
  const program = peer(name, { entries: [{ name, debianPackage: undefined, places: [`/usr/bin/${name}`] }] })
  testWithPeer(program, `omnitruck's way, downloaded by ${name}, then the first run`, async () => {
    const install = `[ "$*" = "-P cinc -v 18" ] && printf '#!/bin/sh\\necho client "$@"\\n' > "$BOOTSTRAP_PREFIX/bin/cinc-client" && chmod 755 "$BOOTSTRAP_PREFIX/bin/cinc-client"\n`
    const server = createServer((_request, response) => response.end(install)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // of a TCP server
    // A PATH in which this is the only one that can download.
    const bin = join(directory, 'bin')
    mkdirSync(bin)
    for (const tool of [program, ...['sh', 'dirname', 'mkdir', 'cat', 'chmod'].map((each) => peer(each))]) {
      writeFileSync(join(bin, tool.name), `#!/bin/sh\nexec ${tool.path ?? tool.name} "$@"\n`)
      chmodSync(join(bin, tool.name), 0o755)
    }
    try {
      const node = { ...plain, version: '18', serverUrl: 'https://chef.example.com', installerUrl: `http://127.0.0.1:${port}/install.sh`, prefix: directory }
      const { stdout } = await runScript(node, { PATH: bin })
      expect(stdout).toContain(`client -c ${directory}/etc/cinc/client.rb -j ${directory}/etc/cinc/first-boot.json\n`)
    } finally {
      server.close()
    }
  })
}

for (const shell of ['dash', 'bash', 'mksh', 'ksh93', 'zsh', 'yash', 'busybox']) {
  testWithPeer(peer(shell), `the script is sound in ${shell}`, async () => {
    const script = posixTemplate.render({ ...plain, validationKey: 'key', serverUrl: 'https://chef.example.com' }, counter())
    const file = join(directory, 'bootstrap.sh')
    writeFileSync(file, script)
    await run(peer(shell).path ?? shell, [...(shell === 'busybox' ? ['sh'] : []), '-n', file])
  })
}
