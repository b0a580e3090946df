// What real systems say of themselves: the lines of their release files that name them.

export interface Fixture {
  readonly files: Readonly<Record<string, string>>
  readonly expected: { readonly name: string; readonly family: string; readonly release: string | undefined; readonly title?: string }
}

const osRelease = (...lines: readonly string[]): string => `${lines.join('\n')}\n`

export const linuxFixtures: Readonly<Record<string, Fixture>> = {
  'Debian 12': {
    files: { 'os-release': osRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', 'NAME="Debian GNU/Linux"', 'VERSION_ID="12"', 'VERSION="12 (bookworm)"', 'VERSION_CODENAME=bookworm', 'ID=debian', 'HOME_URL="https://www.debian.org/"'), debian_version: '12.11\n' },
    expected: { name: 'debian', family: 'debian', release: '12.11', title: 'Debian GNU/Linux 12 (bookworm)' },
  },
  'Debian testing': {
    files: { 'os-release': osRelease('PRETTY_NAME="Debian GNU/Linux trixie/sid"', 'NAME="Debian GNU/Linux"', 'VERSION_CODENAME=trixie', 'ID=debian'), debian_version: 'trixie/sid\n' },
    expected: { name: 'debian', family: 'debian', release: 'trixie/sid' },
  },
  'Ubuntu 22.04': {
    files: { 'os-release': osRelease('PRETTY_NAME="Ubuntu 22.04.4 LTS"', 'NAME="Ubuntu"', 'VERSION_ID="22.04"', 'VERSION="22.04.4 LTS (Jammy Jellyfish)"', 'VERSION_CODENAME=jammy', 'ID=ubuntu', 'ID_LIKE=debian', 'UBUNTU_CODENAME=jammy'), debian_version: 'bookworm/sid\n', 'lsb-release': osRelease('DISTRIB_ID=Ubuntu', 'DISTRIB_RELEASE=22.04', 'DISTRIB_CODENAME=jammy', 'DISTRIB_DESCRIPTION="Ubuntu 22.04.4 LTS"') },
    expected: { name: 'ubuntu', family: 'debian', release: '22.04' },
  },
  'Ubuntu 10.04, before os-release': {
    files: { 'lsb-release': osRelease('DISTRIB_ID=Ubuntu', 'DISTRIB_RELEASE=10.04', 'DISTRIB_CODENAME=lucid', 'DISTRIB_DESCRIPTION="Ubuntu 10.04.4 LTS"'), debian_version: 'squeeze/sid\n' },
    expected: { name: 'ubuntu', family: 'debian', release: '10.04' },
  },
  'Debian 6, before os-release': { files: { debian_version: '6.0.10\n' }, expected: { name: 'debian', family: 'debian', release: '6.0.10' } },
  'Linux Mint': { files: { 'os-release': osRelease('NAME="Linux Mint"', 'VERSION="21.3 (Virginia)"', 'ID=linuxmint', 'ID_LIKE="ubuntu debian"', 'PRETTY_NAME="Linux Mint 21.3"', 'VERSION_ID="21.3"') }, expected: { name: 'linuxmint', family: 'debian', release: '21.3' } },
  'Kali': { files: { 'os-release': osRelease('PRETTY_NAME="Kali GNU/Linux Rolling"', 'NAME="Kali GNU/Linux"', 'VERSION_ID="2024.1"', 'ID=kali', 'ID_LIKE=debian'), debian_version: 'kali-rolling\n' }, expected: { name: 'kali', family: 'debian', release: '2024.1' } },
  'Raspberry Pi OS, 64 bit': { files: { 'os-release': osRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', 'ID=debian', 'VERSION_ID="12"'), debian_version: '12.5\n', 'raspi-config': '' }, expected: { name: 'raspbian', family: 'debian', release: '12.5' } },
  'Devuan, which no table knows': { files: { 'os-release': osRelease('PRETTY_NAME="Devuan GNU/Linux 5 (daedalus)"', 'NAME="Devuan GNU/Linux"', 'VERSION_ID="5"', 'ID=devuan', 'ID_LIKE=debian'), debian_version: '12.1\n' }, expected: { name: 'devuan', family: 'debian', release: '5' } },
  'RHEL 9': { files: { 'os-release': osRelease('NAME="Red Hat Enterprise Linux"', 'VERSION="9.3 (Plow)"', 'ID="rhel"', 'ID_LIKE="fedora"', 'VERSION_ID="9.3"', 'PLATFORM_ID="platform:el9"', 'PRETTY_NAME="Red Hat Enterprise Linux 9.3 (Plow)"'), 'redhat-release': 'Red Hat Enterprise Linux release 9.3 (Plow)\n' }, expected: { name: 'redhat', family: 'redhat', release: '9.3' } },
  'CentOS 7': { files: { 'os-release': osRelease('NAME="CentOS Linux"', 'VERSION="7 (Core)"', 'ID="centos"', 'ID_LIKE="rhel fedora"', 'VERSION_ID="7"', 'PRETTY_NAME="CentOS Linux 7 (Core)"'), 'redhat-release': 'CentOS Linux release 7.9.2009 (Core)\n', 'system-release': 'CentOS Linux release 7.9.2009 (Core)\n' }, expected: { name: 'centos', family: 'redhat', release: '7.9.2009' } },
  'CentOS 6, before os-release': { files: { 'redhat-release': 'CentOS release 6.10 (Final)\n', 'system-release': 'CentOS release 6.10 (Final)\n' }, expected: { name: 'centos', family: 'redhat', release: '6.10' } },
  'Rocky 9': { files: { 'os-release': osRelease('NAME="Rocky Linux"', 'VERSION="9.3 (Blue Onyx)"', 'ID="rocky"', 'ID_LIKE="rhel centos fedora"', 'VERSION_ID="9.3"'), 'redhat-release': 'Rocky Linux release 9.3 (Blue Onyx)\n' }, expected: { name: 'rocky', family: 'redhat', release: '9.3' } },
  'AlmaLinux 9': { files: { 'os-release': osRelease('NAME="AlmaLinux"', 'ID="almalinux"', 'ID_LIKE="rhel centos fedora"', 'VERSION_ID="9.2"'), 'redhat-release': 'AlmaLinux release 9.2 (Turquoise Kodkod)\n' }, expected: { name: 'almalinux', family: 'redhat', release: '9.2' } },
  'Oracle 8': { files: { 'os-release': osRelease('NAME="Oracle Linux Server"', 'VERSION="8.9"', 'ID="ol"', 'ID_LIKE="fedora"', 'VERSION_ID="8.9"'), 'redhat-release': 'Red Hat Enterprise Linux release 8.9 (Ootpa)\n', 'oracle-release': 'Oracle Linux Server release 8.9\n' }, expected: { name: 'oracle', family: 'redhat', release: '8.9' } },
  'Oracle 5, before os-release': { files: { 'redhat-release': 'Red Hat Enterprise Linux Server release 5.11 (Tikanga)\n', 'enterprise-release': 'Enterprise Linux Enterprise Linux Server release 5.11 (Carthage)\n' }, expected: { name: 'oracle', family: 'redhat', release: '5.11' } },
  'Amazon 2023': { files: { 'os-release': osRelease('NAME="Amazon Linux"', 'VERSION="2023"', 'ID="amzn"', 'ID_LIKE="fedora"', 'VERSION_ID="2023"', 'PLATFORM_ID="platform:al2023"', 'PRETTY_NAME="Amazon Linux 2023"'), 'system-release': 'Amazon Linux release 2023 (Amazon Linux)\n' }, expected: { name: 'amazon', family: 'redhat', release: '2023' } },
  'Amazon 2': { files: { 'os-release': osRelease('NAME="Amazon Linux"', 'VERSION="2"', 'ID="amzn"', 'ID_LIKE="centos rhel fedora"', 'VERSION_ID="2"', 'PRETTY_NAME="Amazon Linux 2"'), 'system-release': 'Amazon Linux release 2 (Karoo)\n' }, expected: { name: 'amazon', family: 'redhat', release: '2' } },
  'Fedora 40': { files: { 'os-release': osRelease('NAME="Fedora Linux"', 'VERSION="40 (Server Edition)"', 'ID=fedora', 'VERSION_ID=40', 'PRETTY_NAME="Fedora Linux 40 (Server Edition)"'), 'redhat-release': 'Fedora release 40 (Forty)\n' }, expected: { name: 'fedora', family: 'fedora', release: '40' } },
  'openSUSE Leap': { files: { 'os-release': osRelease('NAME="openSUSE Leap"', 'VERSION="15.5"', 'ID="opensuse-leap"', 'ID_LIKE="suse opensuse"', 'VERSION_ID="15.5"') }, expected: { name: 'opensuse', family: 'suse', release: '15.5' } },
  'SLES 15': { files: { 'os-release': osRelease('NAME="SLES"', 'VERSION="15-SP5"', 'VERSION_ID="15.5"', 'ID="sles"', 'ID_LIKE="suse"') }, expected: { name: 'suse', family: 'suse', release: '15.5' } },
  'SLES 11, before os-release': { files: { 'SuSE-release': 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n' }, expected: { name: 'suse', family: 'suse', release: '11' } },
  'Alpine': { files: { 'os-release': osRelease('NAME="Alpine Linux"', 'ID=alpine', 'VERSION_ID=3.19.1', 'PRETTY_NAME="Alpine Linux v3.19"'), 'alpine-release': '3.19.1\n' }, expected: { name: 'alpine', family: 'linux', release: '3.19.1' } },
  'Alpine, before os-release': { files: { 'alpine-release': '2.4.11\n' }, expected: { name: 'alpine', family: 'linux', release: '2.4.11' } },
  'Arch': { files: { 'os-release': osRelease('NAME="Arch Linux"', 'PRETTY_NAME="Arch Linux"', 'ID=arch', 'BUILD_ID=rolling'), 'arch-release': '' }, expected: { name: 'arch', family: 'linux', release: 'rolling' } },
  'NixOS, which no table knows': { files: { 'os-release': osRelease('BUG_REPORT_URL="https://github.com/NixOS/nixpkgs/issues"', 'ID=nixos', 'NAME=NixOS', 'PRETTY_NAME="NixOS 23.11 (Tapir)"', 'VERSION_ID="23.11"') }, expected: { name: 'nixos', family: 'linux', release: '23.11', title: 'NixOS 23.11 (Tapir)' } },
  'Wolfi': { files: { 'os-release': osRelease('ID=wolfi', 'NAME="Wolfi"', 'PRETTY_NAME="Wolfi"', 'VERSION_ID="20230201"') }, expected: { name: 'wolfi', family: 'chainguard', release: '20230201' } },
  'a Linux that says nothing (a busybox chroot)': { files: { 'kernel-release': '6.1.0\n' }, expected: { name: 'linux', family: 'linux', release: '6.1.0' } },
}

/** From documentation, not from such machines. */
export const otherFixtures: Readonly<Record<string, Fixture & { readonly kernel: string }>> = {
  'FreeBSD': { kernel: 'FreeBSD', files: { 'kernel-release': '14.0-RELEASE\n' }, expected: { name: 'freebsd', family: 'bsd', release: '14.0-RELEASE' } },
  'FreeBSD with an os-release': { kernel: 'FreeBSD', files: { 'kernel-release': '14.0-RELEASE\n', 'os-release': 'NAME=FreeBSD\nID=freebsd\nVERSION_ID=14.0\n' }, expected: { name: 'freebsd', family: 'bsd', release: '14.0-RELEASE' } },
  'OpenBSD': { kernel: 'OpenBSD', files: { 'kernel-release': '7.4\n' }, expected: { name: 'openbsd', family: 'bsd', release: '7.4' } },
  'macOS': { kernel: 'Darwin', files: { 'kernel-release': '23.2.0\n', 'mac-version': '<plist><dict>\n<key>ProductName</key>\n<string>macOS</string>\n<key>ProductVersion</key>\n<string>14.2.1</string>\n</dict></plist>\n' }, expected: { name: 'mac_os_x', family: 'darwin', release: '14.2.1' } },
  'Darwin without macOS': { kernel: 'Darwin', files: { 'kernel-release': '23.2.0\n' }, expected: { name: 'darwin', family: 'darwin', release: '23.2.0' } },
  'SunOS, which no table knows yet': { kernel: 'SunOS', files: { 'kernel-release': '5.11\n' }, expected: { name: 'sunos', family: 'unix', release: '5.11' } },
}
