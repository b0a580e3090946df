// What every far side has to do right, whatever its shell and its programs.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createFiles } from '../../src/files/create-files.js'
import { createLocalRunner } from './local-runner.js'
import type { LocalRunnerOptions } from './local-runner.js'

/** Every name may be in use: newlines, quotes, leading dashes, invalid UTF-8, spaces at the end. */
export const names: readonly Uint8Array[] = [
  'plain', ' lead', 'trail ', '-dash', '--help', 'new\nline', 'ends\n', 'ends\n\n', '\ttab', "quo'te", 'dou"ble', 'back\\slash', 'back\\', '$HOME', '`id`',
  '$(id)', '*', '?', '[a]', '~', '!bang', '#hash', 'a;b', 'a|b', 'a&b', '%s%d', '{a,b}', 'ümläut', '日本語', '\u{1f600}', '...',
]
  .map((name) => Buffer.from(name))
  .concat([[0xff], [0x61, 0xff, 0x62], [0xe9, 0x0a], [0x80, 0x31], [0x01, 0x7f], everyByte()].map((bytes) => Buffer.from(bytes)))

/** Every byte that may stand in a name. */
function everyByte(): number[] {
  return Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 0x2f)
}

/** Those that are written and read one by one. */
const evil: readonly string[] = ['-dash', 'ends\n\n', "quo'te", '日本語']

interface Place {
  /** Names that are not ASCII too. */
  readonly allNames: boolean
  /** Where the far side's `/` is for this machine. */
  readonly root: string
  readonly work: string
}

export async function exercise(options: LocalRunnerOptions, { allNames, root, work }: Place): Promise<void> {
  const directory = await mkdtemp(join(root, work, 'case-'))
  const far = directory.slice(root.length)
  const runner = createLocalRunner({ ...options, farDirectory: far })
  const { file, files } = createFiles({ runner: () => Promise.resolve(runner), native: undefined })
  const used = allNames ? names : names.filter((name) => name.every((byte) => byte < 0x80))
  const paths = used.map((name) => Buffer.concat([Buffer.from(`${directory}/`), name]))
  const farPaths = used.map((name) => Buffer.concat([Buffer.from(`${far}/`), name]))
  const content = randomBytes(3_000)
  for (const [index, path] of paths.entries()) {
    const farPath = farPaths[index] ?? ''
    if (!evil.includes(path.subarray(directory.length + 1).toString()) && index < used.length - 1) {
      await writeFile(path, content, { mode: 0o640 })
      continue
    }
    await file(farPath).write(content, { mode: 0o640 })
    expect(Buffer.compare(await readFile(path), content), JSON.stringify(path.toString('latin1'))).toBe(0)
    expect(Buffer.compare(await file(farPath).bytes(), content)).toBe(0)
  }
  const answers = await files(farPaths)
  for (const [index, answer] of answers.entries()) expect(answer, JSON.stringify(used[index]?.toString())).toMatchObject({ type: 'file', size: 3_000, mode: 0o640 })
  expect((await readdir(directory, { encoding: 'buffer' })).map((name) => name.toString('latin1')).sort()).toEqual(used.map((name) => Buffer.from(name).toString('latin1')).sort())
  // Relative, also with a leading dash.
  expect(await file('-dash').text()).toBe(content.toString('utf8'))
  await file('-new').write('x')
  expect(await readFile(join(directory, '-new'), 'utf8')).toBe('x')
  await symlink(farPaths[0] ?? '', join(directory, 'link'))
  await symlink('link', join(directory, 'link2'))
  await file('link2').write('through links')
  expect(await readFile(paths[0] ?? '', 'utf8')).toBe('through links')
  await mkdir(join(directory, 'sub'))
  await symlink('loop', join(directory, 'loop'))
  await expect(file('loop').stat()).rejects.toMatchObject({ details: { reason: 'loop' } })
  await expect(file('loop').write('x')).rejects.toMatchObject({ details: { reason: 'loop' } })
  await expect(file('sub').write('x')).rejects.toMatchObject({ details: { reason: 'is-a-directory' } })
  await expect(file('plain/x').write('x')).rejects.toMatchObject({ details: { reason: 'not-a-directory' } })
  await expect(file('none/x').write('x')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  await expect(file('none').text()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  await expect(file('x'.repeat(300)).write('x')).rejects.toMatchObject({ details: { reason: 'name-too-long' } })
  await file('app').write('a', { append: true })
  await file('app').write('b', { append: true })
  expect(await file('app').text()).toBe('ab')
  const part: Uint8Array[] = []
  for await (const bytes of file('-dash').stream({ start: 10, end: 20 })) part.push(bytes)
  expect(Buffer.concat(part)).toEqual(content.subarray(10, 20))
  expect((await readdir(directory)).filter((name) => name.startsWith('.train'))).toEqual([])

  // Changes.
  const at = (path: string): string => join(directory, path)
  const found = async (path: string): Promise<readonly string[]> => {
    const all: string[] = []
    for await (const entry of file(path).walk()) all.push(Buffer.from(entry.name).toString('latin1'))
    return all.sort()
  }
  expect((await file('.').list()).map((entry) => Buffer.from(entry.name).toString('latin1'))).toEqual((await readdir(directory, { encoding: 'buffer' })).sort((one, other) => Buffer.compare(one, other)).map((entry) => entry.toString('latin1')))
  await file('made/b/c').makeDirectory({ mode: 0o750 })
  await writeFile(at('made/b/f'), 'f', { mode: 0o640 })
  await symlink('b/f', at('made/l'))
  for (const name of used) await writeFile(Buffer.concat([Buffer.from(at('made/b/c/')), name]), '')
  const tree = await found('made')
  expect(tree).toEqual(['b', 'b/c', 'b/f', 'l', ...used.map((name) => `b/c/${Buffer.from(name).toString('latin1')}`)].sort())
  await file('made').copy('copied', { recursive: true })
  expect(await found('copied')).toEqual(tree)
  await file('made').copy('copied', { recursive: true })
  expect(await found('copied')).toEqual(tree)
  expect(await file('copied/b/f').stat()).toMatchObject({ mode: 0o640, size: 1 })
  expect(await file('copied/l').stat({ follow: false })).toMatchObject({ type: 'symlink', linkTarget: 'b/f' })
  await file('copied/b/f').copy('copied/b/-g')
  await file('copied/b/-g').rename('-h')
  await file('-h').chmod(0o600)
  await file('-h').touch({ mtimeMs: 1_000_000_000_000 })
  expect(await file('-h').stat()).toMatchObject({ mode: 0o600, mtimeMs: expect.toSatisfy((time: number) => time === 1_000_000_000_000 || Number.isNaN(time)) })
  await expect(file('copied').remove()).rejects.toMatchObject({ details: { reason: 'not-empty' } })
  await expect(file('made').rename('copied')).rejects.toMatchObject({ details: { reason: 'not-empty' } })
  await expect(file('-h').rename('copied')).rejects.toMatchObject({ details: { reason: 'is-a-directory' } })
  await expect(file('made').rename('made/b/c')).rejects.toMatchObject({ code: expect.stringMatching(/INVALID_OPTIONS|FILE_ERROR/) })
  await file('copied').remove({ recursive: true })
  await file('sym').symlink('made')
  await file('sym').symlink('made/b', { replace: true })
  expect(await file('sym').stat({ follow: false })).toMatchObject({ linkTarget: 'made/b' })
  await file('sym').remove({ recursive: true })
  expect(await found('made')).toEqual(tree)
  await expect(file('plain/x').makeDirectory()).rejects.toMatchObject({ details: { reason: 'not-a-directory' } })
  const { path: temporary, remove } = await createFiles({ runner: () => Promise.resolve(runner), native: undefined }).temporaryDirectory({ directory: far })
  expect((await file(temporary).stat()).mode).toBe(0o700)
  await remove({ recursive: true })
  expect((await readdir(directory)).filter((name) => name.includes('train-ts'))).toEqual([])
}
