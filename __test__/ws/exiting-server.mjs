// A server that ends its process in the middle of something. Arguments: the implementation, and how.
import { IMPLEMENTATIONS } from './implementations.mjs'

const CODE = 3
const exit = () => process.exit(CODE)

/** What a server does with its only connection, whose client says `go`. */
const ENDINGS = {
  'in the callback of a send': (socket) => {
    socket.send('first')
    socket.send('last', exit)
  },
  'in the callback of a large send': (socket) => {
    socket.send('x'.repeat(300_000), exit)
  },
  'in the callback of a ping': (socket) => {
    socket.send('first')
    socket.ping('last', false, exit)
  },
  'right behind a close': (socket) => {
    socket.send('last')
    socket.close(1001, 'bye')
    exit()
  },
  'in the listener that answers': (socket) => {
    socket.on('close', exit)
    socket.send('last')
    socket.terminate()
  },
  'with sends in exit listeners, before and after the others': (socket) => {
    process.prependListener('exit', () => socket.send('before'))
    process.on('exit', () => socket.send('after'))
    socket.send('first')
    exit()
  },
  'with a close in an exit listener': (socket) => {
    process.on('exit', () => socket.close(4000, 'over'))
    exit()
  },
  'with an exit listener that throws': (socket) => {
    process.on('exit', () => {
      socket.send('last')
      throw new Error('made up')
    })
    exit()
  },
  'by an uncaught error': (socket) => {
    socket.send('last')
    throw new Error('made up')
  },
  'by an error in a callback': (socket) => {
    socket.send('last', () => {
      throw new Error('made up')
    })
  },
  'in a listener of uncaught errors': (socket) => {
    process.once('uncaughtException', () => {
      socket.send('caught')
      exit()
    })
    socket.send('first')
    throw new Error('made up')
  },
  'by process.abort() in a callback': (socket) => {
    socket.send('last', () => process.abort())
  },
  'by a signal in a callback': (socket) => {
    socket.send('last', () => process.kill(process.pid, 'SIGKILL'))
  },
}

const [implementation, how] = process.argv.slice(2)
if (how === 'list') console.log(JSON.stringify(Object.keys(ENDINGS)))
else {
  const { api, options } = IMPLEMENTATIONS.find(({ name }) => name === implementation)
  const server = new api.WebSocketServer({ port: 0, host: '127.0.0.1', ...options })
  server.on('listening', () => console.log(server.address().port))
  server.on('connection', (socket) => socket.once('message', () => ENDINGS[how](socket)))
}
