// Reads configuration files and what they include. A file that does not exist holds nothing; one that cannot be read is an error.
import { readFile, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { TransportError } from '@train-ts/core'
import { matchPattern } from '../patterns.js'
import { parseConfig, splitWords } from './parse.js'
import type { Directive } from './parse.js'

const deepest = 16

export function defaultConfigFiles(): string[] {
  return [join(homedir(), '.ssh', 'config'), '/etc/ssh/ssh_config']
}

export async function loadConfig(file: string, depth = 0): Promise<Directive[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return ''
    throw new TransportError('INVALID_OPTIONS', `Cannot read ${file}: ${cause.message}.`, { hint: 'Or set sshConfig: false.', details: { option: 'sshConfig' }, cause })
  })
  const directives: Directive[] = []
  for (const directive of parseConfig(text, file)) {
    if (directive.keyword !== 'include') directives.push(directive)
    else if (depth < deepest) directives.push({ ...directive, include: await loadIncluded(directive, depth) })
  }
  return directives
}

async function loadIncluded(directive: Directive, depth: number): Promise<Directive[][]> {
  // Relative names belong to ~/.ssh in a user's file and to /etc/ssh in the system's.
  const base = directive.file.startsWith('/etc/ssh/') ? '/etc/ssh' : join(homedir(), '.ssh')
  const included: Directive[][] = []
  for (const word of splitWords(directive.rest)) {
    const path = word.startsWith('~/') ? join(homedir(), word.slice(2)) : isAbsolute(word) ? word : join(base, word)
    for (const file of await expandGlob(path)) included.push(await loadConfig(file, depth + 1))
  }
  return included
}

/** `*` and `?` in any part of a path, in the order of names. */
async function expandGlob(path: string): Promise<string[]> {
  let found = ['/']
  for (const part of path.split('/').filter((name) => name !== '')) {
    if (!/[*?]/.test(part)) {
      found = found.map((directory) => join(directory, part))
      continue
    }
    const lists = found.map(async (directory) => {
      const names = await readdir(directory).catch(() => [])
      return names.filter((name) => matchPattern(name, part) && (part.startsWith('.') || !name.startsWith('.'))).sort().map((name) => join(directory, name))
    })
    found = (await Promise.all(lists)).flat()
  }
  return found
}
