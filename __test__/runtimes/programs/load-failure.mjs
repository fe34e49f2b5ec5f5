// Says why the binary cannot be loaded, without Vite.
import { createWebSocketServer } from 'vite-native-ws'

try {
  createWebSocketServer(null, {})
  console.log('{}')
} catch ({ message, code }) {
  console.log(JSON.stringify({ errors: [{ message, code }] }))
}
