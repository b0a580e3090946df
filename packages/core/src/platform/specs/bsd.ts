// The BSDs and macOS. From their documentation and Train's tree: no such machine was at hand, nothing of this has been run on one.

export interface BsdSpec {
  readonly name: string
  readonly family: string
  readonly title: string
}

/** By `uname -s`. */
export const bsdByKernel: Readonly<Record<string, BsdSpec>> = {
  FreeBSD: { name: 'freebsd', family: 'bsd', title: 'Freebsd' },
  OpenBSD: { name: 'openbsd', family: 'bsd', title: 'Openbsd' },
  NetBSD: { name: 'netbsd', family: 'bsd', title: 'Netbsd' },
  DragonFly: { name: 'dragonflybsd', family: 'bsd', title: 'DragonFly' },
  Darwin: { name: 'darwin', family: 'darwin', title: 'Darwin' },
}

/** Darwin with a SystemVersion.plist that names one of these. */
export const macNames = /<string>(?:Mac OS X|macOS)<\/string>/
