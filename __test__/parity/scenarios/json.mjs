import assert from 'node:assert/strict'

class Money {
  constructor(amount) {
    this.amount = amount
  }

  toJSON(key) {
    return `${this.amount} as ${key}`
  }
}

/** A size found without recursion, which deep data would end. */
function measure(data) {
  if (typeof data === 'string') return data.length
  if (!Array.isArray(data)) return Object.keys(data).length
  let depth = 0
  for (let at = data; at; at = at[0]) depth += 1
  return depth
}

const circle = {}
circle.self = circle

export default [
  {
    name: 'json_semantics',
    covers: 'payloads are what JSON.stringify makes of them',
    quick: true,
    async run(t) {
      const server = await t.start()
      const client = await t.join(server)
      const values = [
        undefined,
        null,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        -0,
        1e21,
        new Date(0),
        new Money(3),
        { a: undefined, b: () => {}, [Symbol('s')]: 1, c: [undefined, () => {}] },
        new Map([[1, 2]]),
        Buffer.from('ab'),
        Object.assign(Object.create({ inherited: 1 }), { own: 1 }),
        { 2: 'b', 1: 'a', z: 0 },
        new Error('hidden'),
        '\u2028\u2029</script>',
      ]
      for (const value of values) server.ws.send('value', value)
      const [face] = server.ws.clients
      for (const value of values) face.send('value', value)
      server.ws.send({ type: 'custom', event: 'extra', extra: true, data: 1 })
      server.ws.send({ order: 1, type: 'custom', event: 'keys' })
      server.ws.send({})
      server.ws.send({ type: 'never heard of', path: '/' })
      face.send({ type: 'full-reload', path: '/direct' })
      server.ws.send('three', 1, 2)
      server.ws.send('')
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'json_throws',
    covers: 'what JSON.stringify throws is thrown by send',
    quick: true,
    async run(t) {
      const server = await t.start()
      const client = await t.join(server)
      const [face] = server.ws.clients
      const thrown = (send) => {
        try {
          send()
          return 'nothing'
        } catch (error) {
          return `${error.constructor.name}: ${error.message.split('\n')[0]}`
        }
      }
      t.observe(
        'cyclic',
        thrown(() => server.ws.send('cyclic', circle)),
      )
      t.observe(
        'cyclic payload',
        thrown(() => server.ws.send({ type: 'custom', circle })),
      )
      t.observe(
        'cyclic to one',
        thrown(() => face.send('cyclic', circle)),
      )
      t.observe(
        'bigint',
        thrown(() => server.ws.send('big', 1n)),
      )
      t.observe(
        'toJSON',
        thrown(() => server.ws.send('own', { toJSON: () => circle.no.no })),
      )
      t.observe('no payload', thrown(() => server.ws.send()).split(':')[0])
      t.observe('null', thrown(() => server.ws.send(null)).split(':')[0])
      t.observe(
        'number',
        thrown(() => server.ws.send(1)),
      )
      server.ws.send('after', 1)
      t.observe('frames', await t.drain(server, client))
    },
  },
  {
    name: 'json_snapshot',
    covers: 'a payload is serialised at the time of send',
    quick: true,
    async run(t) {
      const server = await t.start()
      const client = await t.join(server)
      const data = { n: 1, deep: { list: [1] } }
      server.ws.send('data', data)
      data.n = 2
      data.deep.list.push(2)
      server.ws.send('data', data)
      data.deep = null
      const frames = await t.drain(server, client)
      assert.equal(frames[1], '{"type":"custom","event":"data","data":{"n":1,"deep":{"list":[1]}}}')
      t.observe('frames', frames)
    },
  },
  {
    name: 'unicode',
    covers: 'texts of all scripts, and lone surrogates, both ways',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('ünï:\u{1f600}', (data) => heard.push([data, [...data].length]))
      const client = await t.join(server)
      const [face] = server.ws.clients
      const texts = [
        'äöü €',
        '日本語',
        '\u{1f600}\u{1f469}\u200d\u{1f467}',
        'lone \ud800 high',
        'lone \udc00 low',
        '\udc00\ud800',
        'nul \0 and \x7f',
        '\ufeffmark',
        '\u{1f600}'.repeat(10_000),
        `${'a'.repeat(16_383)}\u{1f600}`,
        `${'a'.repeat(20_000)}\ud83d`,
      ]
      for (const text of texts) {
        server.ws.send('text', text)
        face.socket.send(text)
        client.emit('ünï:\u{1f600}', text)
        // Raw: what JSON.stringify would escape, a socket's own `send` does not.
        client.send(
          `{"type":"custom","event":"ünï:\u{1f600}","data":"${text.replaceAll('\0', '')}"}`,
        )
      }
      await t.flush(server, client)
      const frames = await t.drain(server, client)
      t.observe(
        'frames',
        frames.map((text) => Buffer.from(text).toString('hex').slice(0, 400)),
      )
      t.observe(
        'lengths',
        frames.map((text) => text.length),
      )
      t.observe(
        'heard',
        heard.map(([data, n]) => [Buffer.from(data, 'utf16le').toString('hex').slice(0, 400), n]),
      )
    },
  },
  {
    name: 'junk_messages',
    covers: 'messages that are no custom event are ignored',
    quick: true,
    async run(t) {
      const server = await t.start()
      const heard = []
      for (const event of ['known', '1', 'true', '[object Object]', 'null', 'x,y']) {
        server.ws.on(event, (data) =>
          heard.push([event, typeof data, JSON.stringify(data)?.length]),
        )
      }
      const client = await t.join(server)
      const junk = [
        '',
        ' ',
        'null',
        '[]',
        '{',
        '"text"',
        '0',
        'undefined',
        '{"type":"ping"}',
        '{"type":"custom"}',
        '{"type":"custom","event":""}',
        '{"type":"custom","event":null}',
        '{"type":"custom","event":1}',
        '{"type":"custom","event":true}',
        '{"type":"custom","event":{}}',
        '{"type":"custom","event":["x","y"]}',
        '{"type":"Custom","event":"known"}',
        '{"type":["custom"],"event":"known"}',
        '{"type":"custom","type":"other","event":"known"}',
        '{"type":"other","type":"custom","event":"known","data":"last wins"}',
        '{"event":"known","data":1,"type":"custom"}',
        ' \n\t{"type":"custom","event":"known","data":2} \r\n',
        '\ufeff{"type":"custom","event":"known","data":3}',
        '{"type":"custom","event":"known","data":4}{"type":"custom"}',
        '{"type":"custom","event":"kn\\u006fwn","data":5}',
        '{"\\u0074ype":"custom","event":"known","data":6}',
        '{"type":"custom","event":"known","data":1e999}',
        '{"type":"custom","event":"known","data":123456789012345678901234567890}',
        '{"type":"custom","event":"known","data":"\\ud800"}',
        '{"type":"custom","event":"known","data":01}',
        '{"type":"custom","event":"known","data":NaN}',
        "{'type':'custom','event':'known'}",
        '{"type":"custom","event":"known","data":1,}',
        '[{"type":"custom","event":"known"}]',
        '{"type":"custom","event":"unknown","data":1}',
      ]
      for (const text of junk) client.send(text)
      client.socket.send(Buffer.from('{"type":"custom","event":"known","data":"binary"}'))
      client.socket.send(Buffer.from([0xff, 0xfe, 0]))
      client.socket.send(Buffer.alloc(0))
      await t.flush(server, client)
      t.observe('heard', heard)
      assert.equal(client.socket.readyState, 1)
      t.observe('frames', await t.drain(server, client))
      t.observe('errors', t.log.lines('error'))
    },
  },
  {
    name: 'junk_huge_and_deep',
    covers: 'huge and deeply nested messages',
    async run(t) {
      const server = await t.start()
      const heard = []
      server.ws.on('known', (data) => heard.push(measure(data)))
      const client = await t.join(server)
      client.emit('known', 'x'.repeat(3 * 2 ** 20))
      for (const depth of [100, 127, 128, 129, 1_000, 5_000]) {
        const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
        client.send(`{"type":"custom","event":"known","data":${deep}}`)
        client.send(`{"data":${deep},"type":"custom","event":"known"}`)
      }
      client.send('['.repeat(200_000))
      client.send(`{"type":"custom","event":"known","data":"${'\\n'.repeat(100_000)}"}`)
      const keys = Array.from({ length: 20_000 }, (_, n) => `"k${n}":${n}`).join()
      client.send(`{"type":"custom",${keys},"event":"known","data":{${keys}}}`)
      await t.flush(server, client)
      t.observe('heard', heard)
      assert.equal(heard[0], 3 * 2 ** 20)
    },
  },
]
