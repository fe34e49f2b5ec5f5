'use strict'

// Preloaded: what a process in a WebContainer looks like.
const versions = { ...process.versions, webcontainer: '1.5.0' }
Object.defineProperty(process, 'versions', { value: versions })
