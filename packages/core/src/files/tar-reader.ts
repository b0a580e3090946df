// The kept tar library, as far as it is needed here: its types leave out what its documentation offers.
import { extract } from 'tar-stream'

export interface ArchiveHeader {
  readonly name: string
  readonly linkname?: string | null
  readonly type?: string | null
  readonly mode?: number
  readonly size?: number
  readonly mtime?: Date
  readonly pax?: Readonly<Record<string, string>> | null
}

export interface ArchiveEntry extends AsyncIterable<Uint8Array> {
  readonly header: ArchiveHeader
  /** Lets the content pass that nobody reads. */
  resume(): void
}

export interface Archive extends AsyncIterable<ArchiveEntry> {
  readonly destroyed: boolean
  /** False: wait for 'drain'. */
  write(chunk: Uint8Array): boolean
  end(): void
  destroy(error: Error): void
  once(event: 'drain' | 'close', listener: () => void): unknown
}

/** Takes the bytes of an archive, gives its entries one after the other. Names are latin1: a character for each byte. */
export function readArchive(): Archive {
  return (extract as unknown as (options: { readonly filenameEncoding: 'latin1' }) => Archive)({ filenameEncoding: 'latin1' }) // see above
}
