// What getty and login say, far enough for a client that logs in.
import type { Duplex } from 'node:stream'

/** Resolves when somebody has logged in. Echoes what is typed, the password not. */
export async function demandLogin(client: Duplex, { user, password }: { readonly user: string; readonly password: string }): Promise<void> {
  const lines = typedLines(client)
  for (;;) {
    client.write('\r\nEmulated GNU/Linux 12 console ttyS0\r\n\r\nconsole login: ')
    const name = await lines.next(true)
    if (name === undefined) return
    if (name === '') continue
    client.write('Password: ')
    const given = await lines.next(false)
    if (given === undefined) return
    if (name === user && given === password) break
    client.write('\r\nLogin incorrect\r\n')
  }
  lines.end()
  client.write('\r\nLast login: Sun Nov 22 10:00:00 UTC 2026 on ttyS0\r\n')
}

function typedLines(client: Duplex) {
  let text = ''
  let echo = true
  let taker: ((line: string | undefined) => void) | undefined
  const look = () => {
    const end = text.search(/[\r\n]/)
    if (end < 0 || taker === undefined) return
    const line = text.slice(0, end)
    text = text.slice(end + 1)
    client.write('\r\n')
    const take = taker
    taker = undefined
    take(line)
  }
  const onData = (data: Buffer) => {
    text += data.toString('latin1')
    if (echo) client.write(data.toString('latin1').replace(/[\r\n].*/s, ''))
    look()
  }
  const onClose = () => { taker?.(undefined) }
  client.on('data', onData)
  client.on('close', onClose)
  return {
    next: (shown: boolean) => new Promise<string | undefined>((resolve) => {
      echo = shown
      taker = resolve
      look()
    }),
    end: () => {
      client.off('data', onData)
      client.off('close', onClose)
      client.pause()
    },
  }
}
