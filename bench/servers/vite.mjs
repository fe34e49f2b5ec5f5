import { serveVite } from './dev-server.mjs'

await serveVite([])
