import { Duplex } from 'node:stream'
import { isSecret } from '@train-ts/core'
import { changeExec, changeSession } from './change.js'
import type { Saboteur } from './saboteur.js'
import { forever } from './saboteur.js'

export const environmentSaboteurs: readonly Saboteur[] = [
  {
    name: 'ignores env although it declares it',
    change: changeExec((request, original) => original({ ...request, env: undefined })),
    fails: ['env.values', 'env.secret'],
  },
  {
    name: 'says env in the command line',
    faults: {
      commandLine: ({ command, env }) => `${[...(env ?? [])].map(([name, value]) => `${name}=${typeof value === 'string' ? value : value.reveal()} `).join('')}${command}`,
    },
    fails: ['env.secret'],
  },
  {
    name: 'ignores cwd although it declares it',
    change: changeExec((request, original) => original({ ...request, cwd: undefined })),
    fails: ['cwd.used', 'cwd.missing'],
  },
  {
    name: 'runs a command elsewhere where its cwd is missing',
    change: changeExec(async function* (request, original) {
      try {
        yield* original(request)
      } catch (error) {
        if (request.cwd === undefined || request.signal.aborted) throw error
        yield* original({ ...request, cwd: undefined })
      }
    }),
    fails: ['cwd.missing'],
  },
  {
    name: 'declares a longer command than it carries',
    change: changeExec((request, original) => original({ ...request, command: request.command.slice(0, 19_990) })),
    fails: ['command.at-limit'],
  },
  {
    name: 'ignores the size of a terminal',
    change: changeExec((request, original) => original({ ...request, pty: request.pty === undefined ? undefined : { ...request.pty, columns: 80, rows: 24 } })),
    fails: ['pty.terminal'],
  },
  {
    name: 'puts the password into loginCommand',
    change: changeSession((_session, _context, options) => ({ loginCommand: () => ['login', '--password', 'password' in options && isSecret(options.password) ? options.password.reveal() : ''] })),
    fails: ['secrets.login-command'],
  },
  {
    name: 'has a shell that does not end',
    change: changeSession((session) => ({
      shell: async (terminal, context) => {
        const stream = await session.shell?.(terminal, context) ?? await forever
        const kept = new Duplex({ read: () => undefined, write: (chunk, _encoding, done) => { stream.write(chunk, done) } })
        stream.on('data', (chunk) => kept.push(chunk))
        return kept
      },
    })),
    fails: ['shell.talks'],
  },
  {
    name: 'forwards to nowhere',
    change: changeSession(() => ({ forward: async () => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() }) })),
    fails: ['forward.reaches', 'forward.refused'],
  },
  {
    name: 'forwards at once and learns later that nobody listens',
    change: changeSession((session) => ({
      forward: async (to, context) => {
        try {
          return await session.forward?.(to, context) ?? await forever
        } catch (error) {
          const stream = new Duplex({ read: () => undefined })
          setImmediate(() => stream.on('error', () => undefined).destroy(error instanceof Error ? error : undefined))
          return stream
        }
      },
    })),
    fails: ['forward.refused'],
  },
]
