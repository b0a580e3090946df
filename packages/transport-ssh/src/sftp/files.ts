// SFTP as core's native file protocol. Complete on servers with OpenSSH's extensions; on others each call says UNSUPPORTED, and core goes over
// exec. As the login user.
import { TransportError } from '@train-ts/core'
import type { CallContext, FileFailure, NativeFiles, NativeStat, RemotePath } from '@train-ts/core'
import { uint32, wireString } from '../wire.js'
import type { SftpClient } from './client.js'
import { SftpStatus } from './client.js'
import { fileError, fileFailure } from './failure.js'
import { decodeAttributes, encodeAttributes, openFlag, pathBytes, reply, request, status, toPath, toStat, uint64 } from './packet.js'
import type { Attributes } from './packet.js'
import { readHandle, writeHandle } from './transfer.js'

/** Metadata requests under way at most. */
const statsAtOnce = 64

const noAttributes = encodeAttributes({})

/** `connect` gives the open client, or opens one. */
export function createSftpFiles(connect: (signal: AbortSignal) => Promise<SftpClient>): NativeFiles {
  /** One call: the client, errors with the path, an end at the signal. */
  async function call<Result>(path: RemotePath, { signal }: CallContext, work: (client: SftpClient) => Promise<Result>): Promise<Result> {
    const client = await connect(signal)
    return untilAborted(work(client).catch((cause: unknown) => {
      throw fileError(path, cause)
    }), signal)
  }
  const simple = (path: RemotePath, context: CallContext, type: number, ...parts: readonly Uint8Array[]): Promise<void> =>
    call(path, context, async (client) => void (await client.ask(type, [pathBytes(path), ...parts], reply.status)))
  const extended = (path: RemotePath, context: CallContext, name: string, ...parts: readonly Uint8Array[]): Promise<void> =>
    call(path, context, async (client) => {
      requireExtension(client, name)
      await client.ask(request.extended, [wireString(name), ...parts], reply.status)
    })
  const attributesOf = async (client: SftpClient, path: RemotePath, follow: boolean): Promise<Attributes> =>
    decodeAttributes((await client.ask(follow ? request.stat : request.lstat, [pathBytes(path)], reply.attributes)).reader)
  const nameOf = (path: RemotePath, context: CallContext, type: number): Promise<RemotePath> =>
    call(path, context, async (client) => {
      const { reader } = await client.ask(type, [pathBytes(path)], reply.name)
      if (reader.uint32() !== 1) throw new RangeError('the SFTP server gave not one name')
      return toPath(Buffer.from(reader.string()))
    })

  return {
    async stat(paths, { follow }, context) {
      const client = await connect(context.signal)
      const found: (NativeStat | FileFailure)[] = []
      const one = async (path: RemotePath): Promise<NativeStat | FileFailure> => {
        try {
          return toStat(await attributesOf(client, path, follow))
        } catch (cause) {
          const failure = fileFailure(cause)
          if (failure === undefined) throw cause
          return failure
        }
      }
      for (let at = 0; at < paths.length; at += statsAtOnce) {
        found.push(...(await untilAborted(Promise.all(paths.slice(at, at + statsAtOnce).map(one)), context.signal)))
      }
      return found
    },

    async *list(path, context) {
      const client = await connect(context.signal)
      const handle = await call(path, context, () => open(client, request.openDirectory, [pathBytes(path)]))
      try {
        for (;;) {
          const answer = await untilAborted(client.ask(request.readDirectory, [wireString(handle)], reply.name).catch(endOfFile), context.signal)
          if (answer === undefined) return
          const { reader } = answer
          for (let left = reader.uint32(); left > 0; left--) {
            const name = Buffer.from(reader.string())
            reader.string() // the line of `ls -l`
            const stat = toStat(decodeAttributes(reader))
            if (!name.equals(Buffer.from('.')) && !name.equals(Buffer.from('..'))) yield { name: toPath(name), stat }
          }
        }
      } catch (cause) {
        throw fileError(path, cause)
      } finally {
        closeHandle(client, handle)
      }
    },

    async *read(path, { start, end }, context) {
      const client = await connect(context.signal)
      const handle = await call(path, context, () => open(client, request.open, [pathBytes(path), uint32(openFlag.read), noAttributes]))
      try {
        yield* readHandle(client, handle, start, end, context.signal)
      } catch (cause) {
        throw fileError(path, cause)
      } finally {
        closeHandle(client, handle)
      }
    },

    write: (path, data, { flag, mode, sync }, context) =>
      call(path, context, async (client) => {
        if (sync) requireExtension(client, 'fsync@openssh.com')
        const flags = openFlag.write | openFlag.create | openFlag[flag]
        const handle = await open(client, request.open, [pathBytes(path), uint32(flags), encodeAttributes({ mode })])
        try {
          await writeHandle(client, handle, data, context.signal)
          // The server's umask has taken its part of the mode that OPEN named.
          if (mode !== undefined) await client.ask(request.setHandleStat, [wireString(handle), encodeAttributes({ mode })], reply.status)
          if (sync) await client.ask(request.extended, [wireString('fsync@openssh.com'), wireString(handle)], reply.status)
        } catch (cause) {
          closeHandle(client, handle)
          throw cause
        }
        // Closing can fail too: a full disk, a quota.
        await client.ask(request.close, [wireString(handle)], reply.status)
      }),

    rename: (from, to, context) => extended(from, context, 'posix-rename@openssh.com', pathBytes(from), pathBytes(to)),

    remove: (path, context) =>
      call(path, context, async (client) => {
        try {
          await client.ask(request.remove, [pathBytes(path)], reply.status)
        } catch (cause) {
          if (cause instanceof SftpStatus && cause.status === status.noSuchFile) throw cause
          const { type } = toStat(await attributesOf(client, path, false))
          if (type !== 'directory') throw cause
          await client.ask(request.removeDirectory, [pathBytes(path)], reply.status)
        }
      }),

    makeDirectory: async (path, mode, context) => {
      await simple(path, context, request.makeDirectory, encodeAttributes({ mode }))
      if (mode !== undefined) await simple(path, context, request.setStat, encodeAttributes({ mode }))
    },

    setStat: (path, change, context) =>
      call(path, context, async (client) => {
        const { size, mode, mtimeMs } = change
        // Owner and group go together, and so do the two times.
        const needsOld = (change.uid === undefined) !== (change.gid === undefined) || mtimeMs !== undefined
        const old = needsOld ? await attributesOf(client, path, true) : {}
        const owner = change.uid === undefined && change.gid === undefined ? {} : { uid: change.uid ?? old.uid, gid: change.gid ?? old.gid }
        const times = mtimeMs === undefined ? {} : { atime: old.atime ?? Math.floor(mtimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) }
        await client.ask(request.setStat, [pathBytes(path), encodeAttributes({ size, mode, ...owner, ...times })], reply.status)
      }),

    readLink: (path, context) => nameOf(path, context, request.readLink),
    realPath: (path, context) => nameOf(path, context, request.realPath),
    // OpenSSH has the two in the other order than the draft, and everybody follows OpenSSH.
    symlink: (target, path, context) =>
      call(path, context, async (client) => void (await client.ask(request.symlink, [pathBytes(target), pathBytes(path)], reply.status))),
    hardLink: (target, path, context) => extended(path, context, 'hardlink@openssh.com', pathBytes(target), pathBytes(path)),

    copy: (from, to, context) =>
      call(from, context, async (client) => {
        requireExtension(client, 'copy-data')
        const attributes = await attributesOf(client, from, true)
        const source = await open(client, request.open, [pathBytes(from), uint32(openFlag.read), noAttributes])
        try {
          const flags = openFlag.write | openFlag.create | openFlag.truncate
          const target = await open(client, request.open, [pathBytes(to), uint32(flags), encodeAttributes({ mode: (attributes.mode ?? 0o644) & 0o777 })])
          const parts = [wireString('copy-data'), wireString(source), uint64(0), uint64(0), wireString(target), uint64(0)]
          try {
            await client.ask(request.extended, parts, reply.status)
          } finally {
            await client.ask(request.close, [wireString(target)], reply.status)
          }
        } finally {
          closeHandle(client, source)
        }
      }),

    freeSpace: (path, context) =>
      call(path, context, async (client) => {
        requireExtension(client, 'statvfs@openssh.com')
        const { reader } = await client.ask(request.extended, [wireString('statvfs@openssh.com'), pathBytes(path)], reply.extended)
        const [, fragment, , , available] = Array.from({ length: 11 }, () => reader.uint64())
        return Number((fragment ?? 0n) * (available ?? 0n))
      }),
  }
}

async function open(client: SftpClient, type: number, parts: readonly Uint8Array[]): Promise<Buffer> {
  return Buffer.from((await client.ask(type, parts, reply.handle)).reader.string())
}

/** Nobody waits for it: what matters has been confirmed, or has failed, before. */
function closeHandle(client: SftpClient, handle: Buffer): void {
  client.ask(request.close, [wireString(handle)], reply.status).catch(() => undefined)
}

function endOfFile(cause: unknown): undefined {
  if (cause instanceof SftpStatus && cause.status === status.endOfFile) return undefined
  throw cause
}

function requireExtension(client: SftpClient, name: string): void {
  if (!client.extensions.has(name)) throw new TransportError('UNSUPPORTED', `The SFTP server has no ${name}.`)
}

function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((settle, fail) => {
    const stop = (): void => fail(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    work.then(settle, fail).finally(() => signal.removeEventListener('abort', stop))
  })
}
