// Files: metadata, reading, atomic writing, uploads and downloads with progress. npx tsx examples/files.ts [URL]
import './transports.js'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@train-ts/core'

const host = await connect(process.argv[2] ?? 'local:')
const far = (await host.run('mktemp -d')).stdout.trim()
const near = await mkdtemp(join(tmpdir(), 'train-ts-files-'))

// One round trip tells all of a file; many files take one, too.
const passwd = await host.file('/etc/passwd').stat()
console.log(passwd.type, passwd.mode.toString(8), passwd.owner, passwd.size > 0)
const several = await host.files(['/etc/passwd', '/etc', '/no/such/file'])
console.log(several.map((file) => ('error' in file ? file.error : file.type)).join(' '))

// Written beside its place, then renamed: a reader sees the old file or the new one, never a half.
const note = host.file(`${far}/note.txt`)
await note.write('first line\n', { mode: 0o640 })
await note.write('second line\n', { append: true })
console.log(await note.text())
console.log(await host.file(`${far}/missing`).exists())

// A string is a local path; bytes and streams are content. The checksum is compared on both sides.
const source = fileURLToPath(import.meta.url)
const sent = await host.upload(source, `${far}/files.ts`, {
  mode: 0o600,
  onProgress: ({ bytes, total }) => console.log(`sent ${bytes} of ${total ?? 'unknown'}`),
})
const got = await host.download(`${far}/files.ts`, join(near, 'files.ts'))
console.log(sent.sha256 === got.sha256)

await host.run(['rm', '-rf', far])
await rm(near, { recursive: true })
await host.close()
