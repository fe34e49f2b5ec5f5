import nativeWs from '../../lib/index.mjs'
import { serveVite } from './dev-server.mjs'

await serveVite([nativeWs(JSON.parse(process.env.BENCH_OPTIONS ?? '{}'))])
