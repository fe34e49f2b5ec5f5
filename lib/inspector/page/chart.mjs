/** Seconds that are drawn. */
const SECONDS = 120

/** Two rates over the last two minutes: in and out, from counters that only grow. */
export class Chart {
  constructor(canvas, label, format) {
    this.canvas = canvas
    this.label = label
    this.format = format
    this.samples = []
    this.last = undefined
  }

  reset() {
    this.last = undefined
  }

  /** @param {number} time Milliseconds. @param {{ in: number, out: number }} counters */
  add(time, counters) {
    const { last } = this
    if (last && time - last.time < 900) return
    if (last) {
      const seconds = (time - last.time) / 1000
      const rate = (way) => Math.max(0, (counters[way] - last.counters[way]) / seconds)
      this.samples.push({ time, in: rate('in'), out: rate('out') })
    }
    this.last = { time, counters }
    while (this.samples.length > SECONDS) this.samples.shift()
    this.draw(time)
  }

  draw(now) {
    const { canvas, samples } = this
    const scale = devicePixelRatio || 1
    const [width, height] = [canvas.clientWidth, canvas.clientHeight]
    canvas.width = width * scale
    canvas.height = height * scale
    const context = canvas.getContext('2d')
    context.scale(scale, scale)
    const top = Math.max(1, ...samples.map((sample) => Math.max(sample.in, sample.out)))
    const style = getComputedStyle(document.documentElement)
    for (const way of ['out', 'in']) {
      const color = style.getPropertyValue(`--${way}`)
      // The colour is that of the page's theme, which only an element can resolve.
      canvas.style.color = color
      context.strokeStyle = getComputedStyle(canvas).color
      context.fillStyle = context.strokeStyle
      this.line(context, samples, way, { now, width, height, top })
    }
    const { in: inwards = 0, out: outwards = 0 } = samples.at(-1) ?? {}
    this.label.textContent = `↓ ${this.format(inwards)} · ↑ ${this.format(outwards)} · peak ${this.format(top)}`
  }

  line(context, samples, way, { now, width, height, top }) {
    if (samples.length === 0) return
    const place = (sample) => [
      width - ((now - sample.time) / 1000 / SECONDS) * width,
      height - 2 - (sample[way] / top) * (height - 6),
    ]
    context.beginPath()
    for (const sample of samples) context.lineTo(...place(sample))
    context.lineWidth = 1.5
    context.stroke()
    context.lineTo(place(samples.at(-1))[0], height)
    context.lineTo(place(samples[0])[0], height)
    context.globalAlpha = 0.12
    context.fill()
    context.globalAlpha = 1
  }
}
