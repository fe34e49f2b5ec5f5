const output = document.querySelector('#pong')

if (import.meta.hot) {
  document.querySelector('#ping').addEventListener('click', () => {
    import.meta.hot.send('demo:ping', { sentAt: performance.now() })
  })

  import.meta.hot.on('demo:pong', ({ sentAt, answered }) => {
    output.dataset.answered = answered
    output.textContent = `answer ${answered} after ${(performance.now() - sentAt).toFixed(1)} ms`
  })
}
