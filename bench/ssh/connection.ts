// The SSH driver beside plain ssh2 (with noDelay) and OpenSSH, against the same sshd in the same run. Ratios count, milliseconds do not:
//   npx tsx bench/ssh/connection.ts [connect|sequential|stream|files …] [--rounds N] [--mebibytes N]
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import ssh2 from 'ssh2'
import type { Client, SFTPWrapper } from 'ssh2'
import { context, open, request } from '../../packages/transport-ssh/test/driver.js'
import { addUser, startSshd } from '../../packages/transport-ssh/test/sshd.js'
import { compare } from '../measure.js'

const words = process.argv.slice(2)
const number = (name: string, fallback: number): number => Number(words[words.indexOf(name) + 1] ?? fallback) || fallback
const rounds = words.includes('--rounds') ? number('--rounds', 5) : 5
const mebibytes = words.includes('--mebibytes') ? number('--mebibytes', 64) : 64
const wanted = (name: string): boolean => !words.some((word) => /^[a-z]/.test(word)) || words.includes(name)
const bytes = mebibytes * 1024 * 1024

const sshd = await startSshd()
const user = addUser()
const known = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', 'BatchMode=yes']
const openSsh = ['-F', 'none', '-i', sshd.keyFile, '-p', String(sshd.port), ...known, `${user.name}@127.0.0.1`]
const given = { port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] }

async function plain(): Promise<Client> {
  const sock = connectTcp({ host: '127.0.0.1', port: sshd.port, noDelay: true })
  const client = new ssh2.Client()
  client.connect({ sock, username: user.name, privateKey: readFileSync(sshd.keyFile), hostVerifier: () => true })
  await once(client, 'ready')
  return client
}

function plainRun(client: Client, command: string): Promise<number> {
  return new Promise((settle, fail) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return fail(error)
      let count = 0
      channel.on('data', (chunk: Buffer) => (count += chunk.length))
      channel.on('close', () => settle(count))
      channel.stderr.resume()
      channel.end()
    })
  })
}

const session = await open(given)
const client = await plain()
async function ourRun(command: string, from = session): Promise<number> {
  let count = 0
  for await (const event of from.exec(request(command))) if (event.type === 'stdout') count += event.data.length
  return count
}

try {
  if (wanted('connect')) {
    await compare('Connect, log in, first command', [
      { name: 'ssh, curve25519', run: () => Promise.resolve(execFileSync('ssh', ['-o', 'KexAlgorithms=curve25519-sha256', ...openSsh, 'true'])) },
      { name: 'plain ssh2, noDelay', run: async () => { const one = await plain(); await plainRun(one, 'true'); one.end() } },
      { name: 'train-ts', run: async () => { const one = await open(given, context()); await ourRun('true', one); await one.close() } },
    ], rounds)
  }
  if (wanted('sequential')) {
    await compare('20 commands, one after another', [
      { name: 'plain ssh2, noDelay', run: async () => { for (let left = 20; left > 0; left--) await plainRun(client, 'true') } },
      { name: 'train-ts', run: async () => { for (let left = 20; left > 0; left--) await ourRun('true') } },
    ], rounds)
  }
  if (wanted('stream')) {
    await compare(`${mebibytes} MiB of output, counted`, [
      { name: 'plain ssh2, noDelay', run: () => plainRun(client, `head -c ${bytes} /dev/zero`) },
      { name: 'train-ts', run: () => ourRun(`head -c ${bytes} /dev/zero`) },
      {
        name: 'ssh',
        run: async () => {
          const child = spawn('ssh', [...openSsh, `head -c ${bytes} /dev/zero`], { stdio: ['ignore', 'pipe', 'ignore'] })
          child.stdout.resume()
          await once(child, 'close')
        },
      },
    ], rounds)
  }
  if (wanted('files')) {
    const file = `${user.home}/f`
    const within = { signal: new AbortController().signal }
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    async function* content(): AsyncGenerator<Uint8Array> { for (let left = mebibytes; left > 0; left--) yield chunk }
    const sftp = await new Promise<SFTPWrapper>((settle, fail) => {
      client.sftp((error, opened) => (error === undefined ? settle(opened) : fail(error)))
    })
    const fast = (way: 'fastPut' | 'fastGet', from: string, to: string, concurrency: number): Promise<void> => new Promise((settle, fail) => {
      sftp[way](from, to, { concurrency, chunkSize: 261_120 }, (error) => (error === undefined || error === null ? settle() : fail(error)))
    })
    const how = { flag: 'truncate', mode: undefined, sync: false } as const
    async function read(): Promise<void> {
      let count = 0
      for await (const part of session.files?.read(file, { start: 0, end: undefined }, within) ?? []) count += part.length
      if (count !== bytes) throw new Error('bytes are missing')
    }
    execFileSync('sh', ['-c', `head -c ${bytes} /dev/zero > /tmp/train-bench-file`])
    await compare(`${mebibytes} MiB up over SFTP`, [
      { name: 'plain ssh2 fastPut, 8 × 255 KiB', run: () => fast('fastPut', '/tmp/train-bench-file', file, 8) },
      { name: 'train-ts', run: () => session.files?.write(file, content(), how, within) ?? Promise.reject(new Error('no files')) },
    ], rounds)
    await compare(`${mebibytes} MiB down over SFTP`, [
      { name: 'plain ssh2 fastGet, 64 × 255 KiB', run: () => fast('fastGet', file, '/dev/null', 64) },
      { name: 'train-ts', run: read },
    ], rounds)
    rmSync('/tmp/train-bench-file')
  }
} finally {
  await session.close()
  client.end()
  user.remove()
  await sshd.close()
}
