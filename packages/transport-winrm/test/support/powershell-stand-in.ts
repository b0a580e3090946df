// Stands in PowerShell's place where there is none: takes a script as our bootstrap does, and runs it with sh. It shows how scripts, input
// and CLIXML travel; what PowerShell itself does with them is shown only where TRAIN_PWSH names a real one.
import { spawn } from 'node:child_process'
import type { SpawnCommand } from '../../emulator/index.js'
import { bootstrapScript } from '../../src/codec/powershell-bootstrap.js'

const asTheBootstrap = 'n=$(head -c 12 | sed "s/^0*//"); [ -n "$n" ] || exit 0; s=$(head -c "$n" | base64 -d); eval "$s"'

export const standInSpawn: SpawnCommand = (line, { env, cwd }) => {
  const encoded = /^powershell\.exe .*-EncodedCommand (\S+)$/.exec(line)?.[1] ?? ''
  if (Buffer.from(encoded, 'base64').toString('utf16le') !== bootstrapScript) throw new Error(`not our bootstrap: ${line.slice(0, 100)}`)
  return spawn('/bin/sh', ['-c', asTheBootstrap], { env: { ...process.env, ...Object.fromEntries(env) }, cwd, stdio: 'pipe', detached: true })
}
