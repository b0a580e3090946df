// The pure readers: cut anywhere, with any bytes around and inside. A failure prints its seed.
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { createArmourDecoder } from '../../src/files/armour.js'
import { createFrameReader } from '../../src/files/frame.js'
import { compileFilter, compilePattern } from '../../src/files/glob.js'
import { parseList } from '../../src/files/parse-list.js'
import { parseStat, readModeText, readTime } from '../../src/files/parse-stat.js'
import { parseHead } from '../../src/files/read.js'
import { octal, scriptWord } from '../../src/files/script.js'
import { tarEnd, tarHeader, tarPadding } from '../../src/files/tar-pack.js'
import { readArchive } from '../../src/files/tar-reader.js'
import type { ArchiveHeader } from '../../src/files/tar-reader.js'

const token = '0123456789abcdef0123456789abcdef'
const timeBox = { interruptAfterTimeLimit: 2_000 }
const plain = { hash: undefined, full: false } as const

function readFrame(output: Uint8Array, cuts: readonly number[]): { readonly body: Buffer; readonly status: string | undefined } {
  const reader = createFrameReader(token)
  const places = [0, ...[...cuts].map((cut) => cut % (output.length + 1)).sort((one, other) => one - other), output.length]
  const parts = places.slice(1).map((end, index) => Buffer.from(reader.push(output.subarray(places[index], end))))
  return { body: Buffer.concat(parts), status: reader.status }
}

describe('a frame', () => {
  const armours = {
    r: (bytes: Uint8Array) => Buffer.from(bytes),
    b: (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n')),
    x: (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString('hex').replace(/../g, ' $&').replace(/.{48}/g, '$&\n')),
  }
  for (const [kind, armour] of Object.entries(armours)) {
    it(`is found whole at every cut, with noise around it: ${kind}`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 200 }), fc.stringMatching(/^[a-z0-9 ]{0,30}$/), fc.array(fc.nat(), { maxLength: 12 }), (body, noise, words, cuts) => {
          const output = Buffer.concat([noise, Buffer.from(`${token}<${kind}\n`), armour(Buffer.concat([body, Buffer.from(`${token}>${words}\n`)])), Buffer.from('\nbye')])
          expect(readFrame(output, cuts)).toEqual({ body: Buffer.from(body), status: words })
        }),
        timeBox,
      )
    })
  }

  it('is found one byte at a time, also where its beginning is imitated', () => {
    const body = Buffer.from(`${token.slice(0, 31)}${token.slice(0, 32)}?${token}`)
    const output = Buffer.concat([Buffer.from(`${token}${token.slice(0, 9)}${token}<r\n`), body, Buffer.from(`${token}>ok\n`)])
    expect(readFrame(output, Array.from({ length: output.length }, (_, index) => index))).toEqual({ body, status: 'ok' })
  })

  it('has no status while it is not whole', () => {
    const output = Buffer.from(`${token}<r\nbody${token}>ok\n`)
    for (let end = 0; end < output.length; end += 1) expect(readFrame(output.subarray(0, end), []).status).toBeUndefined()
  })

  it('is never at a loss', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), fc.constantFrom('r', 'b', 'x', '?', ''), (bytes, kind) => {
      readFrame(Buffer.concat([Buffer.from(`${token}<${kind}`), bytes]), [1, 40, 41])
      for (const armour of ['r', 'b', 'x'] as const) createArmourDecoder(armour)(bytes)
    }), timeBox)
  })
})

describe('metadata', () => {
  const record = '81a0 5 0 0 1 77 2049 0 0\n2001-02-03 04:05:06.789012345 +0000\n2001-02-03 04:05:06.500000000 +0000\n1960-01-01 00:00:00.000000000 +0000\nroot\nUNKNOWN\n'
  const answer = (letters: string, block: string, behind = '', rest = ''): Uint8Array => Buffer.from(`META1\0c\0${letters}\0${block}\0${behind}\0${rest}`)

  it('is read, letter by letter', () => {
    const link = record.replace('81a0', 'a1ff')
    const parsed = parseStat(answer('+0l?mN', record + link + link, record, 'target\0gone\0'), [6], plain)
    expect(parsed?.map((one) => [one.failure, one.itself?.type, one.followed?.type])).toEqual([[undefined, 'file', 'file'], ['missing', undefined, undefined], [undefined, 'symlink', 'file'], ['unknown', undefined, undefined], ['missing', 'symlink', undefined], ['notdir', undefined, undefined]])
    expect(parsed?.[0]?.itself).toMatchObject({ mode: 0o640, owner: 'root', group: undefined, mtimeMs: Date.UTC(2001, 1, 3, 4, 5, 6, 500), ctimeMs: Date.UTC(1960, 0, 1) })
    expect(parsed?.[2]?.followed).toMatchObject({ linkTarget: 'target' })
  })

  it('that does not add up is asked again, not guessed', () => {
    expect(parseStat(answer('++', record), [2], plain)).toBeUndefined()
    expect(parseStat(answer('+', record), [2], plain)).toBeUndefined()
    expect(parseStat(answer('+', record + record), [1], plain)).toBeUndefined()
    expect(parseStat(answer('l', record, record, 't\0'), [1], plain)).toBeUndefined()
    expect(parseStat(answer('+', record).subarray(0, 40), [1], plain)).toBeUndefined()
    expect(parseStat(Buffer.alloc(0), [1], plain)).toBeUndefined()
  })

  it('is never at a loss', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(5), fc.boolean(), (bytes, count, full) => {
      parseStat(bytes, [count], { hash: 'md5', full })
      parseList(bytes, full)
      const torn = Buffer.concat([answer('+l', record + record, record, 'x\0'), Buffer.from(bytes)])
      torn[bytes[0] ?? 0] = bytes[1] ?? 0
      parseStat(torn, [2], { hash: undefined, full })
      parseHead(Buffer.from(bytes).toString('latin1'))
    }), timeBox)
  })

  it('has times to the nanosecond, and modes from a listing', () => {
    expect(readTime('2001-02-03 04:05:06.789012345 +0000')).toBeCloseTo(Date.UTC(2001, 1, 3, 4, 5, 6) + 789.012345, 3)
    expect([readTime('981173106.5'), readTime('-1.5'), readTime('soon'), readTime('')]).toEqual([981173106500, -1500, Number.NaN, Number.NaN])
    expect(['rwxr-xr-x', 'rwsr-Sr-t', '---------', 'rw-r--r--'].map(readModeText)).toEqual([0o755, 0o7745, 0, 0o644])
  })
})

describe('a word of a script', () => {
  it('is ASCII, whatever it stands for', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }).filter((bytes) => !bytes.includes(0)), (bytes) => {
      expect(scriptWord(bytes)).toMatch(/^[\n\t\x20-\x7e]+$/)
      expect(octal(bytes)).toMatch(/^([A-Za-z0-9]|\\[0-7]{3})+$/)
    }), timeBox)
  })
})

describe('an archive', () => {
  it('is read by the kept library as it was written: any name, any length', async () => {
    const name = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x61 : byte))))
    const entry = fc.record({
      name,
      content: fc.uint8Array({ maxLength: 1_200 }),
      mode: fc.nat(0o7777),
      seconds: fc.nat(2 ** 33 - 1),
      link: fc.option(name, { nil: undefined }),
    })
    await fc.assert(fc.asyncProperty(fc.array(entry, { maxLength: 5 }), async (entries) => {
      const archive = readArchive()
      for (const { name: of, content, mode, seconds, link } of entries) {
        const [type, size] = link === undefined ? (['file', content.length] as const) : (['symlink', 0] as const)
        archive.write(tarHeader({ name: of, type, mode, size, mtimeMs: seconds * 1000, linkTarget: link }))
        if (link === undefined) { archive.write(content); archive.write(tarPadding(content.length)) }
      }
      archive.write(tarEnd)
      archive.end()
      const found: unknown[] = []
      for await (const { header, content } of withContent(archive)) {
        const { name: of, linkname, mode, mtime } = header
        found.push({ name: of, link: linkname ?? undefined, mode, seconds: (mtime?.getTime() ?? 0) / 1000, content })
      }
      expect(found).toEqual(entries.map((one) => ({
        name: one.name.toString('latin1').replace(/\/+$/, ''), link: one.link?.toString('latin1'), mode: one.mode, seconds: one.seconds, content: one.link === undefined ? Buffer.from(one.content).toString('hex') : '',
      })))
    }), { interruptAfterTimeLimit: 3_000 })
  })

  it('may hold a file of more than 8 GiB', () => {
    const header = Buffer.from(tarHeader({ name: Buffer.from('big'), type: 'file', mode: 0o644, size: 2 ** 40 + 5, mtimeMs: 0 }))
    expect(header[124]).toBe(0x80)
    expect(header.readUIntBE(130, 6)).toBe(2 ** 40 + 5)
  })

  async function* withContent(archive: ReturnType<typeof readArchive>): AsyncGenerator<{ readonly header: ArchiveHeader; readonly content: string }> {
    for await (const one of archive) {
      const parts: Uint8Array[] = []
      for await (const part of one) parts.push(part)
      yield { header: one.header, content: Buffer.concat(parts).toString('hex') }
    }
  }
})

describe('patterns', () => {
  it('include and exclude', () => {
    const filter = compileFilter(['**/*.ts', 'docs'], ['node_modules', '**/*.test.ts'])
    expect(['a.ts', 'src/b.ts', 'src/b.test.ts', 'node_modules/x/c.ts', 'docs', 'docs/x', 'README'].map(filter)).toEqual([true, true, false, false, true, false, false])
    expect(compileFilter(undefined, undefined)('anything')).toBe(true)
    expect(compileFilter(undefined, [])(Uint8Array.of(0xff))).toBe(true)
    expect(() => compilePattern([], false)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  })
})
