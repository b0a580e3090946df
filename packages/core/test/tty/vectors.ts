import { readFileSync } from 'node:fs'

interface Vector { readonly id: string; readonly note: string; readonly events: readonly (readonly ['<' | '>', string])[] }

const file = JSON.parse(readFileSync(new URL('../vectors/tty.json', import.meta.url), 'utf8')) as { readonly vectors: readonly Vector[] }

/** Recorded consoles whose id matches, their events as latin1 text. */
export function vectors(id: RegExp): readonly { readonly id: string; readonly events: readonly { readonly sent: boolean; readonly text: string }[] }[] {
  return file.vectors.filter((vector) => id.test(vector.id)).map((vector) => ({
    id: vector.id, events: vector.events.map(([direction, base64]) => ({ sent: direction === '>', text: Buffer.from(base64, 'base64').toString('latin1') })),
  }))
}

/** What a recorded console showed between two things that were typed: the text, and what was typed before it. */
export function screens(id: RegExp): readonly { readonly id: string; readonly after: string; readonly text: string }[] {
  return vectors(id).flatMap(({ id: name, events }) => events.flatMap(({ sent, text }, index) => sent ? [] : [{ id: name, after: events[index - 1]?.text ?? '', text }]))
}
