// A real Kerberos realm on the loopback interface: MIT's krb5-kdc.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Realm extends AsyncDisposable {
  /** KRB5_CONFIG, KRB5_KTNAME and the like, for clients and acceptors. */
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
}

/** User `alice` with her password, and the service HTTP on `host`. */
export async function startRealm(host: string, password: string, enctype = 'aes256-cts-hmac-sha1-96'): Promise<Realm> {
  const directory = await mkdtemp(join(tmpdir(), 'train-kdc-'))
  const file = (name: string): string => join(directory, name)
  const port = await freePort()
  const env = {
    KRB5_CONFIG: file('krb5.conf'),
    KRB5_KDC_PROFILE: file('kdc.conf'),
    KRB5_KTNAME: file('keytab'),
    KRB5CCNAME: `FILE:${file('ccache')}`,
    KRB5RCACHENAME: 'none:',
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
  }
  await writeFile(
    env.KRB5_CONFIG,
    `[libdefaults]\ndefault_realm = TRAIN.TEST\ndns_lookup_kdc = false\ndns_lookup_realm = false\ndns_canonicalize_hostname = false\nrdns = false\nudp_preference_limit = 1
permitted_enctypes = ${enctype}\n[realms]\nTRAIN.TEST = {\n kdc = 127.0.0.1:${port}\n}\n[domain_realm]\n${host} = TRAIN.TEST\n`,
  )
  await writeFile(
    env.KRB5_KDC_PROFILE,
    `[kdcdefaults]\nkdc_ports = ""\nkdc_listen = ""\nkdc_tcp_listen = 127.0.0.1:${port}\n[realms]\nTRAIN.TEST = {\n database_name = ${file('principal')}\n key_stash_file = ${file('stash')}\n acl_file = ${file('acl')}\n master_key_type = ${enctype}\n supported_enctypes = ${enctype}:normal\n}\n`,
  )
  await run('kdb5_util', ['create', '-s', '-P', 'master', '-r', 'TRAIN.TEST'], { env })
  for (const query of [`addprinc -pw ${password} alice`, `addprinc -randkey HTTP/${host}`, `ktadd -k ${env.KRB5_KTNAME} HTTP/${host}`]) {
    await run('kadmin.local', ['-r', 'TRAIN.TEST', '-q', query], { env })
  }
  const kdc = spawn('krb5kdc', ['-n', '-r', 'TRAIN.TEST'], { env: { ...env, KRB5_TRACE: '/dev/null' }, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(kdc, 'exit')
  await Promise.race([said(kdc.stderr), exited])
  return {
    env,
    directory,
    async [Symbol.asyncDispose]() {
      kdc.kill('SIGKILL')
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function said(stream: NodeJS.ReadableStream): Promise<void> {
  for await (const line of createInterface(stream)) if (line.includes('starting')) break
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
