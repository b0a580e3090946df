import { MarkedLine } from '../shell/marked-line.js'
import { exitCodeOf } from './frame.js'

/** Where a frame's output goes. */
export interface FrameSink {
  readonly id: string
  /** 'stdout': a probe, whose stderr is not framed. 'both': a command. */
  readonly streams: 'stdout' | 'both'
  data(stream: 'stdout' | 'stderr', data: Uint8Array): void
  /** Both streams are at the frame's end. */
  end(exitCode: number): void
}

interface Entry<Sink> {
  readonly frame: Sink
  readonly stdout: MarkedLine
  readonly stderr: MarkedLine
  code: number | undefined
  /** Nothing more comes on stderr, or it is not read. */
  isSilent: boolean
}

/** Deals the resident shell's two streams out to the frames that it was sent, in their order. Each stream may be ahead of the other. Pure. */
export class Demultiplexer<Sink extends FrameSink = FrameSink> {
  #entries: Entry<Sink>[] = []

  /** The frames that have not come to their end; the first is the one that runs. */
  get pending(): readonly Sink[] {
    return this.#entries.map(({ frame }) => frame)
  }

  add(frame: Sink): void {
    const { id, streams } = frame
    this.#entries.push({ frame, stdout: new MarkedLine(id, /^:\d{1,5}$/), stderr: new MarkedLine(id, /^$/), code: undefined, isSilent: streams === 'stdout' })
  }

  push(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    let data = chunk
    while (data.byteLength > 0) {
      const entry = this.#entries.find(({ code, isSilent }) => (stream === 'stdout' ? code === undefined : !isSilent))
      // Nothing is expected: a background child of an earlier command talks.
      if (entry === undefined) return
      const { before, line, after } = entry[stream].push(data)
      if (before.byteLength > 0) entry.frame.data(stream, before)
      if (line === undefined) return
      data = after
      if (stream === 'stdout') entry.code = exitCodeOf(Number(line.slice(1)))
      else entry.isSilent = true
      if (entry.code !== undefined && entry.isSilent) {
        this.#entries = this.#entries.filter((other) => other !== entry)
        entry.frame.end(entry.code)
      }
    }
  }
}
