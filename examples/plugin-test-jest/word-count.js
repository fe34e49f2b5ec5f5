/**
 * Counts words for the page: it answers `count:ask` with `count:answer`, and tells every page how
 * often it has been asked.
 *
 * @returns {import('vite').Plugin}
 */
function wordCount() {
  return {
    name: 'word-count',
    apply: 'serve',
    configureServer: ({ ws }) => answerQuestions(ws),
  }
}

/** All that has to do with the WebSocket stands apart, so that a test needs no dev server. */
function answerQuestions(ws) {
  let asked = 0
  ws.on('count:ask', ({ text }, client) => {
    client.send('count:answer', { words: text.split(/\s+/).filter(Boolean).length })
    asked += 1
    ws.send('count:asked', { asked })
  })
}

module.exports = { wordCount, answerQuestions }
