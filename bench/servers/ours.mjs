import nativeWs from '../../lib/index.mjs'
import { serveVite } from './dev-server.mjs'

await serveVite([nativeWs()])
