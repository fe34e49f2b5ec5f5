const step = 1

// The count lives in hot.data, the one place that outlives this module's own replacement.
const data = import.meta.hot?.data ?? {}
data.count ??= 0

const output = document.querySelector('#count')
const button = document.querySelector('#increment')

function show() {
  output.textContent = data.count
  button.textContent = `+${step}`
}

function increment() {
  data.count += step
  show()
}

button.addEventListener('click', increment)
show()

if (import.meta.hot) {
  import.meta.hot.accept()
  import.meta.hot.dispose(() => button.removeEventListener('click', increment))
}
