// Content of files, by the way that this connection has: the driver's own protocol where it has one, else exec.
import type { NativeFiles, RemotePath } from '../driver.js'
import type { ScriptRunner } from '../script-runner.js'
import type { Content } from './content.js'
import { isUnsupported, putNative, readNative, usesNative } from './native.js'
import { putFile } from './put.js'
import type { PutOptions, PutResult } from './put.js'
import { readFile } from './read.js'
import type { ReadHead, ReadHooks, ReadOptions } from './read.js'

/** Where a call's content may travel. */
export interface Ways {
  readonly runner: ScriptRunner
  readonly native: NativeFiles | undefined
}

/** What the way is called in a result. */
export type WayName = 'exec' | 'native' | 'base64' | 'octal'

export interface ContentHooks extends ReadHooks {
  readonly way?: (way: WayName) => void
}

export async function* readContent(
  { runner, native }: Ways,
  path: RemotePath,
  options: ReadOptions,
  hooks: ContentHooks = {},
): AsyncGenerator<Uint8Array, void> {
  if (usesNative(native, runner)) {
    let begun = false
    const head = async (known: ReadHead): Promise<void> => {
      begun = true
      hooks.way?.('native')
      await hooks.head?.(known)
    }
    try {
      yield* readNative({ files: native, runner }, path, options, { ...hooks, head })
      return
    } catch (error) {
      if (begun || !isUnsupported(error)) throw error
    }
  }
  hooks.way?.('exec')
  yield* readFile(runner, path, options, hooks)
}

export async function putContent({ runner, native }: Ways, path: RemotePath, content: Content, options: PutOptions): Promise<PutResult> {
  if (usesNative(native, runner)) {
    let begun = false
    const progress = (bytes: number): void => { begun = true; options.progress?.(bytes) }
    try {
      return await putNative({ files: native, runner }, path, content, { ...options, progress })
    } catch (error) {
      if (begun || !isUnsupported(error)) throw error
    }
  }
  return putFile(runner, path, content, options)
}
