// The platforms that a Linux machine can run, besides its own: what each is built for, whose Node
// runs it, and how.
import { arm64Node, hostNode, muslNode, windowsNode } from './nodes.mjs'

/**
 * @typedef {object} Column
 * @property {string} name of the platform's package
 * @property {string} target Rust's name of what is built
 * @property {string} [glibc] the oldest version that the binary may ask for
 * @property {string} file what cargo calls the library
 * @property {{ os: string, cpu: string, libc?: string }} npm whose packages npm is to install
 * @property {() => import('./nodes.mjs').Program} node
 * @property {string} note what differs from what users have
 */

/** @type {Column[]} */
export const columns = [
  {
    name: 'win32-x64-msvc',
    // Microsoft's linker and libraries cannot be had; what is tested is Windows, not the linker.
    target: 'x86_64-pc-windows-gnu',
    file: 'vite_native_ws.dll',
    npm: { os: 'win32', cpu: 'x64' },
    node: windowsNode,
    note: 'Wine, built for windows-gnu',
  },
  {
    name: 'linux-x64-musl',
    target: 'x86_64-unknown-linux-musl',
    file: 'libvite_native_ws.so',
    npm: { os: 'linux', cpu: 'x64', libc: 'musl' },
    node: muslNode,
    note: 'musl in a root of its own',
  },
  {
    name: 'linux-arm64-gnu',
    target: 'aarch64-unknown-linux-gnu',
    glibc: '2.17',
    file: 'libvite_native_ws.so',
    npm: { os: 'linux', cpu: 'arm64', libc: 'glibc' },
    node: arm64Node,
    note: 'qemu-user',
  },
  {
    name: 'linux-x64-gnu',
    target: 'x86_64-unknown-linux-gnu',
    glibc: '2.17',
    file: 'libvite_native_ws.so',
    npm: { os: 'linux', cpu: 'x64', libc: 'glibc' },
    node: hostNode,
    note: 'built for glibc 2.17, run on this one',
  },
]
