// Relative links in the documents lead to files that exist, and their anchors to headings.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root, run } from './run.mjs'

/** @returns {Promise<import('./steps.mjs').Outcome>} */
export async function checkLinks() {
  const { output } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { quiet: true })
  const documents = output.split('\n').filter((name) => name !== '' && existsSync(join(root, name)))
  const broken = documents.flatMap((name) => linksOf(readFileSync(join(root, name), 'utf8')).filter((link) => !leadsSomewhere(name, link)).map((link) => `${name}: ${link}`))
  return { ok: documents.length > 0 && broken.length === 0, output: broken.join('\n') }
}

/** @param {string} text of a document */
function linksOf(text) {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link))
}

/**
 * @param {string} document
 * @param {string} link
 */
function leadsSomewhere(document, link) {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? join(root, document) : resolve(join(root, dirname(document)), path)
  if (!existsSync(file)) return false
  return anchor === undefined || !file.endsWith('.md') || headingsOf(readFileSync(file, 'utf8')).has(anchor)
}

/** As GitHub makes anchors of headings, and `<a id>` by hand. @param {string} text */
function headingsOf(text) {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-'))
  const byHand = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id)
  return new Set([...headings, ...byHand])
}
