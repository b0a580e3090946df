// Names of Linux distributions, as Train calls them. Tables only.

export interface LinuxSpec {
  /** Train's name. */
  readonly name: string
  /** Train's family; undefined: linux itself. */
  readonly family?: string
  /** Where Train reads the release from; default VERSION_ID of os-release. */
  readonly release?: 'debian_version' | 'redhat-release'
  readonly title: string
}

/** By `ID` of os-release. */
export const linuxById: Readonly<Record<string, LinuxSpec>> = {
  debian: { name: 'debian', family: 'debian', release: 'debian_version', title: 'Debian Linux' },
  ubuntu: { name: 'ubuntu', family: 'debian', title: 'Ubuntu Linux' },
  linuxmint: { name: 'linuxmint', family: 'debian', title: 'LinuxMint' },
  kali: { name: 'kali', family: 'debian', title: 'Kali Linux' },
  raspbian: { name: 'raspbian', family: 'debian', release: 'debian_version', title: 'Raspbian Linux' },
  fedora: { name: 'fedora', family: 'fedora', title: 'Fedora' },
  rhel: { name: 'redhat', family: 'redhat', release: 'redhat-release', title: 'Red Hat Linux' },
  centos: { name: 'centos', family: 'redhat', release: 'redhat-release', title: 'Centos Linux' },
  rocky: { name: 'rocky', family: 'redhat', release: 'redhat-release', title: 'Rocky Linux' },
  almalinux: { name: 'almalinux', family: 'redhat', release: 'redhat-release', title: 'AlmaLinux' },
  ol: { name: 'oracle', family: 'redhat', title: 'Oracle Linux' },
  scientific: { name: 'scientific', family: 'redhat', release: 'redhat-release', title: 'Scientific Linux' },
  xenenterprise: { name: 'xenserver', family: 'redhat', release: 'redhat-release', title: 'Xenserver Linux' },
  cloudlinux: { name: 'cloudlinux', family: 'redhat', release: 'redhat-release', title: 'CloudLinux' },
  amzn: { name: 'amazon', family: 'redhat', title: 'Amazon Linux' },
  wrlinux: { name: 'wrlinux', family: 'redhat', title: 'Wind River Linux' },
  opensuse: { name: 'opensuse', family: 'suse', title: 'OpenSUSE Linux' },
  'opensuse-leap': { name: 'opensuse', family: 'suse', title: 'OpenSUSE Linux' },
  'opensuse-tumbleweed': { name: 'opensuse', family: 'suse', title: 'OpenSUSE Linux' },
  sles: { name: 'suse', family: 'suse', title: 'Suse Linux' },
  sled: { name: 'suse', family: 'suse', title: 'Suse Linux' },
  arch: { name: 'arch', title: 'Arch Linux' },
  slackware: { name: 'slackware', title: 'Slackware Linux' },
  gentoo: { name: 'gentoo', title: 'Gentoo Linux' },
  exherbo: { name: 'exherbo', title: 'Exherbo Linux' },
  alpine: { name: 'alpine', title: 'Alpine Linux' },
  coreos: { name: 'coreos', title: 'CoreOS Linux' },
  flatcar: { name: 'coreos', title: 'CoreOS Linux' },
  poky: { name: 'yocto', family: 'yocto', title: 'Yocto Project Linux' },
  'balena-os': { name: 'balenaos', family: 'yocto', title: 'balenaOS Linux' },
  wolfi: { name: 'wolfi', family: 'chainguard', title: 'Wolfi Linux' },
  chainguard: { name: 'chainguard', family: 'chainguard', title: 'Chainguard Linux' },
}

/** Families by a word of `ID_LIKE`. */
export const familyByLike: Readonly<Record<string, string>> = {
  debian: 'debian', ubuntu: 'debian', rhel: 'redhat', centos: 'redhat', fedora: 'fedora', suse: 'suse', opensuse: 'suse', sles: 'suse', poky: 'yocto', wolfi: 'chainguard',
}

/** Where there is no os-release: how a release file says what it is, in the order of Train's tree. */
export const linuxByReleaseFile: readonly { readonly file: string; readonly says: RegExp; readonly id: string }[] = [
  { file: 'lsb-release', says: /DISTRIB_ID="?(ubuntu)/i, id: 'ubuntu' },
  { file: 'lsb-release', says: /DISTRIB_ID="?(linuxmint)/i, id: 'linuxmint' },
  { file: 'oracle-release', says: /./, id: 'ol' },
  { file: 'enterprise-release', says: /enterprise linux/i, id: 'ol' },
  { file: 'system-release', says: /^amazon/i, id: 'amzn' },
  { file: 'redhat-release', says: /centos/i, id: 'centos' },
  { file: 'redhat-release', says: /scientific/i, id: 'scientific' },
  { file: 'redhat-release', says: /xenserver|xcp-ng/i, id: 'xenenterprise' },
  { file: 'redhat-release', says: /cloudlinux/i, id: 'cloudlinux' },
  { file: 'redhat-release', says: /rocky/i, id: 'rocky' },
  { file: 'redhat-release', says: /almalinux/i, id: 'almalinux' },
  { file: 'redhat-release', says: /fedora/i, id: 'fedora' },
  { file: 'redhat-release', says: /./, id: 'rhel' },
  { file: 'SuSE-release', says: /^opensuse/i, id: 'opensuse' },
  { file: 'SuSE-release', says: /./, id: 'sles' },
  { file: 'alpine-release', says: /./, id: 'alpine' },
  { file: 'gentoo-release', says: /./, id: 'gentoo' },
  { file: 'slackware-version', says: /./, id: 'slackware' },
  { file: 'exherbo-release', says: /^/, id: 'exherbo' },
  { file: 'arch-release', says: /^/, id: 'arch' },
  { file: 'raspi-config', says: /^/, id: 'raspbian' },
  { file: 'debian_version', says: /./, id: 'debian' },
]
