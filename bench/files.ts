// Files, transfers and commands over anything that can exec, beside the peers that people use now. Ratios count, milliseconds do not:
//   npx tsx bench/files.ts [metadata|commands|directory|overhead|memory …]
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, connectWith, localDriver } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import ssh from '@train-ts/transport-ssh'
import Sftp from 'ssh2-sftp-client'
import { startSshd } from '../packages/transport-ssh/test/sshd.js'
import { compare, peakMemory } from './measure.js'

const asked = process.argv.slice(2)
const wanted = (name: string): boolean => asked.length === 0 || asked.includes(name)

const directory = mkdtempSync(join(tmpdir(), 'train-bench-'))
const sshd = await startSshd()
const host = await connectWith(ssh, { host: '127.0.0.1', port: sshd.port, user: 'root', keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] })
try {
  if (wanted('metadata')) await metadata()
  if (wanted('commands')) await commands()
  if (wanted('directory')) await directoryUpload()
  if (wanted('overhead')) await overhead()
  if (wanted('memory')) await memory()
} finally {
  await host.close()
  await sshd.close()
  rmSync(directory, { recursive: true, force: true })
}

async function metadata(): Promise<void> {
  const paths = Array.from({ length: 500 }, (_value, index) => join(directory, `file-${String(index)}`))
  for (const path of paths) writeFileSync(path, path)
  const sftp = new Sftp()
  await sftp.connect({ host: '127.0.0.1', port: sshd.port, username: 'root', privateKey: readFileSync(sshd.keyFile) })
  await compare('Metadata of 500 files over SSH', [
    { name: 'one stat exec a file, one at a time', run: async () => { for (const path of paths) await host.run(['stat', '-c', '%f %s %u %g %Y', path]) } },
    { name: 'ssh2-sftp-client stat, one at a time', run: async () => { for (const path of paths) await sftp.stat(path) } },
    { name: 'ssh2-sftp-client stat, all at once', run: () => Promise.all(paths.map((path) => sftp.stat(path))) },
    { name: 'train-ts host.files(paths)', run: () => host.files(paths) },
    { name: 'train-ts host.files(paths) with sha256', run: () => host.files(paths, { hash: 'sha256' }) },
    { name: 'train-ts host.file(path).stat(), one at a time', run: async () => { for (const path of paths) await host.file(path).stat() } },
  ], 3)
  await sftp.end()
  await using emulator = await startEmulator()
  await using node = await connect(emulator.url, emulator.options)
  await compare('Metadata of 20 files over Run Command', [
    { name: 'one stat exec a file, five at a time', run: async () => { for (let index = 0; index < 20; index += 5) await Promise.all(paths.slice(index, index + 5).map((path) => node.run(['stat', path]))) } },
    { name: 'train-ts node.files(20 paths)', run: () => node.files(paths.slice(0, 20)) },
    { name: 'train-ts node.files(500 paths)', run: () => node.files(paths) },
  ], 1)
}

async function commands(): Promise<void> {
  const times = async (count: number, run: () => Promise<unknown>): Promise<void> => { for (let index = 0; index < count; index += 1) await run() }
  const spawned = async (): Promise<void> => { await once(spawn('sh', ['-c', 'true'], { stdio: 'ignore' }), 'exit') }
  await using local = await connect('local:')
  const probe = local.file('/etc/hostname')
  const farProbe = host.file('/etc/hostname')
  await compare('200 commands, one after the other (true)', [
    { name: 'local spawn of sh -c true', run: () => times(200, spawned) },
    { name: 'train-ts local: run', run: () => times(200, () => local.run('true')) },
    { name: 'train-ts local: core\'s probe (stat) in the resident shell', run: () => times(200, () => probe.stat()) },
    { name: 'train-ts ssh: run, a fresh channel each', run: () => times(200, () => host.run('true')) },
    { name: 'train-ts ssh: run, reuseShell', run: () => times(200, () => host.run('true', { reuseShell: true })) },
    { name: 'train-ts ssh: core\'s probe (stat) in the resident shell', run: () => times(200, () => farProbe.stat()) },
  ])
}

async function directoryUpload(): Promise<void> {
  const tree = join(directory, 'tree')
  for (let index = 0; index < 2_000; index += 1) {
    if (index % 100 === 0) mkdirSync(join(tree, String(index / 100)), { recursive: true })
    writeFileSync(join(tree, String(Math.floor(index / 100)), `f${String(index)}`), 'x'.repeat(1_024))
  }
  const shell = ['-i', sshd.keyFile, '-o', `UserKnownHostsFile=${sshd.knownHosts}`]
  let count = 0
  const target = (): string => join(directory, `up-${String((count += 1))}`)
  await compare('Upload of 2,000 × 1 KiB', [
    { name: 'scp -r', run: async () => { execFileSync('scp', ['-q', '-r', ...shell, '-P', String(sshd.port), tree, `root@127.0.0.1:${target()}`]); await Promise.resolve() } },
    { name: 'rsync -r', run: async () => { execFileSync('rsync', ['-r', '-e', `ssh ${shell.join(' ')} -p ${String(sshd.port)}`, `${tree}/`, `root@127.0.0.1:${target()}`]); await Promise.resolve() } },
    { name: 'train-ts upload', run: () => host.upload(tree, target()) },
  ], 3)
}

async function overhead(): Promise<void> {
  const session = await localDriver.open({ program: '/bin/sh' }, { signal: new AbortController().signal, dial: () => Promise.reject(new Error('no network')), notice: () => undefined, lost: () => undefined, prompt: () => Promise.reject(new Error('nobody')) })
  const bare = async (): Promise<void> => {
    const request = { command: 'true', stdin: undefined, env: undefined, cwd: undefined, pty: undefined, runAs: undefined, timeout: undefined, signal: new AbortController().signal }
    for await (const event of session.exec(request)) void event
  }
  await using local = await connect('local:')
  const rows = await compare('Core over its bare driver, 200 execs', [
    { name: 'the driver alone', run: async () => { for (let index = 0; index < 200; index += 1) await bare() } },
    { name: 'through a connection', run: async () => { for (let index = 0; index < 200; index += 1) await local.run('true') } },
  ])
  console.log(`  core adds ${(((rows[1]?.milliseconds ?? 0) - (rows[0]?.milliseconds ?? 0)) * 5).toFixed(0)} µs an exec`)
}

async function memory(): Promise<void> {
  const size = 1_073_741_824
  async function* zeros(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < size; sent += 1_048_576) yield await Promise.resolve(Buffer.alloc(1_048_576))
  }
  const ways: readonly (readonly [string, (on: Connection) => Promise<unknown>])[] = [
    ['run with maxOutput of 1 MiB', (on) => on.run(`head -c ${String(size)} /dev/zero`, { maxOutput: 1_048_576 }).catch(() => undefined)],
    ['stream', async (on) => { for await (const event of on.stream(`head -c ${String(size)} /dev/zero`)) void event }],
    ['upload', (on) => on.upload(zeros(), join(directory, 'big'))],
    ['download', (on) => on.download(join(directory, 'big'), join(directory, 'back'))],
  ]
  console.log('\nMemory while 1 GiB goes over SSH (MiB above the start)')
  for (const [name, run] of ways) console.log(`  ${name.padEnd(52)} ${(await peakMemory(() => run(host))).toFixed(0).padStart(6)} MiB`)
}
